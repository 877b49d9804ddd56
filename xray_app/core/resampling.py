"""Resizing, in floating point: the bit depth of the file survives."""

import numpy as np
from PIL import Image

from xray_app.core.records import FloatArray


def resize(image: FloatArray, height: int, width: int) -> FloatArray:
    """Stretch (H, W) float32 to (height, width) with an antialiased bilinear filter.

    The filter widens with the reduction, as in Pillow's ``BILINEAR`` and in
    ``tf.image.resize(antialias=True)``; plain bilinear sampling would skip most of the pixels of a
    full-size radiograph. The aspect ratio is not kept: the bundled model was trained so.
    """
    if image.shape == (height, width):
        return image
    resized = Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(resized, np.float32)
