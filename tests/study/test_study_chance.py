import pytest

from xray_app.core.classifier_metrics import Interval
from xray_app.study.chance import over_patients, over_seeds, range_by_chance, studentized_range

AUCS = ((0.90, 0.92), (0.91, 0.91), (0.92, 0.90))


def test_over_seeds_is_tukeys_honestly_significant_difference() -> None:
    """Three schemes, two seeds: q(0.95; 3, 2) = 8.331 (Tukey's table), residuals by hand."""
    own = [[Interval(v, v, v) for v in row] for row in AUCS]
    # Every mean is 0.91, so the residuals are -0.01, 0.01, 0, 0, 0.01 and -0.01.
    assert over_seeds(own) == pytest.approx(8.331 * (4e-4 / 2 / 2) ** 0.5, rel=0.01)


def test_over_patients_is_the_median_width() -> None:
    own = [[Interval(0.9, 0.9 - w, 0.9 + w)] for w in (0.01, 0.02, 0.05)]
    assert over_patients(own) == pytest.approx(0.04)


def test_chance_is_the_larger_of_the_two_and_of_one_seed_that_over_patients() -> None:
    def own(width: float) -> list[list[Interval]]:
        return [[Interval(v, v - width / 2, v + width / 2) for v in row] for row in AUCS]

    assert range_by_chance(own(0.2)) == pytest.approx(0.2)
    assert range_by_chance(own(0.01)) == over_seeds(own(0.01)) > 0.05
    assert range_by_chance([row[:1] for row in own(0.01)]) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("groups", "freedom", "table"), [(3, 2, 8.331), (3, 10, 3.877), (11, 20, 5.108)]
)
def test_studentized_range_is_that_of_tukeys_table(groups: int, freedom: int, table: float) -> None:
    assert studentized_range(groups, freedom) == pytest.approx(table, rel=0.01)
