"""Resampling one axis by weights: the kernels that Pillow has not, or only with antialiasing.

Everywhere pixel centres lie at halves: output pixel i looks at (i + 1/2) * scale of the input, as
in ``tf.image.resize``, Pillow, and torchvision. Weights of pixels beyond the edge are left out and
the others made to add up to 1 (``tf.image.resize``; PyTorch with ``antialias=True``).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from xray_app.core.records import AnyArray, FloatArray

Weights = NDArray[np.float64]
_KEYS = -0.5  # Keys 1981, equation 15; OpenCV takes -0.75
_LANCZOS = 3.0


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
    first = SAMPLED[kernel]
    rows = _along(np.asarray(image), *first(image.shape[0], height))
    return _along(rows.T, *first(image.shape[1], width)).T


def _along(image: AnyArray, places: AnyArray, weights: Weights) -> FloatArray:
    """Weigh rows: ``places`` and ``weights`` are (taps, n), one row of the result a column."""
    total = np.zeros((places.shape[1], image.shape[1]), np.float32)
    for place, weight in zip(places, weights.astype(np.float32), strict=True):
        total += weight[:, np.newaxis] * image[place]
    return total


def _nearest(length: int, wanted: int) -> tuple[AnyArray, Weights]:
    places = ((2 * np.arange(wanted) + 1) * length) // (2 * wanted)
    return places[np.newaxis], np.ones((1, wanted))


def _area(length: int, wanted: int) -> tuple[AnyArray, Weights]:
    """Mean of the input that an output pixel covers, partly covered pixels counting partly."""
    edges = np.arange(wanted + 1) * (length / wanted)
    low, high = edges[:-1], edges[1:]
    places = np.floor(low).astype(np.int64) + np.arange(int(length / wanted) + 2)[:, np.newaxis]
    covered = np.minimum(high, places + 1) - np.maximum(low, places)
    return _normalized(places, np.maximum(covered, 0.0), length)


def _weighted(
    kernel: Callable[[Weights], Weights], support: float
) -> Callable[[int, int], tuple[AnyArray, Weights]]:
    def of(length: int, wanted: int) -> tuple[AnyArray, Weights]:
        centre = (np.arange(wanted) + 0.5) * (length / wanted) - 0.5
        taps = np.arange(int(2 * support))[:, np.newaxis]
        places = np.floor(centre - support).astype(np.int64) + 1 + taps
        return _normalized(places, kernel(np.abs(places - centre)), length)

    return of


def _normalized(places: AnyArray, weights: Weights, length: int) -> tuple[AnyArray, Weights]:
    inside = (places >= 0) & (places < length)
    weights = np.where(inside, weights, 0.0)
    return np.clip(places, 0, length - 1), weights / weights.sum(axis=0)


def _triangle(x: Weights) -> Weights:
    return np.maximum(1.0 - x, 0.0)


def _cubic(x: Weights) -> Weights:
    near = ((_KEYS + 2.0) * x - (_KEYS + 3.0)) * x**2 + 1.0
    far = _KEYS * (((x - 5.0) * x + 8.0) * x - 4.0)
    return np.where(x <= 1.0, near, np.where(x < 2.0, far, 0.0))


def _lanczos(x: Weights) -> Weights:
    return np.where(x < _LANCZOS, np.sinc(x) * np.sinc(x / _LANCZOS), 0.0)


# For an axis of so many pixels and as many wanted: which are looked at, (taps, n), and the weights.
SAMPLED: dict[str, Callable[[int, int], tuple[AnyArray, Weights]]] = {
    "nearest": _nearest,
    "bilinear": _weighted(_triangle, 1.0),
    "bicubic": _weighted(_cubic, 2.0),
    "area": _area,
    "lanczos": _weighted(_lanczos, _LANCZOS),
}
