"""The classes that can't be told apart: in the prediction, in words, in JSON and in a row."""

import numpy as np
import pytest

from tests.fakes import SIZE, FakeEngine, fake_card
from xray_app.batch.model import Scorer
from xray_app.core.probabilities import likely_classes
from xray_app.core.records import Radiograph
from xray_app.diagnosis.diagnosis import diagnose
from xray_app.diagnosis.prediction import predict
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.presentation.plain import diagnosis_to_dict
from xray_app.presentation.words import certainty, likely_sentence

BASIS = {"fitted_on": "made up", "command": "none"}
BACTERIAL, VIRAL = "bacterial_pneumonia", "viral_pneumonia"


@pytest.mark.parametrize(
    ("quantile", "likely", "sentence"),
    [
        (0.1, (BACTERIAL,), "At 90%: Bacterial pneumonia alone."),
        (0.65, (BACTERIAL, VIRAL), "Bacterial pneumonia or viral pneumonia; the model can't tell"),
        (1.0, ("normal", BACTERIAL, VIRAL), "At 90% no class can be left out"),
    ],
)
def test_the_set_by_hand(quantile: float, likely: tuple[str, ...], sentence: str) -> None:
    chosen = fake_card(conformal={"coverage": 0.9, "quantile": quantile, **BASIS})
    # Probabilities 0.1, 0.5 and 0.4; the most probable is in the set even where none is likely.
    prediction = predict(chosen, np.log(np.array([0.1, 0.5, 0.4], np.float32)))
    assert prediction.likely == likely
    assert sentence in str(likely_sentence(chosen, prediction))


def test_a_card_without_sets_says_nothing(fake: FakeEngine, radiograph: Radiograph) -> None:
    diagnosis = diagnose(fake, radiograph, Choices())
    assert diagnosis.prediction.likely is None
    assert diagnosis_to_dict(diagnosis, "a.png")["likely"] is None
    assert "At 90" not in certainty(fake.card, diagnosis)


def test_the_same_set_in_json_in_words_and_in_a_row(radiograph: Radiograph) -> None:
    engine = FakeEngine(fake_card(conformal={"coverage": 0.9, "quantile": 1.0, **BASIS}))
    diagnosis = diagnose(engine, radiograph, Choices())
    names = ["normal", BACTERIAL, VIRAL]
    assert diagnosis_to_dict(diagnosis, "a.png")["likely"] == names
    assert "no class can be left out" in certainty(engine.card, diagnosis)
    (result,) = Scorer(engine).score([np.full((SIZE, SIZE), 0.5, np.float32)])
    assert result.fields["likely"] == "|".join(names)


def test_equal_probabilities_are_all_likely() -> None:
    assert likely_classes(np.full((2, 3), 1 / 3), 0.0).all()
