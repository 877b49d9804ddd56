"""In which ninth of the picture the evidence lies, worked out by hand."""

import numpy as np
import pytest

from xray_app.core.records import Saliency
from xray_app.explain.ninths import densest_ninth


def saliency(values: object) -> Saliency:
    heat = np.asarray(values, np.float32)
    return Saliency("gradcam", "last", "virus", heat, float(heat.max()), "logit")


@pytest.mark.parametrize(
    ("row", "column", "name"),
    [(0, 0, "upper left"), (4, 4, "centre"), (8, 0, "lower left"), (3, 8, "middle right")],
)
def test_all_in_one_cell(row: int, column: int, name: str) -> None:
    heat = np.zeros((9, 9))
    heat[row, column] = 2.0
    assert densest_ninth(saliency(heat)) == (name, pytest.approx(1.0))


def test_a_cell_is_spread_over_its_area() -> None:
    """Of 4 cells a side, the second reaches from 1/4 to 1/2: a third of it lies in the first."""
    heat = np.zeros((4, 3))
    heat[1, 0] = 1.0
    assert densest_ninth(saliency(heat)) == ("middle left", pytest.approx(2 / 3))


def test_even_evidence_is_nowhere_more_than_a_ninth() -> None:
    found = densest_ninth(saliency(np.ones((8, 8))))
    assert found is not None
    assert found[1] == pytest.approx(1 / 9)


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_an_empty_map_has_no_place(value: float) -> None:
    assert densest_ninth(saliency(np.full((4, 4), value))) is None
