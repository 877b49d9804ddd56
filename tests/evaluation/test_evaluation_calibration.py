"""Calibration: temperatures by hand, and a known one found again."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.fakes import FakeEngine, card_content, fake_card
from xray_app.cards.card import parse_card
from xray_app.core.errors import CardError, InputError
from xray_app.core.probabilities import CALIBRATIONS, softmax
from xray_app.diagnosis.prediction import calibrate_logits
from xray_app.evaluation.calibration import calibrate
from xray_app.evaluation.temperatures import (
    choose_threshold,
    compare_methods,
    fit_temperatures,
    log_loss,
)

LOGITS = np.array([[2.0, 1.0, 0.0], [-1.0, 3.0, 1.5], [0.0, 0.0, 0.0]])


def test_softmax_by_hand() -> None:
    assert_allclose(softmax(np.log([[1.0, 2.0, 5.0]])), [[0.125, 0.25, 0.625]])
    assert_allclose(softmax(np.array([[1000.0, 1000.0]])), [[0.5, 0.5]])


@pytest.mark.parametrize("name", CALIBRATIONS)
def test_temperatures_of_one_change_nothing(name: str) -> None:
    method = CALIBRATIONS[name]
    assert_allclose(method.apply(LOGITS, (1.0,) * method.count), softmax(LOGITS), atol=1e-12)
    flat = method.apply(LOGITS, (3.0,) * method.count)
    assert_allclose(flat.sum(axis=1), 1.0)
    assert (flat.max(axis=1)[:2] < softmax(LOGITS).max(axis=1)[:2]).all()


def test_two_temperatures_by_hand() -> None:
    # Positive has odds 4 : 2, kinds 3 : 1; at temperature 2 odds become square roots.
    found = CALIBRATIONS["two_temperatures"].apply(np.log([[2.0, 3.0, 1.0]]), (2.0, 2.0))
    positive = 2**0.5 / (1 + 2**0.5)
    first = 3**0.5 / (1 + 3**0.5)
    assert_allclose(found, [[1 - positive, positive * first, positive * (1 - first)]])


def drawn(temperature: float, count: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and labels drawn from the probabilities at that temperature."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0.0, 3.0, (count, 3))
    cumulative = softmax(logits / temperature).cumsum(axis=1)
    return logits, (rng.random((count, 1)) > cumulative).sum(axis=1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_a_known_temperature_is_found(temperature: float) -> None:
    logits, labels = drawn(temperature)
    assert fit_temperatures("temperature", logits, labels) == pytest.approx([temperature], rel=0.06)


def test_the_methods_are_compared_on_other_patients() -> None:
    logits, labels = drawn(2.5, 600)
    none, one, two = compare_methods(logits, labels, [str(i // 2) for i in range(600)])
    assert none.log_loss == pytest.approx(log_loss(softmax(logits), labels))
    assert one.log_loss < none.log_loss
    assert (none.method, len(none.temperatures)) == ("none", 0)
    assert (two.method, len(two.temperatures)) == ("two_temperatures", 2)


def test_the_threshold_lies_in_the_middle_of_the_widest_gap() -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.7, 0.9])
    assert choose_threshold(scores, scores > 0.5) == pytest.approx(0.5)


def test_the_card_says_how() -> None:
    calibration = {
        "method": "temperature", "temperatures": [2.0], "fitted_on": "made up", "command": "none",
    }  # fmt: skip
    card = fake_card(calibration=calibration)
    assert_allclose(calibrate_logits(card, LOGITS), softmax(LOGITS / 2.0))
    assert_allclose(calibrate_logits(fake_card(), LOGITS), softmax(LOGITS))
    wrong = card_content(calibration=calibration | {"temperatures": [1.0, 2.0]})
    with pytest.raises(CardError, match="expected 1 temperatures"):
        parse_card(wrong, "fake")


def without(data: Path, out: Path, unwanted: Callable[[str], bool]) -> Path:
    """A copy of a zip without some of its files."""
    with zipfile.ZipFile(data) as archive, zipfile.ZipFile(out, "w") as target:
        for name in archive.namelist():
            if not unwanted(name):
                target.writestr(name, archive.read(name))
    return out


@pytest.mark.parametrize(
    ("unwanted", "sentence"),
    [
        (lambda n: "NORMAL" in n, r"every class in val/, found none of normal"),
        (lambda n: "NORMAL" not in n, r"found none of bacterial_pneumonia, viral_pneumonia"),
        (lambda n: "viral_p" in n, r"found none of viral_pneumonia"),
    ],
)
def test_what_has_no_threshold_is_not_calibrated(
    engine: FakeEngine, data: Path, tmp_path: Path, unwanted: Callable[[str], bool], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        calibrate(engine, without(data, tmp_path / "made_up.zip", unwanted))


def test_one_patient_can_not_be_cross_validated(
    engine: FakeEngine, data: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(data) as archive, zipfile.ZipFile(tmp_path / "one.zip", "w") as target:
        for name in archive.namelist():
            if name.startswith("val/"):
                folder = name.rsplit("/", 1)[0]
                target.writestr(f"{folder}/person1_virus_{name[-6:]}", archive.read(name))
    with pytest.raises(InputError, match="of at least two patients in val/, received those of one"):
        calibrate(engine, tmp_path / "one.zip")


def test_equal_scores_have_no_threshold(engine: FakeEngine, data: Path) -> None:
    engine.head = np.zeros_like(engine.head)
    with pytest.raises(InputError, match="received the same for all"):
        calibrate(engine, data)
