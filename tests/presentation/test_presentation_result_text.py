"""One result as lines of text: what is said beside the prediction, and when."""

import numpy as np
import pytest

from tests.conftest import make_radiograph
from tests.fakes import FakeEngine, fake_card
from tests.gate_rules import gated
from xray_app.core.records import Radiograph
from xray_app.diagnosis.diagnosis import diagnose
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.presentation.result_text import diagnosis_text

SETS = {"coverage": 0.9, "quantile": 1.0, "fitted_on": "made up", "command": "none"}


def test_how_sure_it_is_holds_for_what_was_fed_as_trained(radiograph: Radiograph) -> None:
    engine = FakeEngine(fake_card(conformal=SETS))
    said = diagnosis_text(engine.card, diagnose(engine, radiograph, Choices()))
    assert "At 90%" in said
    wrong = diagnose(engine, radiograph, Choices("rescale"))
    said = diagnosis_text(engine.card, wrong)
    assert "At 90%" not in said
    trained = wrong.trained_prediction
    label = engine.card.label(trained.predicted)
    given = f"the same image gives {label} {trained.top_probability:.2f}."
    assert f"Fed as trained (raw), {given}" in said


def test_nothing_is_sure_of_an_image_that_the_model_does_not_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = gated(monkeypatch)
    engine.card = engine.card.model_copy(update={"conformal": fake_card(conformal=SETS).conformal})
    bright = make_radiograph(np.full((40, 40), 255, np.uint8))
    said = diagnosis_text(engine.card, diagnose(engine, bright, Choices()))
    assert "At 90%" not in said
    assert "This is outside what the model knows." in said
