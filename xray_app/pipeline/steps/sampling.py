"""Resampling an axis as a matrix: every library's kernel in one form.

A row of the matrix says what one output pixel takes of the input. So all output pixels can be had,
or a few spread over the image, which is what makes it quick to try one kernel after another.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xray_app.core import AnyArray
from xray_app.core.images import (
    KEYS,
    Taps,
    Weights,
    area,
    cubic,
    lanczos,
    nearest,
    triangle,
    weighted,
)

_TRUNCATE = 4.0  # scipy.ndimage.gaussian_filter's default, in deviations


@dataclass(frozen=True, slots=True)
class Sampling:
    """One way to resample an axis.

    Attributes:
        kernel: a key of ``core.images.KERNELS``, the closest where the kernel is not one of them.
        antialias: whether it widens with the reduction.
        text: in words, behind "resized".
        libraries: whose it is.
        taps: from an axis of so many pixels and as many wanted, which pixels and their weights.
    """

    kernel: str
    antialias: bool
    text: str
    libraries: str
    taps: Callable[[int, int], Taps]


@lru_cache(maxsize=64)
def sampling_matrix(name: str, length: int, wanted: int) -> Any:
    """Return the sparse (wanted, length) float32 matrix of ``SAMPLINGS[name]``.

    >>> sampling_matrix("nearest", 6, 2).toarray().tolist()
    [[0.0, 1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0, 0.0]]
    """
    from scipy.sparse import csr_array

    if length == wanted:
        return csr_array(np.eye(length, dtype=np.float32))
    places, weights = SAMPLINGS[name].taps(length, wanted)
    used = weights != 0.0
    starts = np.concatenate([[0], np.count_nonzero(used, axis=1).cumsum()])
    entries = weights[used].astype(np.float32), places[used], starts
    matrix = csr_array(entries, shape=(wanted, length))
    matrix.sum_duplicates()  # pixels at the edge stand for those beyond
    return matrix


@lru_cache(maxsize=256)
def is_same_nearest(length: int, wanted: int) -> bool:
    """Whether Pillow's nearest pixels along an axis are the usual ones.

    >>> is_same_nearest(301, 97), is_same_nearest(120, 28)
    (True, False)
    """
    usual, pillows = nearest(length, wanted)[0], _nearest_pillow(length, wanted)[0]
    return bool((usual == pillows).all())


def _corners(length: int, wanted: int) -> Weights:
    """First and last pixel keep their places: ``align_corners`` of PyTorch."""
    return np.linspace(0.0, length - 1.0, wanted) if wanted > 1 else np.zeros(1)


def _nearest_pillow(length: int, wanted: int) -> Taps:
    """Steps added one to the next (Geometry.c), so that halves fall to either side."""
    step = length / wanted
    places = np.cumsum(np.concatenate([[0.5 * step], np.full(wanted - 1, step)]))
    return np.minimum(places.astype(np.int64), length - 1)[:, np.newaxis], np.ones((wanted, 1))


def _area_torch(length: int, wanted: int) -> Taps:
    """Adaptive average pooling: every pixel that is covered at all counts the same."""
    first = np.arange(wanted) * length // wanted
    last = -(-(np.arange(1, wanted + 1) * length) // wanted)
    places = first[:, np.newaxis] + np.arange(int((last - first).max()))
    covered = np.where(places < last[:, np.newaxis], 1.0, 0.0)
    return np.minimum(places, length - 1), covered / covered.sum(axis=1, keepdims=True)


def _nearest_corner(length: int, wanted: int) -> Taps:
    places = (np.arange(wanted) * length) // wanted
    return places[:, np.newaxis], np.ones((wanted, 1))


def _gaussian(length: int, wanted: int) -> Taps:
    """Blur, then bilinear, as ``skimage.transform.resize(anti_aliasing=True)`` does."""
    sigma = max(0.0, (length / wanted - 1.0) / 2.0)
    between, fractions = weighted(triangle, 1.0)(length, wanted)
    if sigma == 0.0:
        return between, fractions
    offsets = np.arange(-int(_TRUNCATE * sigma + 0.5), int(_TRUNCATE * sigma + 0.5) + 1)
    bell = np.exp(-0.5 * (offsets / sigma) ** 2)
    places = between[:, :, np.newaxis] + offsets
    period = max(2 * length - 2, 1)
    places = np.abs((places + length - 1) % period - (length - 1))  # mirrored, the edge once
    weights = fractions[:, :, np.newaxis] * (bell / bell.sum())
    return places.reshape(wanted, -1), weights.reshape(wanted, -1)


# The usual first: of two that fit alike, the first is said. To add one, write a row.
SAMPLINGS: dict[str, Sampling] = {
    "bilinear-antialiased": Sampling(
        "bilinear", True, "bilinear, antialiased",
        "Pillow, tf.image.resize(antialias=True), torchvision",
        weighted(triangle, 1.0, widen=True),
    ),
    "bilinear": Sampling(
        "bilinear", False, "bilinear, not antialiased",
        "tf.image.resize, keras Resizing, OpenCV, torch",
        weighted(triangle, 1.0),
    ),
    "nearest": Sampling(
        "nearest", False, "nearest pixel", "TensorFlow, Pillow, torch 'nearest-exact'", nearest
    ),
    "nearest-pillow": Sampling(
        "nearest", False, "nearest pixel, halves as Pillow's steps fall", "Pillow, Keras load_img",
        _nearest_pillow,
    ),
    "area": Sampling(
        "area", True, "mean over the area", "OpenCV INTER_AREA, tf.image.resize 'area'", area
    ),
    "bicubic-antialiased": Sampling(
        "bicubic", True, "bicubic, antialiased", "Pillow, TensorFlow, torchvision",
        weighted(cubic(KEYS), 2.0, widen=True),
    ),
    "bicubic": Sampling(
        "bicubic", False, "bicubic, not antialiased", "tf.image.resize",
        weighted(cubic(KEYS), 2.0),
    ),
    "lanczos-antialiased": Sampling(
        "lanczos", True, "Lanczos, antialiased", "Pillow, tf.image.resize 'lanczos3'",
        weighted(lanczos(3.0), 3.0, widen=True),
    ),
    "lanczos": Sampling(
        "lanczos", False, "Lanczos, not antialiased", "tf.image.resize 'lanczos3'",
        weighted(lanczos(3.0), 3.0),
    ),
    "gaussian": Sampling(
        "bilinear", True, "Gaussian blur, then bilinear", "skimage.transform.resize", _gaussian
    ),
    "nearest-corner": Sampling(
        "nearest", False, "nearest pixel, counted from the corner", "OpenCV, torch 'nearest'",
        _nearest_corner,
    ),
    "bicubic-0.75": Sampling(
        "bicubic", False, "bicubic with the constant -0.75, not antialiased", "OpenCV, torch",
        weighted(cubic(-0.75), 2.0, clamp=True),
    ),
    "area-torch": Sampling(
        "area", True, "mean over every pixel that is covered at all",
        "torch 'area' (adaptive_avg_pool2d), MONAI Resize", _area_torch,
    ),
    "bilinear-corners": Sampling(
        "bilinear", False, "bilinear with corners aligned", "torch align_corners=True",
        weighted(triangle, 1.0, centres=_corners),
    ),
    "lanczos4": Sampling(
        "lanczos", False, "Lanczos over eight pixels, not antialiased", "OpenCV INTER_LANCZOS4",
        weighted(lanczos(4.0), 4.0, clamp=True),
    ),
}  # fmt: skip


# By kernel, what Pillow calls those that it has; it always antialiases.
PILLOW_FILTERS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def resampled(image: AnyArray, height: int, width: int, name: str) -> NDArray[np.float32]:
    """Stretch (H, W) to (height, width) float32 as ``SAMPLINGS[name]`` does.

    >>> resampled(np.array([[0, 4, 8, 8]]), 1, 2, "bilinear").tolist()
    [[2.0, 8.0]]
    """
    rows = sampling_matrix(name, image.shape[0], height)
    columns = sampling_matrix(name, image.shape[1], width)
    values = np.asarray(image, np.float32)
    return np.asarray((columns @ (rows @ values).T).T, np.float32)
