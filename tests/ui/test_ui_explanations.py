"""Which explanations are offered, and the slow ones' bar, under Streamlit's AppTest."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.fakes import FakeEngine
from xray_app.cards.faithfulness_record import FAITHFULNESS_FILE
from xray_app.core.errors import EngineError
from xray_app.explain.registry import EXPLANATIONS, SLOW
from xray_app.ui.session import slow_explanations
from xray_app.ui.widgets import explanation_choice

CAPTION = "Saporta et al. 2022"


def record(*good: str, outside: float = 1.0, corners: float = 1.0) -> dict[str, object]:
    return {
        "results": [{"method": name, "beats_random": name in good} for name in EXPLANATIONS],
        "placement": {
            "thresholds": {"gradcam": outside},
            "corner_thresholds": {"gradcam": corners},
        },
    }


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object] | None]:
    """What was measured of the model; the test exchanges it."""
    held: list[dict[str, object] | None] = [record("gradcam", "hirescam")]
    monkeypatch.setattr(explanation_choice, "checked", lambda card: held[0])
    return held


def captions(app: AppTest) -> str:
    return "\n".join(c.value for c in app.caption)


def test_only_what_beats_a_random_map_is_offered(
    app: AppTest, known: list[dict[str, object] | None]
) -> None:
    app.run()
    assert not app.exception
    assert app.selectbox(key="explanation").options == ["Grad-CAM", "HiResCAM"]
    app.toggle(key="all_explanations").set_value(True).run()
    options = app.selectbox(key="explanation").options
    assert len(options) == len(EXPLANATIONS)
    assert "LayerCAM, not shown to beat random" in options
    app.selectbox(key="explanation").set_value("layercam").run()
    assert not app.exception
    # Taking the toggle back takes the choice back.
    app.toggle(key="all_explanations").set_value(False).run()
    assert app.selectbox(key="explanation").value == "gradcam"
    assert not app.exception


def test_a_model_that_was_not_checked_offers_all_and_says_so(
    app: AppTest, known: list[dict[str, object] | None]
) -> None:
    known[0] = None
    app.run()
    assert len(app.selectbox(key="explanation").options) == len(EXPLANATIONS)
    assert "Not checked for this model" in captions(app)
    assert {toggle.key for toggle in app.toggle} == {"outlines"}


def test_a_model_none_of_whose_maps_is_good_says_so(
    app: AppTest, known: list[dict[str, object] | None]
) -> None:
    known[0] = record()
    app.run()
    assert len(app.selectbox(key="explanation").options) == len(EXPLANATIONS)
    assert "no map of the last layer is shown to beat a random one" in captions(app)


@pytest.mark.parametrize("method", [name for name in SLOW if name in EXPLANATIONS])
def test_a_slow_explanation_shows_a_bar_and_then_its_map(
    app: AppTest,
    engine: FakeEngine,
    known: list[dict[str, object] | None],
    monkeypatch: pytest.MonkeyPatch,
    method: str,
) -> None:
    fractions: list[float] = []
    original = st.delta_generator.DeltaGenerator.progress

    def seen(self: object, value: float, text: str | None = None) -> object:
        fractions.append(value)
        assert text is not None
        assert text.startswith(EXPLANATIONS[method].label)
        return original(self, value, text)

    monkeypatch.setattr(st.delta_generator.DeltaGenerator, "progress", seen)
    known[0] = record(*EXPLANATIONS)
    app.run()
    app.selectbox(key="explanation").set_value(method).run()
    assert not app.exception
    assert fractions[0] == 0.0
    assert fractions[-1] == 1.0
    assert fractions == sorted(fractions)
    assert any(f", {EXPLANATIONS[method].label} at " in c.value for c in app.main.caption)
    assert app.selectbox(key="layer").disabled
    # Kept: a change of opacity runs nothing.
    calls = engine.calls
    app.slider(key="opacity").set_value(0.2).run()
    assert engine.calls == calls


def test_no_bar_stays_beside_the_error_of_a_slow_explanation(
    app: AppTest,
    known: list[dict[str, object] | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise EngineError("The model took too long.")

    known[0] = record(*EXPLANATIONS)
    app.run()
    monkeypatch.setattr(slow_explanations, "explained_by", fails)
    app.selectbox(key="explanation").set_value("scorecam").run()
    assert "The model took too long." in " ".join(e.value for e in app.error)
    assert not app.get("progress")


def test_compare_falls_back_in_plain_sight_and_obeys_if_asked(
    app: AppTest, engine: FakeEngine, known: list[dict[str, object] | None]
) -> None:
    known[0] = record(*EXPLANATIONS)
    app.run()
    app.selectbox(key="explanation").set_value("scorecam").run()
    app.switch_page("xray_app/ui/pages/compare.py").run()
    assert not app.exception
    assert "the maps here are Grad-CAM's" in "\n".join(i.value for i in app.info)
    calls = engine.calls
    app.toggle(key="slow_compare").set_value(True).run()
    assert not app.exception
    assert engine.calls > calls


def test_unusual_evidence_and_what_is_known_of_heatmaps_are_said(
    app: AppTest, known: list[dict[str, object] | None]
) -> None:
    app.run()
    assert CAPTION in captions(app)
    known[0] = record("gradcam", outside=-1.0)
    app.run()
    assert any("Of this evidence lie" in w.value for w in app.warning)
    known[0] = record("gradcam")
    app.run()
    assert not any("Of this evidence lie" in w.value for w in app.warning)


def test_a_broken_record_counts_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.fakes import fake_card

    (tmp_path / "fake").mkdir()
    monkeypatch.setenv("XRAY_APP_MODELS", str(tmp_path))
    assert explanation_choice.checked(fake_card()) is None
    (tmp_path / "fake" / FAITHFULNESS_FILE).write_text("{}")
    assert explanation_choice.checked(fake_card()) is None
