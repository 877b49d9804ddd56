"""Frames, windows and archives in the sidebar, under AppTest."""

import io
import zipfile

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.made_files import RAMP, png, tiff
from tests.readers.reader_files import dicom
from tests.ui.pages import upload
from xray_app.ui.widgets.choices import source
from xray_app.ui.widgets.choices.box import told_apart


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, data in files.items():
            file.writestr(name, data)
    return buffer.getvalue()


def file_statistics(app: AppTest) -> list[str]:
    """Min, max, mean and std of the values in the file."""
    return [str(app.table[0].value[name].iloc[0]) for name in ("Min", "Max", "Mean", "Std")]


def test_a_zip_counts_as_its_files(app: AppTest) -> None:
    upload(app, "both.zip", archive({"a.png": png(RAMP), "folder/b.png": png(255 - RAMP)}))
    assert not app.exception
    assert app.selectbox(key="shown").options == ["a.png", "b.png"]
    app.selectbox(key="shown").select_index(1).run()
    assert not app.exception
    assert not app.error


def shown_source(app: AppTest) -> source.Source:
    found: source.Source = app.session_state["selection"].source
    return found


def test_two_files_of_one_name_are_told_apart(app: AppTest) -> None:
    """The browser sends labels: of two that are the same, the last would always be taken."""
    first, second = png(RAMP), png(255 - RAMP)
    uploader = app.run().file_uploader(key="uploads")
    uploader.upload("IM0001.png", first).upload("IM0001.png", second).run()
    box = app.selectbox(key="shown")
    assert box.options == ["IM0001.png", "IM0001.png (2)"]
    app.selectbox(key="scheme").select("rescale").run()  # a click on something else
    assert shown_source(app).data == first
    app.selectbox(key="shown").select_index(1).run()
    assert shown_source(app).data == second
    app.selectbox(key="shown").select_index(0).run()
    assert shown_source(app).data == first
    assert "IM0001.png (2)" in app.selectbox(key="beside").options


def test_options_of_one_label_are_told_apart() -> None:
    label = told_apart(["a", "b", "c"], {"a": "A model", "b": "A model", "c": "C"}.__getitem__)
    assert [label(name) for name in "abc"] == ["A model", "A model (2)", "C"]


def test_many_zips_stop_at_a_total(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small ones can hold much: each is unpacked only while there is room."""
    monkeypatch.setattr(source, "_MAX_INFLATED", len(png(RAMP)) + 1)
    packed = archive({"a.png": png(RAMP)})
    uploader = app.run().file_uploader(key="uploads")
    for name in ("1.zip", "2.zip", "3.zip"):
        uploader.upload(name, packed)
    uploader.run()
    assert app.selectbox(key="shown").options == ["a.png", "a.png (2)", "3.zip"]
    assert not app.error
    app.selectbox(key="shown").select_index(2).run()
    assert not app.exception
    (said,) = [box.value for box in app.error]
    assert said.startswith("Expected at most 0 MB in all zips together")


@pytest.mark.parametrize(
    "data", [archive({}), archive({"a.png": png(RAMP)})[:60]], ids=["empty", "cut short"]
)
def test_a_bad_zip_is_one_sentence_and_the_sidebar_stays(app: AppTest, data: bytes) -> None:
    upload(app, "bad.zip", data)
    assert not app.exception
    assert len(app.error) == 1
    assert "xpected" in app.error[0].value
    assert app.sidebar.selectbox(key="scheme")


def test_another_page_of_a_tiff(app: AppTest) -> None:
    upload(app, "pages.tif", tiff(np.stack([RAMP, RAMP // 2])))
    assert file_statistics(app)[1] == "255"
    app.sidebar.number_input[0].set_value(2).run()
    assert not app.exception
    assert file_statistics(app)[1] == "127"


def test_another_window_of_a_deep_file(app: AppTest) -> None:
    deep = np.tile(np.linspace(0, 4095, 64).astype(np.uint16), (64, 1))
    upload(app, "deep.tif", tiff(deep))
    assert not app.exception
    before = app.table[1].value
    window = next(s for s in app.sidebar.selectbox if s.label == "Window")
    window.set_value("own").run()
    app.sidebar.slider[0].set_value((1000.0, 2000.0)).run()
    assert not app.exception
    assert not app.table[1].value.equals(before)
    assert file_statistics(app)[1] == "4095"  # what is in the file stays what it is


def test_an_8_bit_file_has_nothing_to_choose(app: AppTest) -> None:
    upload(app, "plain.png", png(RAMP))
    assert "Window" not in [s.label for s in app.sidebar.selectbox]
    assert not app.sidebar.number_input


def test_a_window_that_ruins_the_picture_has_a_click_beside_it(app: AppTest) -> None:
    image = np.tile(np.arange(0, 4096, 64, dtype=np.uint16), (64, 1))
    upload(app, "flat.dcm", dicom(image, bits=12, WindowCenter=20, WindowWidth=40))
    assert "as pure white" in app.warning[0].value
    app.button(key="window_range").click().run()
    assert not app.exception
    assert not any("pure white" in warning.value for warning in app.warning)
    assert file_statistics(app)[1] == "4032"
