"""CLAHE by rows is that of scikit-image, and of OpenCV, bit for bit."""

import numpy as np
import pytest
from skimage.exposure import equalize_adapthist

from tests.pipeline.synthetic import synthetic
from xray_app.pipeline.steps.clahe import (
    opencv_curves,
    opencv_tiles,
    skimage_curves,
    skimage_tiles,
)


@pytest.mark.parametrize("limit", [0.01, 0.03, 0.5])
@pytest.mark.parametrize("shape", [(150, 120), (61, 83), (9, 7), (2, 3)])
def test_it_is_scikit_images(shape: tuple[int, int], limit: float) -> None:
    image = np.ascontiguousarray(synthetic()[: shape[0], : shape[1]])
    display = image.astype(np.float32) / np.float32(255.0)
    own = skimage_curves(skimage_tiles(image, 255.0), limit).whole()
    assert (own == equalize_adapthist(display, clip_limit=limit)).all()
    assert (own == skimage_curves(skimage_tiles(display, 1.0), limit).whole()).all()


def test_sixteen_bits_and_constant_images_are_scikit_images() -> None:
    deep = synthetic().astype(np.uint16) * 257 // 3
    for image, white in ((deep, 65535.0), (np.full((20, 16), 0.4, np.float32), 1.0)):
        display = image.astype(np.float32) / np.float32(white)
        own = skimage_curves(skimage_tiles(image, white)).whole()
        assert (own == equalize_adapthist(display)).all()


def test_some_rows_are_those_of_the_whole() -> None:
    curves = skimage_curves(skimage_tiles(synthetic(), 255.0))
    every, some = np.arange(150), np.array([3, 37, 38, 149])
    assert curves.rows(every).max() > 10_000.0  # of 16,383
    assert (curves.rows(some) == curves.rows(every)[some]).all()


def test_opencvs_by_hand() -> None:
    """One tile of 2 x 2 pixels, no bin above the limit of 1: bins 10, 20, 30, 40, each once.

    Its map is the number of pixels that are as dark times 255 / 4, halves to even.
    """
    image = np.array([[10, 20], [30, 40]], np.uint8)
    made = opencv_curves(opencv_tiles(image, 255.0, 1), 40.0).whole() * 255.0
    assert made.tolist() == [[64.0, 128.0], [191.0, 255.0]]
