"""Strong augmentation: other machines, other exposures, other people, things in the way."""

import numpy as np
from scipy.ndimage import affine_transform, gaussian_filter
from skimage.exposure import match_histograms

from xray_app.core import FloatArray


def changed(
    image: FloatArray, mask: FloatArray, other: FloatArray, random: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """One random version of a pair: moved alike, then the image's values changed.

    Args:
        image, mask: (H, W) float32 in [0, 1].
        other: (H, W) of the other population. Half of the images take its histogram, lest the
            network tell from an image's grays which way to draw, and draw strangers' lungs in the
            way of the population whose grays they have.
        random: the source of all choices.
    """
    if random.random() < 0.5:
        image = match_histograms(image, other).astype(np.float32)
    image, mask = _moved(image, mask, random)
    return _occluded(_exposed(_shaded(image, random), random), random), mask


def _shaded(image: FloatArray, random: np.random.Generator) -> FloatArray:
    """Brighter on one side than on the other, as where the beam or the grid was off."""
    if random.random() < 0.5:
        return image
    rows, columns = np.mgrid[-1.0 : 1.0 : image.shape[0] * 1j, -1.0 : 1.0 : image.shape[1] * 1j]
    slope = random.uniform(-0.3, 0.3, 2)
    shade = 1.0 + slope[0] * rows + slope[1] * columns
    return np.clip(image * shade, 0.0, 1.0).astype(np.float32)


def _moved(
    image: FloatArray, mask: FloatArray, random: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    angle = np.deg2rad(random.uniform(-15.0, 15.0))
    zoom = np.exp(random.uniform(-0.3, 0.25, 2) * [1.0, 0.6] + random.uniform(-0.15, 0.15))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.diag(zoom)
    if random.random() < 0.5:
        matrix[:, 1] *= -1.0
    middle = (np.array(image.shape) - 1.0) / 2.0
    shift = random.uniform(-0.1, 0.1, 2) * image.shape
    offset = middle - matrix @ (middle + shift)
    beside = float(random.choice([0.0, float(image.min()), float(image.mean())]))
    moved = affine_transform(image, matrix, offset, order=1, cval=beside)
    return moved, affine_transform(mask, matrix, offset, order=1, cval=0.0)


def _exposed(image: FloatArray, random: np.random.Generator) -> FloatArray:
    if random.random() < 0.5:  # window
        low, high = np.quantile(image, [random.uniform(0.0, 0.1), random.uniform(0.85, 1.0)])
        image = np.clip((image - low) / max(high - low, 0.05), 0.0, 1.0)
    image = np.clip(image, 0.0, 1.0) ** np.exp(random.uniform(-0.8, 0.8))
    image = image * random.uniform(0.6, 1.1) + random.uniform(-0.1, 0.3)
    if random.random() < 0.3:
        image = gaussian_filter(image, random.uniform(0.3, 1.5))
    if random.random() < 0.5:
        image = image + random.normal(0.0, random.uniform(0.0, 0.06), image.shape)
    return np.clip(image, 0.0, 1.0).astype(np.float32)


def _occluded(image: FloatArray, random: np.random.Generator) -> FloatArray:
    """Up to three rectangles of one gray, or of noise; the mask stays: the lung is behind them."""
    image = image.copy()
    for _ in range(random.integers(0, 4)):
        height, width = random.integers(4, image.shape[0] // 3, 2)
        top, left = (
            random.integers(0, image.shape[0] - height),
            random.integers(0, image.shape[1] - width),
        )
        noise = random.random((height, width)) if random.random() < 0.3 else random.random()
        part = image[top : top + height, left : left + width]
        share = random.uniform(0.3, 1.0)
        image[top : top + height, left : left + width] = (1.0 - share) * part + share * noise
    return image
