"""A visitor's own model on the pages: inspected, used, said to be unknown, and let go."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.engines.onnx_models import Written, classifier, kernel, saved
from tests.ui.foreign_text import HOSTILE, assert_plain
from xray_app.core.errors import EngineError, ServerBusy
from xray_app.inspection import Use, brought_card, inspection
from xray_app.inspection.inspection import inspect_bytes
from xray_app.ui.session import own_model

PAGES = "xray_app/ui/pages"


@pytest.fixture(autouse=True)
def in_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(inspection, "call_in_child", lambda f, *arguments, **_: f(*arguments))
    yield
    st.cache_resource.clear()  # ends the processes
    assert own_model._total == 0


def used(app: AppTest, data: bytes, labels: str = "", scheme: str | None = None) -> AppTest:
    app.run().switch_page(f"{PAGES}/inside.py").run()
    app.file_uploader(key="inside_model").upload("mine.onnx", data).run()
    if labels:
        app.text_area[0].set_value(labels).run()
    if scheme:
        next(s for s in app.main.selectbox if s.label.startswith("Trained")).select(scheme).run()
    app.button(key="own_use").click().run()
    assert not app.exception
    return app


def test_it_is_used_on_every_page_and_said_first(app: AppTest, tmp_path: Path) -> None:
    data = saved(classifier(), tmp_path).read_bytes()
    used(app, data, "Normal\nBacterial\n*Viral*")
    assert app.selectbox(key="model").options[-1] == "Your own: mine.onnx"
    app.switch_page(f"{PAGES}/diagnose.py").run()
    assert not app.exception
    said = app.main.warning[0].value
    assert said.startswith("mine.onnx is your own model: nothing checks whether it knows")
    assert any("Nothing checks whether this model knows" in c.value for c in app.main.caption)
    assert app.main.success[0].value.startswith("**Fits training.**")
    assert any("not calibrated" in c.value for c in app.main.caption)
    assert "model" not in app.query_params  # no link can open it
    heading = app.main.header[0].value
    assert any(name in heading for name in ("Normal", "Bacterial", "Viral"))
    for page in ("compare", "models", "inside", "card"):
        app.switch_page(f"{PAGES}/{page}.py").run()
        assert not app.exception
        assert any("mine.onnx is your own model" in w.value for w in app.main.warning)
        assert not app.main.error


def test_what_its_file_says_is_shown_as_it_is(app: AppTest, tmp_path: Path) -> None:
    model = classifier()
    model.producer_name = HOSTILE
    used(app, saved(model, tmp_path).read_bytes(), f"{HOSTILE}\n{HOSTILE}\n{HOSTILE} c")
    assert_plain(app)
    app.switch_page(f"{PAGES}/diagnose.py").run().button(key="stability").click().run()
    assert_plain(app)
    for page in ("compare", "models", "card"):
        app.switch_page(f"{PAGES}/{page}.py").run()
        assert not app.exception
        assert_plain(app)


def test_its_button_does_not_hold_the_file(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit keeps a button's callback until the visit ends, whatever becomes of the file."""
    held: list[object] = []
    button = st.button

    def noted(*arguments: object, **options: Any) -> bool:
        callback = options.get("on_click")
        if isinstance(callback, partial):
            held.extend(callback.args)
        return button(*arguments, **options)

    monkeypatch.setattr(st, "button", noted)
    used(app, saved(classifier(), tmp_path).read_bytes())
    assert held and not any(isinstance(each, bytes) for each in held)
    app.button(key="own_drop").click().run()


def test_without_its_file_it_is_not_used(app: AppTest, tmp_path: Path) -> None:
    data = saved(classifier(), tmp_path).read_bytes()
    app.run().switch_page(f"{PAGES}/inside.py").run()
    app.file_uploader(key="inside_model").upload("mine.onnx", data).run()
    app.session_state["kept_inside_model"] = None
    app.button(key="own_use").click().run()
    assert [e.value for e in app.main.error] == [
        "Expected the model's file, received none; upload it again."
    ]


def test_let_go_it_is_gone(app: AppTest, tmp_path: Path) -> None:
    used(app, saved(classifier(), tmp_path).read_bytes())
    app.button(key="own_drop").click().run()
    assert not app.exception
    assert app.selectbox(key="model").value == "cxr_efficientnetb4"
    assert not any("own" in option for option in app.selectbox(key="model").options)


def test_without_a_quick_map_none_is_made_and_the_slow_ones_are_offered(
    app: AppTest, tmp_path: Path
) -> None:
    written = Written().body().add("GlobalMaxPool").add("Flatten").add("Gemm", kernel(3))
    data = saved(written.model(["N", 3, 32, 32]), tmp_path).read_bytes()
    app.run().switch_page(f"{PAGES}/inside.py").run()
    app.file_uploader(key="inside_model").upload("mine.onnx", data).run()
    assert any("Choose the scheme" in i.value for i in app.main.info)
    next(s for s in app.main.selectbox if s.label.startswith("Trained")).select("rescale").run()
    app.button(key="own_use").click().run()
    app.switch_page(f"{PAGES}/diagnose.py").run()
    assert not app.exception
    assert app.selectbox(key="explanation").options[0] == "None"
    assert len(app.selectbox(key="explanation").options) == 4
    app.selectbox(key="explanation").select("scorecam").run()
    assert not app.exception


def test_too_many_names_are_said(app: AppTest, tmp_path: Path) -> None:
    used(app, saved(classifier(), tmp_path).read_bytes(), "a\nb")
    assert any("Expected 3 class names" in e.value for e in app.main.error)


def test_what_visitors_hold_together_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = saved(classifier(), tmp_path).read_bytes()
    card = brought_card(inspect_bytes(data, "mine.onnx"), Use())
    monkeypatch.setattr(own_model, "MAX_BYTES", int(1.5 * len(data)))
    first, second = own_model.OwnModel(), own_model.OwnModel()
    first.put(card, data)
    with pytest.raises(ServerBusy, match="Other visitors' models"):
        second.put(card, data)
    first.drop()
    second.put(card, data)
    with pytest.raises(EngineError, match="not in this session any more"):
        first.engine(card)
    second.drop()
    assert own_model._total == 0
