import pytest

from xray_app.core.classifier_metrics import Interval
from xray_app.study.chance import range_by_chance, studentized_range


def test_chance_is_tukeys_honestly_significant_difference() -> None:
    """Three schemes, two seeds: q(0.95; 3, 2) = 8.331 (Tukey's table), residuals by hand."""
    aucs = ((0.90, 0.92), (0.91, 0.91), (0.92, 0.90))
    own = [{seed: Interval(v, v, v) for seed, v in enumerate(row)} for row in aucs]
    # Every mean is 0.91, so the residuals are -0.01, 0.01, 0, 0, 0.01 and -0.01.
    assert range_by_chance(own) == pytest.approx(8.331 * (4e-4 / 2 / 2) ** 0.5, rel=0.01)


def test_one_seed_has_the_bootstrap_for_its_noise() -> None:
    own = [{0: Interval(0.9, 0.9 - w, 0.9 + w)} for w in (0.01, 0.02, 0.05)]
    assert range_by_chance(own) == pytest.approx(0.04)  # the median width


@pytest.mark.parametrize(
    ("groups", "freedom", "table"), [(3, 2, 8.331), (3, 10, 3.877), (11, 20, 5.108)]
)
def test_studentized_range_is_that_of_tukeys_table(groups: int, freedom: int, table: float) -> None:
    assert studentized_range(groups, freedom) == pytest.approx(table, rel=0.01)
