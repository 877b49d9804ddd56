"""Changes that mean nothing, against arrays worked out by hand and against Pillow."""

import io

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from xray_app.core.images.changes import MEANINGLESS, moved, resampled, stored_as_jpeg

IMAGE = np.arange(12, dtype=np.float32).reshape(3, 4)


def test_a_move_repeats_the_border() -> None:
    assert_array_equal(moved(IMAGE, 1, 0)[:2], IMAGE[[0, 0]])
    assert_array_equal(moved(IMAGE, 0, -1)[0], [1, 2, 3, 3])


def test_quarter_turns_are_exact() -> None:
    square = np.arange(25, dtype=np.float32).reshape(5, 5)
    assert_allclose(resampled(square, degrees=90.0), np.rot90(square), atol=1e-4)
    assert_allclose(resampled(square, degrees=-90.0), np.rot90(square, -1), atol=1e-4)


def test_what_is_round_stays_under_a_turn_and_a_point_moves() -> None:
    y, x = np.mgrid[0:65, 0:65] - 32.0
    round_one = np.exp(-(x**2 + y**2) / 200).astype(np.float32)
    assert_allclose(resampled(round_one, degrees=2.0), round_one, atol=2e-3)
    spot = np.zeros((65, 65), np.float32)
    spot[32, 60] = 1.0  # 28 pixels to the right; 2 degrees anticlockwise lift it by one
    found = resampled(spot, degrees=2.0)
    assert np.unravel_index(found.argmax(), found.shape) == (31, 60)


def test_zooming_by_two_doubles_distances_from_the_middle() -> None:
    ramp = np.broadcast_to(np.arange(9, dtype=np.float32), (9, 9))
    assert_allclose(resampled(ramp, zoom=2.0)[4], 4 + (np.arange(9) - 4) / 2, atol=1e-5)
    assert_allclose(resampled(ramp, zoom=0.5)[4, [2, 4, 6]], [0, 4, 8], atol=1e-5)


def test_jpeg_is_pillows() -> None:
    image = np.random.default_rng(0).random((32, 32)).astype(np.float32)
    buffer = io.BytesIO()
    Image.fromarray(np.rint(255 * image).astype(np.uint8)).save(buffer, "JPEG", quality=90)
    with Image.open(buffer) as file:
        assert_allclose(stored_as_jpeg(image, 90), np.asarray(file) / 255.0, atol=1e-6)


@pytest.mark.parametrize("name", MEANINGLESS)
def test_every_change_keeps_the_domain(name: str) -> None:
    change = MEANINGLESS[name]
    image = np.random.default_rng(1).random((40, 32)).astype(np.float32)
    before = image.copy()
    made = change(image)
    assert (made.shape, made.dtype) == (image.shape, np.float32)
    assert 0.0 <= made.min() <= made.max() <= 1.0
    assert not np.array_equal(made, image)
    assert_array_equal(image, before)
    assert_allclose(change(np.full((8, 8), 0.5, np.float32)), 0.5, atol=0.01)  # uniform stays so
