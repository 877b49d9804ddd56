"""The gate's scores and verdicts, worked out by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.gate_rules import fake_rule
from xray_app.core.gate_rule import KINDS, Limit
from xray_app.gate.rule import (
    channel_statistics,
    distances,
    judge_statistics,
    kind_logits,
    log_odds,
    margins,
)


def statistics(*row: float) -> np.ndarray:
    return np.array([row], np.float32)


def test_channel_statistics_are_means_then_deviations() -> None:
    activations = np.array([[[[1.0, 0.0], [3.0, 0.0]], [[1.0, 4.0], [3.0, 4.0]]]], np.float32)
    assert_allclose(channel_statistics(activations), [[2.0, 2.0, 1.0, 2.0]])


def test_log_odds_add_up_the_foreign_kinds() -> None:
    scores = np.log(np.array([[4.0, 1.0, 2.0, 1.0, 3.0, 0.5, 0.5]]))
    assert_allclose(log_odds(scores), [np.log(8.0 / 4.0)])


def test_log_odds_survive_huge_logits() -> None:
    assert_allclose(log_odds(np.array([[-2000.0, 3000.0, 0, 0, 0, 0, 0]])), [5000.0])


def test_distance_along_and_across_the_components() -> None:
    rule = fake_rule(
        mean=np.array([1.0, 0, 0, 0], np.float32),
        deviation=np.array([2.0, 1, 1, 1], np.float32),
        variances=np.array([4.0], np.float32),
        remainder=0.25,
    )
    # z = (2, 3, 0, 0): 2**2 / 4 along the component, 3**2 / 0.25 across it, over 4 numbers.
    assert_allclose(distances(rule, statistics(5, 3, 0, 0)), [np.sqrt((1.0 + 36.0) / 4.0)])


def test_a_typical_image_has_a_distance_of_about_one() -> None:
    normal = np.random.default_rng(0).normal(size=(2000, 4)).astype(np.float32)
    assert np.sqrt((distances(fake_rule(), normal) ** 2).mean()) == pytest.approx(1.0, abs=0.02)


def test_the_margin_is_the_worse_of_both_in_spreads() -> None:
    rule = fake_rule(distance=Limit(0.5, 0.25))
    row = statistics(2.0, 0, 0, 0)  # log-odds 20 - 12, distance 2 / sqrt(4)
    assert_allclose(margins(rule, row), [max(8.0 / 2.0, (1.0 - 0.5) / 0.25)], rtol=1e-6)


@pytest.mark.parametrize(
    ("row", "finding"),
    [
        ((0.5, 0.5, 0.1, 0.1), "known"),
        ((1.19, 0.0, 0.0, 0.0), "known"),
        ((1.21, 0.0, 0.0, 0.0), "negative"),
        ((0.0, 2.0, 0.0, 0.0), "other_population"),
        ((0.0, 99.0, 0.0, 0.0), "other_population"),
        ((0.0, 101.0, 0.0, 0.0), "no_chest"),  # surely an adult, but too far to be called so
        ((0.0, 0.0, 250.0, 0.0), "unlike"),
    ],
)
def test_findings(row: tuple[float, ...], finding: str) -> None:
    (report,) = judge_statistics(fake_rule(), statistics(*row), "children")
    assert report.finding == finding
    assert report.verdict == ("open" if finding == "known" else "closed")
    assert (report.margin > 0.0) == (finding != "known")
    assert sum(report.probabilities.values()) == pytest.approx(1.0)
    assert tuple(report.probabilities) == KINDS


def test_the_reason_names_the_population() -> None:
    (report,) = judge_statistics(fake_rule(), statistics(0, 2, 0, 0), "children of 1 to 5 years")
    assert "children of 1 to 5 years" in report.reason
    assert "adult" in report.reason


def test_an_open_gate_says_yes_only_where_it_tells_sources() -> None:
    for sure, start in ((True, "This looks like what"), (False, "This is not told apart from")):
        rule = fake_rule(tells_sources=sure)
        (report,) = judge_statistics(rule, statistics(0, 0, 0, 0), "children")
        assert (report.finding, report.reason.startswith(start)) == ("known", True)


def test_each_image_is_judged_apart() -> None:
    rows = np.array([[2.0, 0, 0, 0], [0, 0, 0, 0]], np.float32)
    assert [r.verdict for r in judge_statistics(fake_rule(), rows, "x")] == ["closed", "open"]
    assert kind_logits(fake_rule(), rows).shape == (2, len(KINDS))


def test_who_the_others_are_is_the_rules_to_say() -> None:
    bright = np.array([[0.0, 3.0, 0.0, 0.0]], np.float32)
    (report,) = judge_statistics(fake_rule(other="a child's chest"), bright, "adults")
    assert report.reason == "This looks like a child's chest. The model knows: adults."
