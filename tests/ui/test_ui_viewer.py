"""The viewer on the page Diagnose, as far as the server goes: what it gets, and what it may ask."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.fakes import FakeEngine
from tests.made_files import DEEP, RAMP, png
from tests.readers.reader_files import dicom
from tests.ui.pages import upload
from tests.ui.viewers import viewers
from xray_app.core.errors import InputError
from xray_app.readers import read_radiograph
from xray_app.ui.viewer import panes
from xray_app.ui.widgets import file_controls
from xray_app.ui.widgets.choices import source


def steps(app: AppTest) -> str:
    trail = next(table.value for table in app.table if "Step" in table.value.columns)
    return "\n".join(trail["What was done"])


def state_after(data: bytes, asked: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> dict:
    """What the session holds after the viewer asked for a window for the model."""
    state: dict[str, object] = {}
    with monkeypatch.context() as patch:
        patch.setattr(file_controls.st, "session_state", state)
        file_controls.use_window("KEY", read_radiograph(data).controls, asked)
    return state


def give_model(app: AppTest, state: dict[str, object]) -> None:
    (key,) = {viewer["pixels"]["key"].rpartition(" ")[0] for viewer in viewers(app)}
    for name, value in state.items():
        app.session_state[name.replace("KEY", key)] = value
    app.run()
    assert not app.exception


def test_both_viewers_show_the_same_pixels_and_overlays_send_none_anew(
    app: AppTest, engine: FakeEngine
) -> None:
    app.run()
    radiograph, heatmap = viewers(app)
    assert [radiograph["kind"], heatmap["kind"]] == ["radiograph", "heatmap"]
    assert radiograph["pixels"] == heatmap["pixels"]
    assert radiograph["heat"] is None
    calls = engine.calls
    app.slider(key="opacity").set_value(0.2).run()
    later = viewers(app)[1]
    assert later["pixels"] == heatmap["pixels"]
    assert later["heat"]["levels"] == heatmap["heat"]["levels"]
    assert later["heat"]["colours"] != heatmap["heat"]["colours"]
    assert engine.calls == calls


def test_a_window_for_the_model_is_in_the_trail(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = dicom(DEEP, bits=12, WindowCenter=[2048, 900], WindowWidth=[4096, 500])
    upload(app, "deep.dcm", data)
    assert "center 2048, width 4096" in steps(app)
    state = state_after(data, {"low": -500.0, "high": 5000.5}, monkeypatch)
    give_model(app, state)
    assert "chosen: LINEAR_EXACT, center 2250.25, width 5500.5" in steps(app)
    assert app.sidebar.slider[0].value == (-500.0, 5000.5)  # beyond what the file holds
    app.sidebar.slider[0].set_value((0.0, 1000.0)).run()
    assert "center 500, width 1000" in steps(app)
    give_model(app, state_after(data, {"name": "window 2"}, monkeypatch))
    assert "LINEAR, center 900, width 500" in steps(app)


def test_a_window_of_an_8_bit_file_can_be_given_to_the_model_and_taken_back(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(app, "plain.png", png(RAMP))
    assert "Window" not in [s.label for s in app.sidebar.selectbox]
    give_model(app, state_after(png(RAMP), {"low": 50.0, "high": 150.0}, monkeypatch))
    assert "center 100, width 100" in steps(app)
    (window,) = [s for s in app.sidebar.selectbox if s.label == "Window"]
    window.set_value("declared").run()
    assert "LINEAR_EXACT" not in steps(app)


@pytest.mark.parametrize("ends", [(5.0, 5.0), (9.0, 1.0), (0.0, float("inf"))])
def test_no_window_is_one_sentence(
    ends: tuple[float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="Expected a window whose lower end"):
        state_after(png(RAMP), {"low": ends[0], "high": ends[1]}, monkeypatch)


@pytest.mark.parametrize("asked", [{"low": 1e20, "high": 1e20}, {"low": None, "high": 5.0}])
def test_a_window_that_is_refused_is_said_once_on_the_page(
    app: AppTest, asked: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A callback runs outside the page's boundary; infinity arrives as null."""
    state: dict[str, object] = {}
    with monkeypatch.context() as patch:
        patch.setattr(panes.st, "session_state", state)
        panes._use("KEY", read_radiograph(png(RAMP)).controls, asked)
    (key,) = state
    app.run().session_state[key] = state[key]
    assert app.run().error[0].value.startswith("Expected a window whose lower end")
    assert not app.run().error


def test_a_second_radiograph_stands_beside_and_the_model_is_not_asked(
    app: AppTest, engine: FakeEngine
) -> None:
    app.run()
    app.file_uploader(key="uploads").set_value(
        [("a.png", png(RAMP), "image/png"), ("b.png", png(RAMP // 2), "image/png")]
    ).run()
    beside = app.selectbox(key="beside")
    assert beside.options[:3] == ["Its heatmap", "b.png", "Bacterial pneumonia 1 (AI-generated)"]
    calls = engine.calls
    beside.select_index(1).run()
    assert not app.exception
    assert engine.calls == calls
    first, second = viewers(app)
    assert [first["kind"], second["kind"]] == ["radiograph", "other"]
    assert second["alt"] == "Radiograph b.png, beside the first"
    assert first["pixels"]["key"] != second["pixels"]["key"]
    app.file_uploader(key="uploads").set_value([("a.png", png(RAMP), "image/png")]).run()
    assert not app.exception  # what stood beside has gone
    assert viewers(app)[1]["kind"] == "heatmap"


def test_what_was_opened_before_can_stand_beside_what_is_open(app: AppTest) -> None:
    """As from a PACS: the current radiograph, then an earlier one of the same patient."""
    app.run()
    state: dict[str, object] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source.st, "session_state", state)
        for name in ("current.png", "prior.png"):
            source.open_source(source.Source(name, name, png(RAMP), False))
    for key, value in state.items():
        app.session_state[key] = value
    app.run()
    assert not app.exception
    beside = app.selectbox(key="beside")
    assert beside.options[:2] == ["Its heatmap", "current.png"]
    app.button(key="let_go").click().run()
    assert "current.png" not in app.selectbox(key="beside").options
