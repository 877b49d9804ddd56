"""Resampling one axis by weights: which input pixels an output pixel takes, and how much of each.

Pixel centres lie at halves: output pixel i looks at (i + 1/2) * scale of the input, as in
``tf.image.resize``, Pillow, and torchvision. Weights of pixels beyond the edge are left out and the
others made to add up to 1 (``tf.image.resize``; PyTorch with ``antialias=True``).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from xray_app.core.records import AnyArray, FloatArray

Weights = NDArray[np.float64]
Taps = tuple[NDArray[np.int64], Weights]  # (wanted, taps): which input pixels, how much of each
Kernel = Callable[[Weights], Weights]  # weights of distances, in input pixels
KEYS = -0.5  # Keys 1981, equation 15; OpenCV takes -0.75


def sampled(image: AnyArray, height: int, width: int, kernel: str) -> FloatArray:
    """Resize (H, W) to (height, width) float32 without widening the kernel to the reduction.

    Args:
        image: any real values.
        height: in pixels.
        width: in pixels.
        kernel: a key of ``SAMPLED``.

    >>> import numpy as np
    >>> sampled(np.array([[0, 9, 9, 9, 9, 3]]), 1, 2, "nearest").tolist()
    [[9.0, 9.0]]
    """
    taps = SAMPLED[kernel]
    rows = _along(np.asarray(image), taps(image.shape[0], height))
    return _along(rows.T, taps(image.shape[1], width)).T


def _along(image: AnyArray, taps: Taps) -> FloatArray:
    """Weigh rows, one tap after another: a full-size image times all taps would not fit."""
    places, weights = taps
    total = np.zeros((len(places), image.shape[1]), np.float32)
    for place, weight in zip(places.T, weights.T.astype(np.float32), strict=True):
        total += weight[:, np.newaxis] * image[place]
    return total


def centres(length: int, wanted: int) -> Weights:
    """Where output pixels look, with centres at halves.

    >>> centres(4, 2).tolist()
    [0.5, 2.5]
    """
    return np.asarray((np.arange(wanted) + 0.5) * (length / wanted) - 0.5, np.float64)


def weighted(
    kernel: Kernel,
    support: float,
    *,
    widen: bool = False,
    clamp: bool = False,
    centres: Callable[[int, int], Weights] = centres,
) -> Callable[[int, int], Taps]:
    """Weigh by a kernel.

    Args:
        kernel: as a function of the distance.
        support: the distance from which on it is 0.
        widen: with the reduction: antialiasing.
        clamp: beyond the edge the last pixel counts, else none does.
        centres: where output pixels look.

    >>> places, weights = weighted(triangle, 1.0)(4, 2)
    >>> (places * weights).sum(axis=1).tolist()
    [0.5, 2.5]
    """

    def taps(length: int, wanted: int) -> Taps:
        stretch = max(length / wanted, 1.0) if widen else 1.0
        centre = centres(length, wanted)[:, np.newaxis]
        reach = support * stretch
        offsets = np.arange(int(2 * np.ceil(reach)) + 1)
        places = np.ceil(centre - reach).astype(np.int64) + offsets
        weights = kernel(np.abs(places - centre) / stretch)
        if not clamp:
            weights = np.where((places >= 0) & (places < length), weights, 0.0)
        return np.clip(places, 0, length - 1), weights / weights.sum(axis=1, keepdims=True)

    return taps


def nearest(length: int, wanted: int) -> Taps:
    """The one pixel that a centre lies in.

    >>> nearest(6, 2)[0].tolist()
    [[1], [4]]
    """
    places = ((2 * np.arange(wanted) + 1) * length) // (2 * wanted)
    return places[:, np.newaxis], np.ones((wanted, 1))


def area(length: int, wanted: int) -> Taps:
    """Mean of the input that an output pixel covers, partly covered pixels counting partly.

    >>> area(3, 2)[1].round(3).tolist()
    [[0.667, 0.333, 0.0], [0.333, 0.667, 0.0]]
    """
    edges = np.arange(wanted + 1) * (length / wanted)
    low, high = edges[:-1, np.newaxis], edges[1:, np.newaxis]
    places = np.floor(low).astype(np.int64) + np.arange(int(length / wanted) + 2)
    covered = np.maximum(np.minimum(high, places + 1) - np.maximum(low, places), 0.0)
    covered = np.where(places < length, covered, 0.0)
    return np.minimum(places, length - 1), covered / covered.sum(axis=1, keepdims=True)


def triangle(x: Weights) -> Weights:
    """Linear interpolation, of support 1.

    >>> triangle(np.array([0.0, 0.25, 1.0])).tolist()
    [1.0, 0.75, 0.0]
    """
    return np.maximum(1.0 - x, 0.0)


def cubic(a: float) -> Kernel:
    """Cubic convolution with this constant, of support 2: Keys 1981, equation 15.

    >>> cubic(KEYS)(np.array([0.0, 1.0, 2.0])).tolist()
    [1.0, 0.0, 0.0]
    """

    def kernel(x: Weights) -> Weights:
        near = ((a + 2.0) * x - (a + 3.0)) * x**2 + 1.0
        far = a * (((x - 5.0) * x + 8.0) * x - 4.0)
        return np.where(x <= 1.0, near, np.where(x < 2.0, far, 0.0))

    return kernel


def lanczos(lobes: float) -> Kernel:
    """A sinc under a sinc, of so many lobes.

    >>> lanczos(3.0)(np.array([0.0, 3.0])).tolist()
    [1.0, 0.0]
    """

    def kernel(x: Weights) -> Weights:
        return np.where(x < lobes, np.sinc(x) * np.sinc(x / lobes), 0.0)

    return kernel


SAMPLED: dict[str, Callable[[int, int], Taps]] = {
    "nearest": nearest,
    "bilinear": weighted(triangle, 1.0),
    "bicubic": weighted(cubic(KEYS), 2.0),
    "area": area,
    "lanczos": weighted(lanczos(3.0), 3.0),
}
