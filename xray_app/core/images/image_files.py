"""Image files of arrays, in memory, with no metadata."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def encode_png(image: NDArray[np.uint8]) -> bytes:
    """Return the PNG of (H, W) or (H, W, 3) uint8, without metadata.

    >>> import numpy as np
    >>> encode_png(np.zeros((2, 2), np.uint8))[1:4]
    b'PNG'
    """
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def encode_jpeg(image: NDArray[np.uint8], quality: int) -> bytes:
    """Return the JPEG of (H, W) or (H, W, 3) uint8; for a large image, much faster than PNG.

    Args:
        image: gray or RGB.
        quality: Pillow's, from 1 to 95.

    >>> import numpy as np
    >>> encode_jpeg(np.zeros((2, 2), np.uint8), quality=90)[6:10]
    b'JFIF'
    """
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
