"""The signs of a habit, worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray_app.core.cell_norms import blank_images, norm_ratios
from xray_app.explain.artefacts import follows_mirror, peak_of


def spot(row: int, column: int, size: int = 8) -> np.ndarray:
    found = np.zeros((size, size), np.float32)
    found[row, column] = 1.0
    return found


def test_the_largest_norm_over_the_median() -> None:
    cells = np.ones((2, 3, 3, 4), np.float32)  # every norm is 2
    cells[1, 0, 2] = 27.0
    np.testing.assert_allclose(norm_ratios(cells), [1.0, 27.0])


def test_a_median_of_zero_gives_no_ratio() -> None:
    cells = np.zeros((1, 3, 3, 1), np.float32)
    cells[0, 0, 0] = 1.0
    assert np.isnan(norm_ratios(cells)).all()


@pytest.mark.parametrize(
    ("mirrored", "follows"),
    [
        (spot(2, 6), True),
        (spot(3, 7), True),  # one cell off in both directions
        (spot(2, 4), False),
        (spot(4, 6), False),
        (spot(2, 1), False),  # stays where it was
        (np.zeros((8, 8), np.float32), None),
    ],
)
def test_the_peak_in_the_mirror(mirrored: np.ndarray, follows: bool | None) -> None:
    assert follows_mirror(spot(2, 1), mirrored) is follows


@pytest.mark.parametrize("column", [3, 4])
def test_a_peak_on_the_middle_axis_tells_nothing(column: int) -> None:
    assert follows_mirror(spot(0, column), spot(0, 7 - column)) is None


@given(st.integers(0, 7), st.integers(0, 7))
def test_a_map_of_the_image_follows_and_one_of_a_place_does_not(row: int, column: int) -> None:
    values = spot(row, column)
    assert peak_of(values) == (row, column)
    assert follows_mirror(values, values[:, ::-1]) in (True, None)
    assert follows_mirror(values, values) in (False, None)


def test_blank_images_are_uniform_from_black_to_white() -> None:
    images = blank_images(4, 6)
    assert images.shape == (16, 4, 6)
    assert (np.ptp(images, axis=(1, 2)) == 0).all()
    assert (images[0, 0, 0], images[-1, 0, 0]) == (0.0, 1.0)
