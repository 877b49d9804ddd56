"""Fitting a gate, and its figures."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.gate_rules import fake_rule
from xray_app.core.errors import InputError
from xray_app.core.gate_rule import Kind
from xray_app.evaluation.gate.figures import area_figure, fraction_figure
from xray_app.evaluation.gate.fit import fit_discriminant, limit_of, principal_parts
from xray_app.evaluation.gate.image_sets import Group
from xray_app.evaluation.gate.material import without
from xray_app.evaluation.gate.report import left_out_row


def group(kind: Kind, *rows: tuple[float, float]) -> Group:
    """Images of which the fake gate reads these means of dark and bright."""
    statistics = np.array([(*row, 0.0, 0.0) for row in rows], np.float32)
    return Group(kind, statistics, tuple(map(str, range(len(rows)))))


def test_a_source_is_left_out_with_its_handled_copies() -> None:
    groups = {
        n: group("known", (0, 0)) for n in ("known", "adult/a", "adult/a, handled", "adult/b")
    }
    assert list(without(groups, ("adult/a",))) == ["known", "adult/b"]


def test_what_a_gate_does_to_sources_left_out() -> None:
    adults = group("other_population", (0, 2), (0, 2), (0, 0), (0, 2))
    row = left_out_row(fake_rule(), {"adult/a": adults}, ("adult/a",))
    assert (row.stopped, row.images) == (0.75, 4)
    assert row.low < 0.75 < row.high
    # Where all are stopped, the lower end is that at which this has a chance of 2.5 %.
    row = left_out_row(fake_rule(), {"adult/a": stopped_but(60, 0)}, ("adult/a",))
    assert (row.stopped, row.low, row.high) == (1.0, pytest.approx(0.025 ** (1 / 60), abs=1e-4), 1)


def stopped_but(patients: int, opening: int) -> Group:
    rows = [(0, 2)] * (patients - opening) + [(0, 0)] * opening
    return group("other_population", *rows)


@pytest.mark.parametrize("scores", [[3.0], [3.0, 3.0]])
def test_equal_scores_have_no_deviation(scores: list[float]) -> None:
    with pytest.raises(InputError, match="validation images whose scores differ"):
        limit_of(np.array(scores), 0.01)


def test_intervals_resample_whole_units() -> None:
    flags = np.array([True] * 50 + [False] * 50)
    apart = fraction_figure("x", flags, tuple(map(str, range(100))), "patients")
    together = fraction_figure("x", flags, ("a",) * 50 + ("b",) * 50, "patients")
    assert apart.value == together.value == 0.5
    assert 0.38 < apart.low < 0.44
    assert (together.low, together.high, together.units) == (0.0, 1.0, 2)
    all_of_two = fraction_figure("x", np.ones(100, np.bool_), ("a",) * 50 + ("b",) * 50, "patients")
    assert (all_of_two.low, all_of_two.high) == (pytest.approx(0.025**0.5, abs=1e-4), 1.0)


def test_an_area_with_its_interval() -> None:
    random = np.random.default_rng(0)
    known = random.random((40, 4), np.float32)
    other = known + np.array([2.0, 0, 0, 0], np.float32)
    units = tuple(map(str, range(40)))
    figure = area_figure(
        "x", fake_rule(), Group("known", known, units), Group("negative", other, units), "patients"
    )
    assert figure.low <= figure.value <= figure.high
    assert figure.value > 0.9


def test_limits_let_a_share_pass() -> None:
    scores = np.arange(200.0)
    limit = limit_of(scores, 0.01)
    assert int((scores > limit.limit).sum()) == 2
    assert limit.spread == pytest.approx(scores.std())


def test_principal_parts_of_known_variances() -> None:
    x = np.random.default_rng(0).normal(size=(20000, 3)).astype(np.float32) * [3.0, 1.0, 0.5]
    components, variances, remainder = principal_parts(x.astype(np.float32), 1)
    assert_allclose(np.abs(components), [[1, 0, 0]], atol=0.02)
    assert variances[0] == pytest.approx(9.0, rel=0.05)
    assert remainder == pytest.approx((1.0 + 0.25) / 2, rel=0.05)


def test_the_discriminant_of_two_known_normals() -> None:
    """With covariance I and means 0 and (2, 0), the log-odds are 2 x - 2 (ESL, eq. 4.9)."""
    random = np.random.default_rng(0)
    kinds = np.repeat([0, 1], [40_000, 10_000])
    x = random.normal(size=(50_000, 2)) + np.array([[0, 0], [2, 0]])[kinds]
    weights, bias = fit_discriminant(x.astype(np.float32), kinds, 2, 0.0)
    assert_allclose(weights[1] - weights[0], [2.0, 0.0], atol=0.06)
    assert bias[1] - bias[0] == pytest.approx(-2.0, abs=0.08)


def test_what_varies_within_a_kind_does_not_tell_it() -> None:
    """Adults of two places differ in y, and so do not count there; the kinds differ in x."""
    random = np.random.default_rng(0)
    middles = np.array([[0.0, 0.0], [1.0, 9.0], [1.0, -3.0]])
    x = np.concatenate([random.normal(m, 0.1, (500, 2)) for m in middles]).astype(np.float32)
    kinds = np.repeat([0, 1, 1], 500)
    weights, _ = fit_discriminant(x, kinds, 2, 0.0)
    along_x, along_y = np.abs(weights[1] - weights[0])
    assert along_x > 50 * along_y


def test_a_kind_without_images_is_never_the_likeliest() -> None:
    x = np.array([[0.0], [0.1], [1.0], [1.1]], np.float32)
    weights, bias = fit_discriminant(x, np.array([0, 0, 2, 2]), 3, 0.1)
    assert_array_equal(np.argmax(x @ weights.T + bias, axis=1), [0, 0, 2, 2])


def test_shrinkage_bears_fewer_images_than_numbers() -> None:
    x = np.array(
        [[0.1, 0.1, 1.1], [-0.1, -0.1, 0.9], [1.1, 0.1, 0.1], [0.9, -0.1, -0.1]], np.float32
    )
    kinds = np.array([0, 0, 1, 1])
    weights, bias = fit_discriminant(x, kinds, 2, 0.5)  # the covariance alone is singular
    assert_array_equal(np.argmax(x @ weights.T + bias, axis=1), kinds)
