"""Lungs out of a network's answer, worked out by hand; what does not look like lungs is said."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from xray_app.anatomy.contours import contours_of
from xray_app.anatomy.fields import FIELDS, evidence_in
from xray_app.anatomy.lungs import Lungs, lungs_from
from xray_app.cards import Plausible
from xray_app.core import FloatArray, Saliency
from xray_app.core.images import Box

BOUNDS = Plausible(area=(0.04, 0.3), ratio=0.4, centre_rows=(0.3, 0.7), unsure=0.3)


def drawn(*boxes: tuple[int, int, int, int], side: int = 40) -> FloatArray:
    """Rectangles (top, bottom, left, right) that are surely lung."""
    image = np.zeros((side, side), np.float32)
    for top, bottom, left, right in boxes:
        image[top:bottom, left:right] = 1.0
    return image


RIGHT, LEFT = (8, 32, 5, 16), (8, 32, 24, 35)


def test_right_and_left_are_the_patients() -> None:
    found = lungs_from(drawn(LEFT, RIGHT), BOUNDS).lungs
    assert found is not None
    assert found.right[20, 10]
    assert found.left[20, 30]
    assert found.both.sum() == 2 * 24 * 11


def test_crumbs_are_no_lungs_and_holes_are_filled() -> None:
    image = drawn(RIGHT, LEFT)
    image[1, 1] = 1.0
    image[20, 10] = 0.0
    found = lungs_from(image, BOUNDS).lungs
    assert found is not None
    assert found.both.sum() == 2 * 24 * 11


def test_lungs_that_touch_are_parted_where_they_are_narrowest() -> None:
    found = lungs_from(drawn(RIGHT, LEFT, (28, 31, 16, 24)), BOUNDS).lungs
    assert found is not None
    columns = [np.nonzero(lung.any(axis=0))[0] for lung in (found.right, found.left)]
    assert columns[0][-1] < columns[1][0]
    assert 16 <= columns[1][0] <= 24


@pytest.mark.parametrize(
    ("image", "why"),
    [
        (drawn(), "no two lungs were found"),
        (drawn(RIGHT), "no two lungs were found"),
        (drawn((8, 32, 5, 35)), "no two lungs were found"),
        (drawn(RIGHT, (8, 20, 24, 28)), "the left lung would be too small (3% of the image)"),
        (drawn((0, 38, 0, 18), LEFT), "the right lung would be too large (43% of the image)"),
        (drawn((4, 36, 3, 17), (14, 26, 24, 32)), "the left lung would be much smaller"),
        (drawn((0, 14, 5, 16), (0, 14, 24, 35)), "the right lung would lie too high"),
        (drawn((26, 40, 5, 16), (26, 40, 24, 35)), "the right lung would lie too low"),
        (0.6 * drawn(RIGHT, LEFT), "the network is unsure of 100% of their area"),
    ],
)
def test_what_does_not_look_like_lungs_is_not_drawn(image: FloatArray, why: str) -> None:
    found = lungs_from(image, BOUNDS)
    assert found.lungs is None
    assert found.doubt.startswith(f"Lungs are not drawn: {why}")


def test_evidence_by_hand() -> None:
    lungs = lungs_from(drawn((10, 34, 0, 10), (10, 34, 30, 40)), BOUNDS).lungs
    assert lungs is not None
    heat = np.zeros((4, 4), np.float32)  # cells of 10 x 10 pixels
    heat[2, 0], heat[1, 1], heat[0, 3] = 2.0, 1.0, 1.0  # right lung below; between; over the left
    found = evidence_in(Saliency("gradcam", "last", "a", heat, 2.0, ""), lungs)
    assert found is not None
    assert tuple(found.fields) == FIELDS
    # The right lung's rows 10 to 33 are cut at 18 and 26: six of the cell's rows are middle.
    assert found.fields["right middle"].evidence == pytest.approx(0.5 * 6 / 10)
    assert found.fields["right lower"].evidence == pytest.approx(0.5 * 4 / 10)
    assert found.lungs.evidence == pytest.approx(0.5)
    assert found.lungs.area == pytest.approx(2 * 240 / 1600)
    assert found.of("left").evidence == 0.0
    assert found.of("right").area == pytest.approx(240 / 1600)
    assert found.densest == "right middle"
    total = sum(field.evidence for field in found.fields.values())
    assert total == pytest.approx(found.lungs.evidence)


def test_a_map_that_is_the_same_everywhere_has_the_areas_fraction() -> None:
    lungs = lungs_from(drawn(RIGHT, LEFT), BOUNDS).lungs
    assert lungs is not None
    flat = np.ones((7, 7), np.float32)
    found = evidence_in(Saliency("gradcam", "last", "a", flat, 1.0, ""), lungs)
    assert found is not None
    for field in found.fields.values():
        assert field.evidence == pytest.approx(field.area)


def test_an_empty_map_has_no_evidence() -> None:
    right, left = drawn(RIGHT) > 0, drawn(LEFT) > 0
    empty = Saliency("gradcam", "last", "a", np.zeros((4, 4), np.float32), 0.0, "")
    assert evidence_in(empty, Lungs(right, left)) is None


def test_contours_follow_the_box() -> None:
    lungs = lungs_from(drawn(RIGHT, LEFT), BOUNDS).lungs
    assert lungs is not None
    right, _ = contours_of(lungs)
    assert_allclose(right.min(axis=0), [8 / 40, 5 / 40], atol=1e-3)
    assert_allclose(right.max(axis=0), [32 / 40, 16 / 40], atol=1e-3)
    assert_allclose(right[0], right[-1])
    # Of a radiograph whose middle half the input shows:
    (inside, _) = contours_of(lungs, Box(0.0, 0.25, 1.0, 0.5))
    assert_allclose(inside[:, 1], 0.25 + 0.5 * right[:, 1], atol=1e-6)
    assert_allclose(inside[:, 0], right[:, 0], atol=1e-6)
