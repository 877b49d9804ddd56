"""Contrast steps: from the display domain, (H, W) float32 in [0, 1], to itself.

To add one, write one function and one row of ``CONTRASTS``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xray_app.core.records import FloatArray

# Below a fifteenth of the smallest step of a 16-bit file a difference is rounding, not contrast.
_UNIFORM = 1e-6
_SCIKIT_IMAGE = "scikit-image, skimage.exposure."


@dataclass(frozen=True, slots=True)
class Contrast:
    """A step from the display domain (H, W) in [0, 1] to itself."""

    name: str
    label: str
    formula: str
    explanation: str
    source: str
    apply: Callable[[FloatArray], FloatArray]


def _unchanged(image: FloatArray) -> FloatArray:
    return image


def _minmax(image: FloatArray) -> FloatArray:
    low, high = image.min(), image.max()
    return np.asarray((image - low) / (high - low), np.float32)


def _percentile(image: FloatArray) -> FloatArray:
    low, high = np.percentile(image, (2, 98)).astype(np.float32)
    if low == high:  # nearly uniform: the outliers are all the contrast there is
        return _minmax(image)
    stretched: FloatArray = np.clip((image - low) / (high - low), 0.0, 1.0)
    return stretched


def _equalize(image: FloatArray) -> FloatArray:
    from skimage.exposure import equalize_hist

    return np.asarray(equalize_hist(image), np.float32)


def _clahe(image: FloatArray) -> FloatArray:
    from skimage.exposure import equalize_adapthist

    return np.asarray(equalize_adapthist(image, clip_limit=0.01), np.float32)


CONTRASTS: dict[str, Contrast] = {
    c.name: c
    for c in (
        Contrast("none", "As displayed", "x' = x", "Contrast is left alone.", "", _unchanged),
        Contrast(
            "minmax",
            "Min-max stretch",
            r"x' = \frac{x - \min x}{\max x - \min x}",
            "The darkest pixel becomes black and the brightest white.",
            _SCIKIT_IMAGE + "rescale_intensity",
            _minmax,
        ),
        Contrast(
            "percentile",
            "Percentile stretch",
            r"x' = \mathrm{clip}\left(\frac{x - p_2}{p_{98} - p_2}, 0, 1\right)",
            "The 2nd percentile becomes black and the 98th white, so markers don't set the range.",
            _SCIKIT_IMAGE + "rescale_intensity on percentiles",
            _percentile,
        ),
        Contrast(
            "equalize",
            "Histogram equalization",
            r"x' = F(x), \; F \text{ the image's cumulative histogram}",
            "Every gray level becomes about equally frequent.",
            _SCIKIT_IMAGE + "equalize_hist",
            _equalize,
        ),
        Contrast(
            "clahe",
            "CLAHE",
            r"x' = F_{\mathrm{tile}}(x), \; \text{slope of } F \text{ clipped}",
            "Equalization tile by tile with limited slope, so local detail shows and noise does "
            "not explode.",
            _SCIKIT_IMAGE + "equalize_adapthist; Zuiderveld, Graphics Gems IV, 1994",
            _clahe,
        ),
    )
}


def adjust_contrast(display: FloatArray, contrast: Contrast) -> FloatArray:
    """Apply a contrast step to (H, W) float32 in [0, 1]; a uniform image is returned unchanged.

    A uniform image has no contrast to stretch; dividing by its zero range would invent one.

    Returns:
        (H, W) float32 in [0, 1].

    >>> import numpy as np
    >>> adjust_contrast(np.array([[0.25, 0.5, 0.75]], np.float32), CONTRASTS["minmax"])
    array([[0. , 0.5, 1. ]], dtype=float32)
    """
    if display.size == 0 or display.max() - display.min() < _UNIFORM:
        return display
    return contrast.apply(display).astype(np.float32, copy=False)
