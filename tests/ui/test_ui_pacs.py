"""The picker of the PACS and storing back, under AppTest with a small PACS on this machine."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.testing.v1 import AppTest

from tests.documents.made import LINKED, PATIENT, secrets, source
from tests.pacs.servers import Handler, Server, serving, small_pacs, stored_objects
from tests.ui.pages import texts
from xray_app import pacs
from xray_app.ui import navigation

PAGE, DIAGNOSE = "xray_app/ui/pages/pacs.py", "xray_app/ui/pages/diagnose.py"
SEARCH, STORE = "FormSubmitter:pacs_query-Search", "pacs_store"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with serving(small_pacs(source())) as running:
        monkeypatch.setenv("XRAY_APP_PACS_URL", running.settings().url)
        yield running


def everything(app: AppTest) -> bytes:
    """All that is sent to the browser, and the address, as bytes."""
    nodes = [node for root in (app.main, app.sidebar) for node in root]
    sent = [str(node.proto) for node in nodes if getattr(node, "proto", None) is not None]
    return "\n".join([*sent, str(dict(app.query_params))]).encode()


def searched(app: AppTest) -> AppTest:
    app.run().switch_page(PAGE).run()
    app.text_input(key="pacs_name").set_value("Quin")
    return app.button(key=SEARCH).click().run()


def opened(app: AppTest) -> AppTest:
    searched(app).button(key="pacs_open_0").click().run()
    app.button(key="pacs_image_0").click().run()
    return app.switch_page(DIAGNOSE).run()  # AppTest does not follow st.switch_page at a next run


def test_without_a_pacs_there_is_no_such_page() -> None:
    assert "pacs.py" not in [file for file, *_ in navigation._shown()]


def test_the_picker_shows_whose_it_is(app: AppTest, server: Server) -> None:
    searched(app)
    assert not app.exception
    assert "**Quintessa Zebulon**" in texts(app)
    assert "ID PID-778899" in texts(app)
    assert "2024-05-06" in texts(app).replace("\\", "")
    assert any(caption.value.endswith("1 object") for caption in app.caption)
    assert b"Zebulon" in everything(app)
    assert "PatientName=Quin*" in server.came[0][0]
    app.button(key="pacs_clear").click().run()
    assert "Quintessa" not in texts(app)


def test_an_opened_radiograph_names_nobody(app: AppTest, server: Server) -> None:
    opened(app)
    assert not app.exception
    assert "Opened from the PACS: DX image" in texts(app)
    assert len(app.success) + len(app.warning) + len(app.error) >= 1  # a result is there
    assert b"DX image" in everything(app)
    assert [word for word in secrets() if word in everything(app)] == []
    app.button(key="let_go").click().run()
    assert "Opened from the PACS" not in texts(app)


def test_one_click_stores_the_result_once(app: AppTest, server: Server) -> None:
    opened(app)
    assert not [one for one in server.came if one[2]]  # nothing without the click
    app.button(key=STORE).click().run()
    assert not app.exception
    assert "4 objects, in the same study" in texts(app)
    ((path, _, body),) = [one for one in server.came if one[2]]
    assert path == f"/dicom-web/studies/{PATIENT['StudyInstanceUID']}"
    objects = stored_objects(body)
    assert {one.Modality for one in objects} == {"OT", "SR", "PR", "DOC"}
    for one in objects:
        assert {k: str(one[k].value) for k in LINKED} == {k: PATIENT[k] for k in LINKED}
        assert "research only" in one.SeriesDescription
    assert STORE not in [button.key for button in app.button]


def test_a_second_click_while_it_stores_stores_nothing_more(
    app: AppTest, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(app)
    store = pacs.store

    def clicked_meanwhile(*arguments: Any) -> int:
        count = store(*arguments)
        if len([one for one in server.came if one[2]]) == 1:
            click_again()
        return count

    monkeypatch.setattr(pacs, "store", clicked_meanwhile)
    app.button(key=STORE).click().run()
    assert not app.exception
    assert len([one for one in server.came if one[2]]) == 1
    assert "4 objects, in the same study" in texts(app)


def click_again() -> None:
    """Ask for a run with the button clicked, as the browser does while another is at work."""
    context = get_script_run_ctx()
    assert context is not None
    known = context.session_state._state._new_widget_state.widget_metadata
    clicked = WidgetStates()
    clicked.widgets.add(id=next(key for key in known if STORE in key), trigger_value=True)
    asked = RerunData(
        query_string="", widget_states=clicked, page_script_hash=context.page_script_hash
    )
    assert context.script_requests is not None
    context.script_requests.request_rerun(asked)


def test_what_was_not_opened_from_the_pacs_is_not_stored(app: AppTest, server: Server) -> None:
    opened(app).button(key="let_go").click().run()
    assert STORE not in [button.key for button in app.button]
    app.file_uploader(key="uploads").upload("a.dcm", source(), "application/dicom").run()
    assert STORE not in [button.key for button in app.button]


def refusing(handler: Handler) -> None:
    handler.give(403)


def test_what_the_server_refuses_is_one_sentence(app: AppTest, server: Server) -> None:
    opened(app)
    server.answer = refusing
    app.button(key=STORE).click().run()
    (error,) = [box.value for box in app.error if "403" in box.value]
    assert "forbids this" in error
    assert not app.exception
    assert STORE in [button.key for button in app.button]  # it can be tried again
    searched(app)
    assert "forbids this" in app.error[0].value
    assert "Quintessa" not in texts(app)


def test_what_can_not_be_looked_for_is_one_sentence(app: AppTest, server: Server) -> None:
    """Below it are no studies of the search before, which would look like its answer."""
    searched(app)
    before = len(server.came)
    app.text_input(key="pacs_id").set_value("PID*")
    app.button(key=SEARCH).click().run()
    assert "Expected a whole ID" in app.error[0].value
    assert "Quintessa" not in texts(app)
    assert len(server.came) == before


def test_a_wrong_setting_is_one_sentence(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XRAY_APP_PACS_URL", "pacs")
    app.run().switch_page(PAGE).run()
    assert "Expected an address such as" in app.error[0].value
    assert not app.exception
