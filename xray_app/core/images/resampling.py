"""Resizing, in floating point: the bit depth of the file survives."""

import numpy as np
from PIL import Image

from xray_app.core.records import AnyArray, FloatArray, Radiograph


def resize(image: AnyArray, height: int, width: int) -> FloatArray:
    """Stretch (H, W) to (height, width) float32 with an antialiased bilinear filter.

    The filter widens with the reduction, as in Pillow's ``BILINEAR`` and in
    ``tf.image.resize(antialias=True)``; plain bilinear sampling would skip most of the pixels of a
    full-size radiograph. The aspect ratio is not kept: the bundled model was trained so.

    >>> import numpy as np
    >>> resize(np.array([[0, 4], [4, 8]], np.uint16), 1, 1)
    array([[4.]], dtype=float32)
    """
    if image.shape == (height, width):
        return np.asarray(image, np.float32)
    resized = _float_image(image).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(resized, np.float32)


def _float_image(image: AnyArray) -> Image.Image:
    """The same values; Pillow widens those of 8 and 16 bits faster than it takes wide ones in."""
    if image.dtype in (np.uint8, np.uint16):
        return Image.fromarray(image).convert("F")
    return Image.fromarray(np.asarray(image, np.float32))


def display_at(radiograph: Radiograph, height: int, width: int) -> FloatArray:
    """Resize ``radiograph.display`` as ``resize`` does: (height, width) float32 in [0, 1].

    Pixels are divided once they are few: both orders give the same, but for a float32's rounding.

    >>> import numpy as np
    >>> pixels = np.array([[0, 2]], np.uint8)
    >>> display_at(Radiograph(pixels, 2.0, pixels, "PNG", 8, (), ""), 1, 1)
    array([[0.5]], dtype=float32)
    """
    small = resize(radiograph.pixels, height, width)
    display: FloatArray = np.clip(small / np.float32(radiograph.white), 0.0, 1.0)
    return display


def display_within(radiograph: Radiograph, longest: int) -> FloatArray:
    """Resize as ``display_at``, the aspect kept and the longer side at most ``longest`` pixels.

    >>> import numpy as np
    >>> pixels = np.zeros((20, 40), np.uint8)
    >>> display_within(Radiograph(pixels, 255.0, pixels, "PNG", 8, (), ""), 10).shape
    (5, 10)
    """
    shape = radiograph.pixels.shape
    scale = min(1.0, longest / max(shape))
    height, width = (max(1, round(side * scale)) for side in shape)
    return display_at(radiograph, height, width)
