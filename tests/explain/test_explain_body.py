"""Where the body is, and how much evidence lies elsewhere."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from xray_app.core.records import Saliency
from xray_app.explain.body import body_mask, corner_of, place_evidence, without_holes
from xray_app.presentation.words import placement_warning


def film() -> np.ndarray:
    """A bright body with two dark lungs, air at both sides, and a marker in the air."""
    display = np.full((140, 140), 0.02, np.float32)
    display[:, 35:105] = 0.7
    display[40:100, 45:65] = display[40:100, 75:95] = 0.15
    display[10:16, 10:16] = 1.0
    return display


def saliency(values: np.ndarray) -> Saliency:
    return Saliency("gradcam", "last", "normal", values.astype(np.float32), float(values.max()), "")


def test_lungs_belong_to_the_body_and_a_marker_does_not() -> None:
    mask = body_mask(film())
    assert mask[70, 55]
    assert mask[70, 85]
    assert mask[5, 70]
    assert not mask[70, 5]
    assert not mask[13, 13]
    assert mask.mean() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_in_a_uniform_image_nothing_is_outside(value: float) -> None:
    assert body_mask(np.full((20, 30), value, np.float32)).all()


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.booleans()))
def test_holes_are_filled_as_scipy_fills_them(mask: np.ndarray) -> None:
    np.testing.assert_array_equal(without_holes(mask), ndimage.binary_fill_holes(mask))


def test_shares_by_hand() -> None:
    # A 7 x 7 map on 140 pixels: cells of 20. The body is the columns 20 to 120, cells 1 to 5.
    mask = np.zeros((140, 140), bool)
    mask[:, 20:120] = True
    values = np.zeros((7, 7))
    values[0, 6] = 1.0  # a corner, outside
    values[3, 0] = 2.0  # the edge, outside
    values[3, 3] = 5.0  # inside
    found = place_evidence(saliency(values), mask)
    assert found is not None
    assert found.outside == pytest.approx(3 / 8)
    assert found.corners == pytest.approx(1 / 8)
    assert found.outside_area == pytest.approx(40 / 140)


def test_a_map_that_is_the_same_everywhere_has_its_area() -> None:
    mask = body_mask(film())
    found = place_evidence(saliency(np.ones((28, 28))), mask)
    assert found is not None
    assert found.outside == pytest.approx(found.outside_area)
    assert found.corners == pytest.approx(4 / 49)


def test_an_empty_map_has_no_place() -> None:
    assert place_evidence(saliency(np.zeros((7, 7))), np.ones((14, 14), bool)) is None
    assert placement_warning(None, (0.1, 0.1)) is None


def test_the_warning_says_what_is_unusual() -> None:
    mask = np.zeros((140, 140), bool)
    values = np.zeros((7, 7))
    values[0, 6] = 1.0
    placed = place_evidence(saliency(values), mask)
    warning = placement_warning(placed, (0.5, 0.5))
    assert warning is not None
    assert warning.startswith("Of this evidence lie 100% outside the body and 100% in the corners")
    assert "95 % of the validation images" in warning
    only = placement_warning(placed, (1.0, 0.5))
    assert only is not None
    assert "outside the body" not in only
    assert placement_warning(placed, (1.0, 1.0)) is None
    assert placement_warning(placed, None) is None


def test_corners_are_named_as_they_are_seen() -> None:
    corners = {
        (0, 0): "upper left",
        (0, 6): "upper right",
        (6, 0): "lower left",
        (6, 6): "lower right",
        (0, 3): None,
    }
    for cell, name in corners.items():
        values = np.zeros((7, 7))
        values[cell] = 1.0
        assert corner_of(saliency(values)) == name
