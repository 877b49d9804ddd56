"""What a visitor chose is still chosen after a look at another page, or at another file."""

import ast
import gc
import json
import weakref

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT
from tests.made_files import DEEP, tiff
from tests.ui.batch_page import (
    BRIGHT,
    DARK,
    FILES,
    choose_scheme,
    finish,
    job_of,
    label,
    of_job,
    select,
)
from xray_app.ui.widgets.choices import lasting_upload, source

PAGES = "xray_app/ui/pages/"
CHOSEN: dict[str, list[tuple[str, str, object]]] = {
    "diagnose.py": [("selectbox", "beside", "sample:normal_3")],
    "inside.py": [
        ("number_input", "inside_number", 300.0),
        ("segmented_control", "inside_scale", "unit"),
        ("text_input", "inside_declared_name", "keras:MobileNetV2"),
    ],
    "study.py": [
        ("segmented_control", "regime", "frozen"),
        ("segmented_control", "metric", "ece"),
        ("segmented_control", "curve", "loss"),
    ],
}
# On purpose: the search form, and the link to the original study, name a patient; and what takes a
# minute is asked for each time.
FORGETFUL = [
    "pacs.py: 'pacs_since'",
    "pacs.py: 'pacs_until'",
    "pacs.py: 'pacs_modality'",
    "pacs.py: key",
    "slow_explanations.py: 'slow_compare'",
    "downloads.py: key",
]
CAN_KEEP = {
    "selectbox", "slider", "number_input", "toggle", "checkbox", "segmented_control",
    "multiselect", "text_input", "text_area", "date_input", "radio", "pills", "select_slider",
}  # fmt: skip


def go(app: AppTest, file: str) -> AppTest:
    app.switch_page(PAGES + file).run()
    assert not app.exception
    return app


def test_each_page_is_found_as_it_was_left(app: AppTest) -> None:
    app.run()
    for page, boxes in CHOSEN.items():
        go(app, page)
        for kind, key, value in boxes:
            getattr(app, kind)(key=key).set_value(value).run()
            assert not app.exception
    for page, boxes in CHOSEN.items():
        go(app, page)
        assert [getattr(app, kind)(key=key).value for kind, key, _ in boxes] == [
            value for *_, value in boxes
        ]
    go(app, "inside.py")
    assert app.slider(key="inside_slider").value == 255  # as far as it goes for 300


def test_a_files_frame_and_window_are_kept_for_each_file(app: AppTest) -> None:
    app.run()
    files = [("a.tif", tiff(np.stack([DEEP, DEEP])), "image/tiff"), ("b.png", DARK, "image/png")]
    app.file_uploader(key="uploads").set_value(files).run()

    def windowed() -> tuple[object, ...]:
        window = next(box for box in app.sidebar.selectbox if box.label == "Window")
        return app.sidebar.number_input[0].value, window.value, app.sidebar.slider[0].value

    app.sidebar.number_input[0].set_value(2).run()
    next(box for box in app.sidebar.selectbox if box.label == "Window").set_value("own").run()
    app.sidebar.slider[0].set_value((1000.0, 2000.0)).run()
    chosen = windowed()
    assert chosen == (2, "own", (1000.0, 2000.0))
    first = app.selectbox(key="shown").value
    app.selectbox(key="shown").select_index(1).run()
    assert not app.sidebar.number_input
    app.selectbox(key="shown").set_value(first).run()
    assert windowed() == chosen
    key = next(box.key for box in app.sidebar.selectbox if box.label == "Window")
    go(app, "study.py")  # where no radiograph is read; the slider's key ends with the frame
    assert app.session_state[key] == "own"
    assert app.session_state[key.replace("window_", "ends_") + "_2"] == (1000.0, 2000.0)


@pytest.fixture
def forgotten(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that were let go of, in order."""
    names: list[str] = []
    monkeypatch.setattr(
        lasting_upload, "forget", lambda files: names.extend(file.name for file in files)
    )
    return names


def test_a_pages_own_files_are_kept_until_they_are_let_go(
    app: AppTest, forgotten: list[str]
) -> None:
    declared = json.dumps({"image_mean": [0.5] * 3, "image_std": [0.5] * 3}).encode()
    go(app.run(), "inside.py")
    for name in ("mine.json", "other.json"):
        app.file_uploader(key="inside_declared").upload(name, declared).run()
        go(app, "study.py")
        go(app, "inside.py")
        assert any(f"Still here: {name}" in caption.value for caption in app.caption)
        assert f"Declared: {name}" in app.subheader[0].value
    assert forgotten == ["mine.json"], "what another file replaced"
    held = weakref.ref(app.session_state["kept_inside_declared"])
    app.button(key="drop_inside_declared").click().run()
    assert not app.exception
    assert not app.subheader
    assert forgotten == ["mine.json", "other.json"]
    app.run()
    gc.collect()
    assert held() is None, "something still holds what was let go of"


def test_what_a_batch_shall_score_is_kept_until_it_starts(
    page: AppTest, forgotten: list[str]
) -> None:

    def put(*names: str) -> None:
        uploads = [(name, DARK, "image/png") for name in names]
        page.file_uploader(key="batch_uploads").set_value(uploads).run()

    go(page, "batch.py")
    put("a.png", "b.png")
    put("b.png", "c.png")  # one was taken away
    go(go(page, "study.py"), "batch.py")
    assert any("Still here: 2 files from before" in caption.value for caption in page.caption)
    page.button(key="batch_start").click().run()
    assert not page.exception
    job = job_of(page)
    assert job is not None
    assert sorted(item.name for item in job.order.items) == ["b.png", "c.png"]
    assert sorted(forgotten) == ["b.png", "c.png"]
    assert "kept_batch_uploads" not in page.session_state
    assert job.wait(60)


def test_what_is_from_before_is_let_go_of_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten: list[str] = []
    state = {"kept_x": {"1": "a.png", "2": "b.png"}, "shown_x": {"2"}}
    monkeypatch.setattr(lasting_upload, "forget", forgotten.extend)
    monkeypatch.setattr(lasting_upload.st, "session_state", state)
    lasting_upload._drop_from_before("x")
    assert (state["kept_x"], forgotten) == ({"2": "b.png"}, ["a.png"])


def test_filters_and_labels_last_as_long_as_the_batch(page: AppTest) -> None:
    finish(page, FILES)
    page.segmented_control(key=of_job(page, "batch_shown")).set_value("error").run()
    label(page, b"name,label\ndark.png,normal\nbright.png,viral_pneumonia\n")
    go(page, "study.py")
    go(page, "batch.py")
    assert page.segmented_control(key=of_job(page, "batch_shown")).value == "error"
    assert any("Still here: labels.csv" in caption.value for caption in page.caption)
    before = of_job(page, "kept_batch_labels")
    choose_scheme(page, "rescale").button(key="batch_again").click().run()
    job = job_of(page)
    assert job is not None
    assert job.wait(60)
    page.run()
    assert any("Still here: labels.csv" in caption.value for caption in page.caption)
    now = of_job(page, "kept_batch_labels")
    page.button(key="batch_clear").click().run()
    assert before not in page.session_state
    assert now not in page.session_state
    finish(page, FILES)
    assert page.segmented_control(key=of_job(page, "batch_shown")).value == "all"


def test_a_row_opens_at_its_own_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also after its file was left at another frame."""
    state: dict[str, object] = {"frame_batch:a-1": 3}
    monkeypatch.setattr(source.st, "session_state", state)
    source.open_source(source.Source("batch:a-1", "a.dcm", b"", False), 1)
    assert state["frame_batch:a-1"] == 1


def test_an_upload_stands_beside_what_the_batch_opens(page: AppTest) -> None:
    """As soon as the row is open, though ``st.switch_page`` forgets the upload for that run."""
    page.file_uploader(key="uploads").upload("mine.png", BRIGHT).run()
    finish(page, {"dark.png": DARK})
    select(page, 0)
    page.button(key="batch_open").click().run()
    assert any("Opened from the batch: dark.png" in c.value for c in page.sidebar.caption)
    assert "mine.png" in page.selectbox(key="beside").options


def test_every_box_says_that_it_keeps_what_is_chosen() -> None:
    """Also those that no test above visits."""
    forgetful = []
    for path in sorted((ROOT / "xray_app" / "ui").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in CAN_KEEP:
                given = {word.arg: ast.unparse(word.value) for word in call.keywords}
                if "persist_state" not in given:
                    forgetful.append(f"{path.name}: {given.get('key')}")
    assert forgetful == FORGETFUL


def test_only_these_draw_an_uploader() -> None:
    """A page that draws its own forgets the file."""
    found = {
        path.name
        for path in (ROOT / "xray_app" / "ui").rglob("*.py")
        if ".file_uploader(" in path.read_text()
    }
    assert found == {"lasting_upload.py", "source.py"}
