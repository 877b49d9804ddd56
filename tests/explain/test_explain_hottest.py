"""The region round a map's peak, counted by hand."""

import numpy as np
import pytest

from xray_app.core import Saliency
from xray_app.core.images import Box
from xray_app.explain import hottest_region
from xray_app.presentation import cell_outline, hottest_sentence


def saliency(cells: object) -> Saliency:
    heat = np.asarray(cells, np.float32)
    return Saliency("gradcam", "last", "normal", heat, float(heat.max()), "logit")


def test_only_what_is_connected_with_the_peak_counts() -> None:
    """4 + 2 + 3 of 16; the 4 in the corner touches by nothing, 1.9 is under half of 4."""
    found = hottest_region(saliency([[4, 2, 1.9, 0], [0, 3, 0, 0], [0, 0, 0, 1.1], [0, 0, 0, 4]]))
    assert np.argwhere(found.cells).tolist() == [[0, 0], [0, 1], [1, 1]]
    assert (found.evidence, found.area) == (pytest.approx(9 / 16), 3 / 16)
    assert "hold 56 % of the positive evidence, on 19 % of" in hottest_sentence(found)


def test_cells_that_touch_at_a_corner_are_not_connected() -> None:
    assert hottest_region(saliency([[4, 0], [0, 3]])).evidence == pytest.approx(4 / 7)


@pytest.mark.parametrize("cells", [[[0.0, 0.0]], [[-1.0, -2.0]]])
def test_an_empty_map_has_none(cells: list[list[float]]) -> None:
    assert hottest_region(saliency(cells)) is None
    assert hottest_sentence(None) == ""


def test_the_same_everywhere_is_all_of_it() -> None:
    found = hottest_region(saliency(np.ones((7, 7))))
    assert (found.evidence, found.area) == (pytest.approx(1.0), 1.0)


def test_a_map_of_single_pixels_is_averaged_first() -> None:
    fine = np.zeros((56, 56))
    fine[10, 20] = fine[11, 21] = 1.0  # one cell of 28 x 28, in which they touch at a corner
    fine[40, 40] = 0.9
    found = hottest_region(saliency(fine))
    assert np.argwhere(found.cells).tolist() == [[5, 10]]
    assert found.evidence == pytest.approx(2 / 2.9)


def test_an_outline_follows_the_part_that_the_model_saw() -> None:
    """Of a radiograph padded above and below, the input reaches beyond it and is cut there."""
    outline = cell_outline(np.array([[True, False]]), Box(-0.5, 0.0, 2.0, 1.0))
    assert sorted(outline) == [
        (0.0, 0.0, 0.0, 1.0),
        (0.0, 0.0, 0.5, 0.0),
        (0.0, 1.0, 0.5, 1.0),
        (0.5, 0.0, 0.5, 1.0),
    ]
