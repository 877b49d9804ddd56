"""Resizing, in floating point: the bit depth of the file survives."""

import numpy as np
from PIL import Image

from xray_app.core.images.kernels import sampled
from xray_app.core.records import AnyArray, FloatArray, Radiograph

# By what they widen with the reduction; nearest and area never ask.
_ANTIALIASED = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def resize(
    image: AnyArray, height: int, width: int, kernel: str = "bilinear", *, antialias: bool = True
) -> FloatArray:
    """Stretch (H, W) to (height, width) float32.

    An antialiased filter widens with the reduction, as in Pillow and in
    ``tf.image.resize(antialias=True)``; without, most pixels of a full-size radiograph are skipped.

    Args:
        image: any real values.
        height: in pixels.
        width: in pixels.
        kernel: a key of ``KERNELS``.
        antialias: widen the kernel; without effect on ``nearest`` and ``area``.

    >>> import numpy as np
    >>> resize(np.array([[0, 4], [4, 8]], np.uint16), 1, 1)
    array([[4.]], dtype=float32)
    >>> resize(np.array([[0, 4, 8, 8]], np.uint8), 1, 2, antialias=False).tolist()
    [[2.0, 8.0]]
    """
    if image.shape == (height, width):
        return np.asarray(image, np.float32)
    if not antialias or kernel not in _ANTIALIASED:
        return sampled(image, height, width, kernel)
    resized = _float_image(image).resize((width, height), _ANTIALIASED[kernel])
    return np.asarray(resized, np.float32)


def _float_image(image: AnyArray) -> Image.Image:
    """The same values; Pillow widens those of 8 and 16 bits faster than it takes wide ones in."""
    if image.dtype in (np.uint8, np.uint16):
        return Image.fromarray(np.ascontiguousarray(image)).convert("F")
    return Image.fromarray(np.asarray(image, np.float32))


def display_within(radiograph: Radiograph, longest: int) -> FloatArray:
    """Resize ``radiograph.display``, the aspect kept and the longer side at most ``longest``.

    >>> import numpy as np
    >>> pixels = np.zeros((20, 40), np.uint8)
    >>> display_within(Radiograph(pixels, 255.0, pixels, "PNG", 8, (), ""), 10).shape
    (5, 10)
    """
    shape = radiograph.pixels.shape
    scale = min(1.0, longest / max(shape))
    height, width = (max(1, round(side * scale)) for side in shape)
    return displayed(resize(radiograph.pixels, height, width), radiograph.white)


def displayed(small: FloatArray, white: float) -> FloatArray:
    """Resized pixels in the display domain, float32 in [0, 1].

    Pixels are divided once they are few: both orders give the same, but for a float32's rounding.

    >>> import numpy as np
    >>> displayed(np.array([[1, 3]], np.float32), white=2.0).tolist()
    [[0.5, 1.0]]
    """
    display: FloatArray = np.clip(small / np.float32(white), 0.0, 1.0)
    return display
