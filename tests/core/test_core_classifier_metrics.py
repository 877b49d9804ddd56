"""Figures worked out by hand, and the bootstrap against what theory says."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import binomtest

from xray_app.core.classifier_metrics import (
    area_under_curve,
    brier_score,
    calibration_error,
    fraction,
    fraction_interval,
    interval,
    mean_interval,
    once,
    predictive_values,
    reliability,
    resample_groups,
    roc_points,
    unanimous_interval,
)

SCORES = np.array([0.1, 0.4, 0.35, 0.8])
TRUTH = np.array([False, False, True, True])


def test_area_by_hand() -> None:
    # Of the four pairs of diseased and healthy, three are in the right order.
    assert area_under_curve(SCORES, TRUTH, once(4)) == pytest.approx([0.75])
    assert area_under_curve(np.full(4, 0.5), TRUTH, once(4)) == pytest.approx([0.5])
    assert area_under_curve(-SCORES, TRUTH, once(4)) == pytest.approx([0.25])


def test_area_counts_repeated_images() -> None:
    counts = np.array([[2.0, 1.0, 0.0, 3.0]])
    repeated = np.repeat(np.arange(4), [2, 1, 0, 3])
    expected = area_under_curve(SCORES[repeated], TRUTH[repeated], once(6))
    assert_allclose(area_under_curve(SCORES, TRUTH, counts), expected)


def test_area_equals_the_area_under_the_points() -> None:
    rng = np.random.default_rng(1)
    scores, truth = np.round(rng.random(200), 1), rng.random(200) < 0.4
    false_rates, true_rates = np.array(roc_points(scores, truth)).T
    assert (false_rates[0], true_rates[0], false_rates[-1], true_rates[-1]) == (0, 0, 1, 1)
    area = np.trapezoid(true_rates, false_rates)
    assert area == pytest.approx(area_under_curve(scores, truth, once(200))[0])


def test_every_corner_is_kept_however_many_images_there_are() -> None:
    """A step to the right and one up of 20,000 images each are no straight line."""
    scores, truth = np.arange(40_000) / 40_000, np.arange(40_000) % 2 == 1
    points = np.array(roc_points(scores, truth))
    assert len(points) == 40_001
    area = np.trapezoid(points[:, 1], points[:, 0])
    assert area == pytest.approx(area_under_curve(scores, truth, once(40_000))[0], abs=1e-12)


def test_an_absent_class_is_not_a_number() -> None:
    assert np.isnan(area_under_curve(SCORES, np.zeros(4, bool), once(4)))[0]
    assert np.isnan(fraction(TRUTH, np.zeros(4, bool), once(4)))[0]


def test_brier_by_hand() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.0, 1.0, 0.0]])
    # 0.3^2 + 0.2^2 + 0.1^2 = 0.14 for the first, 0 for the second.
    assert brier_score(probabilities, np.array([0, 1]), once(2)) == pytest.approx([0.07])
    assert brier_score(np.eye(3), np.array([1, 2, 0]), once(3)) == pytest.approx([2.0])


def test_calibration_error_by_hand() -> None:
    # 0.9 three times, right twice: 0.9 - 2/3; 0.5 once, right: 0.5. (3 x 0.2333 + 0.5) / 4
    confidence = np.array([0.9, 0.9, 0.9, 0.5])
    right = np.array([True, True, False, True])
    assert calibration_error(confidence, right, once(4)) == pytest.approx([0.3])
    bins = reliability(confidence, right)
    assert [b.images for b in bins] == [1, 3]
    assert bins[1].fraction == pytest.approx(2 / 3)
    assert calibration_error(np.ones(5), np.ones(5, bool), once(5)) == pytest.approx([0.0])


def test_predictive_values_by_bayes() -> None:
    # 1,000 patients, 100 diseased: 90 found, 10 missed; of 900 healthy 45 are alarmed needlessly.
    positive, negative = predictive_values(np.array([0.9]), np.array([0.95]), 0.1)
    assert positive == pytest.approx([90 / 135])
    assert negative == pytest.approx([855 / 865])


def test_resamples_draw_whole_patients() -> None:
    draws = resample_groups(["a", "b", "b", "c"], 500, seed=0)
    assert draws.shape == (500, 4)
    assert_array_equal(draws[:, 1], draws[:, 2])
    assert_array_equal(draws[:, [0, 1, 3]].sum(axis=1), 3.0)
    assert_array_equal(draws, resample_groups(["a", "b", "b", "c"], 500, seed=0))


def test_flags_that_are_all_alike_have_the_exact_ends_of_as_many_patients() -> None:
    """The end at which ten of ten have a chance of 2.5 %; their images count once a patient."""
    patients = [str(i // 3) for i in range(30)]
    end = 0.025**0.1
    found = fraction_interval(np.ones(30), patients)
    assert (found.value, found.low, found.high) == (1.0, pytest.approx(end, abs=1e-4), 1.0)
    found = fraction_interval(np.zeros(30), patients)
    assert (found.value, found.low, found.high) == (0.0, 0.0, pytest.approx(1 - end, abs=1e-4))
    mixed = np.arange(30.0) % 2
    assert fraction_interval(mixed, patients) == mean_interval(mixed, patients)


@pytest.mark.parametrize("number", [1, 2, 18, 203])
@pytest.mark.parametrize("is_one", [True, False])
def test_the_end_where_all_agree_is_scipys(is_one: bool, number: int) -> None:
    ends = binomtest(number * is_one, number).proportion_ci(0.95, method="exact")
    found = unanimous_interval(is_one, number)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), abs=5.1e-5)


def test_the_interval_of_a_share_is_as_wide_as_theory_says() -> None:
    right = np.arange(400) < 320
    draws = resample_groups([str(i) for i in range(400)], 4000, seed=3)
    everyone = np.ones(400, bool)
    found = interval(0.8, fraction(right, everyone, draws))
    half = 1.96 * (0.8 * 0.2 / 400) ** 0.5
    assert (found.low, found.high) == pytest.approx((0.8 - half, 0.8 + half), abs=0.004)
