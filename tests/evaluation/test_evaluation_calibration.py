"""Calibration: temperatures by hand, and a known one found again."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from tests.fakes import FakeEngine, card_content, fake_card
from xray_app.cards.card import parse_card
from xray_app.core.classifier_metrics import chance_band, wilson_interval
from xray_app.core.errors import CardError, InputError
from xray_app.core.probabilities import CALIBRATIONS, likely_classes, softmax
from xray_app.diagnosis.prediction import calibrate_logits
from xray_app.evaluation.calibration import _conformal, _threshold, calibrate
from xray_app.evaluation.conformal import conformal_quantile
from xray_app.evaluation.figures import between_kinds
from xray_app.evaluation.temperatures import (
    NOISY,
    Fit,
    choose_fit,
    choose_threshold,
    compare_methods,
    fit_noisy,
    fit_temperatures,
    log_loss,
    with_noise,
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
    none, one, two, _ = compare_methods(logits, labels, [str(i // 2) for i in range(600)])
    assert none.log_loss == pytest.approx(log_loss(softmax(logits), labels))
    assert one.log_loss < none.log_loss
    assert (none.method, len(none.temperatures)) == ("none", 0)
    assert (two.method, len(two.temperatures)) == ("two_temperatures", 2)


def noisy(count: int = 6000) -> tuple[np.ndarray, np.ndarray]:
    """As ``drawn`` at 1.5; a fifth of the bacterial labels says viral, a tenth the opposite."""
    logits, labels = drawn(1.5, count)
    rng = np.random.default_rng(1)
    chance = rng.random(count)
    written = labels.copy()
    written[(labels == 1) & (chance < 0.2)] = 2
    written[(labels == 2) & (chance < 0.1)] = 1
    return logits, written


def test_wrong_labels_by_hand() -> None:
    found = with_noise(np.array([[0.2, 0.5, 0.3]]), (0.1, 0.2))
    # 0.5 less a tenth plus a fifth of 0.3; the first class is never confused.
    assert_allclose(found, [[0.2, 0.5 * 0.9 + 0.3 * 0.2, 0.3 * 0.8 + 0.5 * 0.1]])
    assert_allclose(with_noise(found, (0.0, 0.0)), found)


def test_temperature_and_wrong_labels_are_found_together() -> None:
    logits, written = noisy()
    temperature, to_third, to_second = fit_noisy(logits, written)
    assert temperature == pytest.approx(1.5, rel=0.1)
    assert to_third == pytest.approx(0.2, abs=0.03)
    assert to_second == pytest.approx(0.1, abs=0.03)
    # Without them the model is called much too sure.
    assert fit_temperatures("temperature", logits, written)[0] > 1.1 * temperature


def test_a_fit_that_knows_of_wrong_labels_is_chosen_where_there_are_any() -> None:
    logits, written = noisy(2000)
    fits = compare_methods(logits, written, [str(i) for i in range(2000)])
    assert choose_fit(fits).method == NOISY
    assert fits[-1].log_loss < fits[0].log_loss


def test_it_is_preferred_where_it_is_as_good_and_not_where_it_is_worse() -> None:
    rng = np.random.default_rng(0)
    losses = rng.random(100)
    other = Fit("temperature", (1.0,), losses)
    same = Fit(NOISY, (1.0,), losses + 0.01 * rng.standard_normal(100), (0.0, 0.0))
    worse = Fit(NOISY, (1.0,), losses + 0.5, (0.4, 0.4))
    assert choose_fit((other, same)).method == NOISY
    assert choose_fit((other, worse)).method == "temperature"
    assert choose_fit((other,)).method == "temperature"


def test_two_classes_have_no_kinds_to_confuse() -> None:
    logits, labels = drawn(1.0, 200)
    fits = compare_methods(logits[:, :2], labels % 2, [str(i) for i in range(200)])
    assert NOISY not in {fit.method for fit in fits}


def test_the_conformal_quantile_by_hand() -> None:
    # Ten images: the true class has probability 0.95, 0.85, ... 0.05. Rank ceil(11 x 0.9) is 10.
    true = np.arange(0.95, 0.0, -0.1)
    probabilities = np.stack([true, 1.0 - true], axis=1)
    labels = np.zeros(10, int)
    assert conformal_quantile(probabilities, labels) == pytest.approx(0.95)
    assert conformal_quantile(probabilities, labels, 0.5) == pytest.approx(0.55)
    assert conformal_quantile(probabilities[:5], labels[:5]) is None  # too few for nine in ten


@pytest.mark.parametrize("quantile", [0.61231, 0.61239, 0.6123, 0.1 + 0.2, 0.99999, 1.0, 0.0])
def test_the_written_quantile_is_never_below_the_exact_one(quantile: float) -> None:
    """Ten images of which the true class is as improbable as the quantile at most."""
    probabilities = np.tile([1.0 - quantile, quantile], (10, 1))
    labels = np.zeros(10, int)
    exact = conformal_quantile(probabilities, labels)
    origin = {"fitted_on": "val/", "command": "none"}
    written = _conformal(probabilities, labels, origin)
    assert exact is not None
    assert written is not None
    assert exact <= written.quantile < exact + 1.0001e-4
    assert likely_classes(probabilities, written.quantile)[:, 0].all()


@given(st.integers(0, 10_000), st.sampled_from([0.5, 0.8, 0.9]))
@settings(max_examples=20)
def test_sets_hold_the_truth_as_often_as_promised(seed: int, coverage: float) -> None:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet((1.0, 1.0, 1.0), 3000)
    labels = (rng.random((3000, 1)) > probabilities.cumsum(axis=1)).sum(axis=1)
    quantile = conformal_quantile(probabilities[:1500], labels[:1500], coverage)
    assert quantile is not None
    inside = likely_classes(probabilities[1500:], quantile)
    assert inside.any(axis=1).all()
    held = inside[np.arange(1500), labels[1500:]].mean()
    assert held > coverage - 0.05


def test_chance_shows_a_perfectly_calibrated_model_an_error() -> None:
    confidence = np.full(400, 0.8)
    band = chance_band(confidence, 4000, 0)
    # One bin: the error is the distance of 400 coins' mean from 0.8, whose deviation is 0.02.
    assert band.value == pytest.approx(0.02 * (2 / np.pi) ** 0.5, rel=0.05)
    assert band.high == pytest.approx(0.02 * 2.241, rel=0.07)  # the 97.5 % point of |z|
    assert chance_band(np.ones(5), 10, 0).high == 0.0


@pytest.mark.parametrize(("successes", "images"), [(0, 10), (5, 10), (10, 10), (3, 400)])
def test_wilson_is_scipys(successes: int, images: int) -> None:
    from scipy.stats import binomtest

    expected = binomtest(successes, images).proportion_ci(0.95, method="wilson")
    found = wilson_interval(successes / images, images)
    assert found == pytest.approx((expected.low, expected.high), abs=1e-6)
    assert wilson_interval(0.0, 0) == (0.0, 1.0)


def test_the_threshold_lies_in_the_middle_of_the_widest_gap() -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.7, 0.9])
    assert choose_threshold(scores, scores > 0.5) == pytest.approx(0.5)


@pytest.mark.parametrize(
    "scores, written",
    [
        ([0.1, 0.2, 0.8, 0.9], 0.5),
        ([0.1, 0.99996, 0.99998, 0.999996], 0.99997),  # four digits would be 1.0: no one positive
        ([1e-9, 2e-9, 4e-9, 5e-9], 3e-9),  # and here 0.0: everyone positive
        ([0.2, 0.99994, 1.0, 1.0], 0.99997),  # 1.0 would call the same, but no card takes it
    ],
)
def test_the_written_threshold_calls_every_image_as_the_chosen_one(
    scores: list[float], written: float
) -> None:
    positive = np.array([False, False, True, True])
    threshold = _threshold(np.array(scores), positive)
    assert threshold == pytest.approx(written, rel=1e-12)
    assert ((np.array(scores) >= threshold) == positive).all()


def test_kinds_that_both_vanish_are_a_coin_between_the_two() -> None:
    probabilities = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.2, 0.6, 0.2], [0.2, 0.2, 0.6]])
    found = between_kinds(probabilities, np.array([1, 2, 1, 2]), np.ones((1, 4)))
    assert found["kinds_auc"] == pytest.approx(0.875)  # of 4 pairs 3 right, 1 a tie


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
