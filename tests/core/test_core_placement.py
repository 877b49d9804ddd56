"""Which pixels land where, by hand: odd sizes, one pixel, an input larger than the image."""

import numpy as np
import pytest

from xray_app.core.images import Box, Geometry, Placement, centre_crop, crop, pad, resize_crop


def test_an_odd_rest_of_padding_goes_to_the_end() -> None:
    placed = pad(4, 10, 7, 10)  # four of seven rows: one above, two below
    assert placed.size == (4, 10)
    assert placed.start == (-1, 0)
    assert placed.is_padded and not placed.is_resized
    assert placed.inside == (slice(1, 5), slice(0, 10))
    image = np.arange(40, dtype=np.float32).reshape(4, 10)
    shown = placed.shown(image, 9.0)
    np.testing.assert_array_equal(shown[1:5], image)
    assert (shown[[0, 5, 6]] == 9.0).all()
    assert placed.box == Box(-1.0, 0.0, 7.0, 10.0)


def test_one_pixel_fills_the_input() -> None:
    for fit in ("stretch", "pad", "crop", "resize-crop"):
        geometry = Geometry(3, 5, fit, pad_value=0.25)
        made = geometry.of(np.array([[0.5]], np.float32))
        inside = geometry.placement(1, 1).inside
        assert (made[inside] == 0.5).all()
        assert made.shape == (3, 5)
        if fit == "pad":
            assert (made[:, [0, 4]] == 0.25).all()


def test_a_crop_is_of_the_middle() -> None:
    assert crop(5, 9, 2, 2).part == (0, 2, 5, 5)
    assert crop(5, 9, 2, 2).box == Box(0.0, 2.0, 5.0, 5.0)
    placed = resize_crop(100, 51, 10, 10, 20)  # 39 x 20: floor(20 * 100 / 51) rows
    assert (placed.size, placed.start) == ((39, 20), (14, 5))
    assert placed.box.width == pytest.approx(51 * 10 / 20)
    image = np.arange(39 * 20, dtype=np.float32).reshape(39, 20)
    np.testing.assert_array_equal(placed.shown(image, 0.0), image[14:24, 5:15])


def test_a_crop_larger_than_the_image_is_padded() -> None:
    placed = centre_crop("middle", (3, 8), (3, 8), (5, 4), 0.0)
    assert placed == Placement("middle", (0, 0, 3, 8), (3, 8), (-1, 2), (5, 4))
    assert placed.is_padded
    image = np.ones((3, 8), np.float32)
    assert placed.shown(image, 0.0).sum(axis=1).tolist() == [0.0, 4.0, 4.0, 4.0, 0.0]
