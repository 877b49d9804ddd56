import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray_app.core.classifier_metrics import Interval, resample_groups
from xray_app.training.fit.metrics import Outcome, auc, figures, outcome


def alone(images: int) -> list[str]:
    """Patients with one image each."""
    return [str(i) for i in range(images)]


def each_alone(images: int, count: int) -> np.ndarray:
    return resample_groups(alone(images), count, seed=0)


def of(scores: list[float], positive: list[int]) -> Outcome:
    return Outcome(np.array(scores, np.float64), np.array(positive, bool))


@pytest.mark.parametrize(
    ("scores", "positive", "expected"),
    [
        ([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], 0.75),
        ([0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1], 1.0),
        ([0.9, 0.8, 0.2, 0.1], [0, 0, 1, 1], 0.0),
        ([0.5, 0.5, 0.5, 0.5], [0, 1, 0, 1], 0.5),
        ([0.2, 0.5, 0.5, 0.9], [0, 0, 1, 1], 0.875),
    ],
)
def test_auc_by_hand(scores: list[float], positive: list[int], expected: float) -> None:
    assert auc(of(scores, positive)) == pytest.approx(expected)


def test_auc_of_one_class_is_undefined() -> None:
    assert np.isnan(auc(of([0.1, 0.2], [1, 1])))


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40))
def test_auc_is_the_share_of_ordered_pairs(rows: list[tuple[int, bool]]) -> None:
    diseased = [s for s, positive in rows if positive]
    healthy = [s for s, positive in rows if not positive]
    if not diseased or not healthy:
        return
    wins = np.mean([(a > b) + (a == b) / 2 for a in diseased for b in healthy])
    assert auc(of([s / 6 for s, _ in rows], [p for _, p in rows])) == pytest.approx(wins)


def test_figures_by_hand() -> None:
    result = of([0.9, 0.6, 0.4, 0.2, 0.7], [1, 1, 1, 0, 0])
    found = figures(result, alone(5), each_alone(5, 50))
    assert found["accuracy"].value == pytest.approx(3 / 5)
    assert found["sensitivity"].value == pytest.approx(2 / 3)
    assert found["specificity"].value == pytest.approx(1 / 2)
    # bins of 1/15: five images in five bins, each off by |score - truth|
    assert found["ece"].value == pytest.approx((0.1 + 0.4 + 0.6 + 0.2 + 0.7) / 5)


def test_positive_is_everything_but_the_first_class() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3]], np.float32)
    result = outcome(probabilities, np.array([0, 2]))
    np.testing.assert_allclose(result.scores, [0.3, 0.8], atol=1e-6)
    np.testing.assert_array_equal(result.positive, [False, True])


def test_bootstrap_interval_is_that_of_theory() -> None:
    rng = np.random.default_rng(0)
    positive = rng.random(600) < 0.5
    scores = np.where(rng.random(600) < 0.8, positive, ~positive).astype(float)
    found = figures(Outcome(scores, positive), alone(600), each_alone(600, 2000))["accuracy"]
    half = 1.96 * np.sqrt(found.value * (1 - found.value) / 600)
    assert found.low < found.value < found.high
    assert found.high - found.low == pytest.approx(2 * half, rel=0.1)


def test_resampled_auc_equals_auc_of_the_resample() -> None:
    rng = np.random.default_rng(3)
    scores, positive = rng.integers(0, 9, 40) / 8, rng.random(40) < 0.4
    draws = each_alone(40, 200)
    repeated = [
        auc(Outcome(np.repeat(scores, d.astype(int)), np.repeat(positive, d.astype(int))))
        for d in draws
    ]
    low, high = np.percentile(repeated, (2.5, 97.5))
    found = figures(Outcome(scores, positive), alone(40), draws)["auc"]
    assert (found.low, found.high) == pytest.approx((low, high))


def test_where_all_images_agree_the_interval_is_exact_over_their_patients() -> None:
    """All four healthy images, of three patients, are called positive: 1 - 0.025 ** (1 / 3)."""
    patients = ["a", "a", "b", "c", "d", "e"]
    result = of([0.9, 0.9, 0.9, 0.9, 0.9, 0.1], [0, 0, 0, 0, 1, 1])
    found = figures(result, patients, resample_groups(patients, 100, seed=0))
    assert found["specificity"] == Interval(0.0, 0.0, 0.7076)
    assert found["sensitivity"].value == 0.5
