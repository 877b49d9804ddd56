"""Random changes of a radiograph in the display domain, (H, W) float32 in [0, 1], to itself.

They come before the scheme, so that the scheme sees what a person might upload. To add one, write
one function and one row of ``AUGMENTATIONS``.
"""

from collections.abc import Callable, Iterable

import numpy as np
from PIL import Image

from xray_app.core import FloatArray, UnknownChoice

Augmentation = Callable[[FloatArray, np.random.Generator], FloatArray]


def _affine(image: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Rotate by 10 degrees, zoom by 10 %, shift by 6 % at most, black where nothing was."""
    height, width = image.shape
    angle = np.deg2rad(rng.uniform(-10, 10))
    zoom = rng.uniform(0.9, 1.1)
    across, down = rng.uniform(-0.06, 0.06, 2) * (width, height)
    cos, sin = np.cos(angle) / zoom, np.sin(angle) / zoom
    cx, cy = (width - 1) / 2, (height - 1) / 2
    tx, ty = cx + across, cy + down
    row_x = (cos, sin, cx - cos * tx - sin * ty)
    row_y = (-sin, cos, cy + sin * tx - cos * ty)
    moved = Image.fromarray(image).transform(
        (width, height), Image.Transform.AFFINE, row_x + row_y, Image.Resampling.BILINEAR
    )
    return np.asarray(moved, np.float32)


def _flip(image: FloatArray, rng: np.random.Generator) -> FloatArray:
    return image[:, ::-1] if rng.random() < 0.5 else image


def _gamma(image: FloatArray, rng: np.random.Generator) -> FloatArray:
    exponent = np.float32(np.exp(rng.uniform(-0.25, 0.25)))
    return np.asarray(np.maximum(image, 0) ** exponent, np.float32)


def _brightness(image: FloatArray, rng: np.random.Generator) -> FloatArray:
    return image + np.float32(rng.uniform(-0.1, 0.1))


def _contrast(image: FloatArray, rng: np.random.Generator) -> FloatArray:
    mean = image.mean()
    return np.asarray((image - mean) * np.float32(rng.uniform(0.8, 1.2)) + mean, np.float32)


def _noise(image: FloatArray, rng: np.random.Generator) -> FloatArray:
    sigma = np.float32(rng.uniform(0, 0.03))
    return image + sigma * rng.standard_normal(image.shape, np.float32)


def _erase(image: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Cover, one time in four, a rectangle of at most 30 % of each side with one gray."""
    if rng.random() >= 0.25:
        return image
    height, width = image.shape
    tall, wide = (int(s) for s in rng.uniform(0.1, 0.3, 2) * (height, width))
    top, left = rng.integers(0, height - tall + 1), rng.integers(0, width - wide + 1)
    erased = image.copy()
    erased[top : top + tall, left : left + wide] = rng.random()
    return erased


AUGMENTATIONS: dict[str, Augmentation] = {
    "affine": _affine,
    "flip": _flip,
    "gamma": _gamma,
    "brightness": _brightness,
    "contrast": _contrast,
    "noise": _noise,
    "erase": _erase,
}


def require_augmentations(names: Iterable[str]) -> None:
    """Check the names.

    Raises:
        UnknownChoice: one is not registered.
    """
    for name in names:
        if name not in AUGMENTATIONS:
            raise UnknownChoice.of("augmentation", name, AUGMENTATIONS)


def augment(display: FloatArray, names: Iterable[str], rng: np.random.Generator) -> FloatArray:
    """Apply the named augmentations to (H, W) float32 in [0, 1], in order; clip to [0, 1]."""
    image = display
    for name in names:
        image = AUGMENTATIONS[name](image, rng)
    return np.clip(image, 0.0, 1.0).astype(np.float32, copy=False)
