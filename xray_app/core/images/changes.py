"""Changes of an image that mean nothing medically: (H, W) float32 in [0, 1] to itself."""

import io
from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image

from xray_app.core.classifier_metrics import Values
from xray_app.core.images.image_files import encode_jpeg
from xray_app.core.records import FloatArray


def moved(image: FloatArray, down: int, right: int) -> FloatArray:
    """Move by whole pixels; the edge that comes in repeats the border.

    >>> import numpy as np
    >>> moved(np.array([[1.0, 2.0, 3.0]], np.float32), down=0, right=1).tolist()
    [[1.0, 1.0, 2.0]]
    """
    padded = np.pad(image, ((abs(down),) * 2, (abs(right),) * 2), mode="edge")
    height, width = image.shape
    top, left = abs(down) - down, abs(right) - right
    return np.asarray(padded[top : top + height, left : left + width], np.float32)


def stored_as_jpeg(image: FloatArray, quality: int) -> FloatArray:
    """Through an 8-bit JPEG file of ``quality`` (1 to 95) and back.

    >>> import numpy as np
    >>> stored_as_jpeg(np.ones((8, 8), np.float32), quality=90).mean().item()
    1.0
    """
    data = encode_jpeg(np.rint(255.0 * image).astype(np.uint8), quality)
    with Image.open(io.BytesIO(data)) as file:
        return np.asarray(file, np.float32) / np.float32(255.0)


def resampled(image: FloatArray, degrees: float = 0.0, zoom: float = 1.0) -> FloatArray:
    """Turn about the middle, anticlockwise, and enlarge, by bilinear interpolation.

    What comes in from outside repeats the border.

    Args:
        image: (H, W).
        degrees: of the turn.
        zoom: over 1 enlarges.

    >>> import numpy as np
    >>> corner = np.array([[1.0, 0.0], [0.0, 0.0]], np.float32)
    >>> resampled(corner, degrees=90.0).round(3).tolist()
    [[0.0, 0.0], [1.0, 0.0]]
    """
    angle = np.deg2rad(degrees)
    middle = (np.array(image.shape) - 1.0) / 2.0
    y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]].astype(np.float64)
    y, x = (y - middle[0]) / zoom, (x - middle[1]) / zoom
    from_y = np.cos(angle) * y + np.sin(angle) * x + middle[0]
    from_x = np.cos(angle) * x - np.sin(angle) * y + middle[1]
    return _bilinear(image, from_y, from_x)


def _bilinear(image: FloatArray, y: Values, x: Values) -> FloatArray:
    """The image at places between its pixels; outside it the nearest of the border."""
    last_y, last_x = image.shape[0] - 1, image.shape[1] - 1
    y, x = np.clip(y, 0.0, last_y), np.clip(x, 0.0, last_x)
    top, left = np.floor(y).astype(int), np.floor(x).astype(int)
    below, right = np.minimum(top + 1, last_y), np.minimum(left + 1, last_x)
    down, along = y - top, x - left
    upper = image[top, left] * (1.0 - along) + image[top, right] * along
    lower = image[below, left] * (1.0 - along) + image[below, right] * along
    return np.asarray(upper * (1.0 - down) + lower * down, np.float32)


# What a scanner, a viewer or a hand changes without anybody calling it another image.
MEANINGLESS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "moved 1 pixel right": partial(moved, down=0, right=1),
    "moved 1 pixel left": partial(moved, down=0, right=-1),
    "moved 1 pixel down": partial(moved, down=1, right=0),
    "moved 1 pixel up": partial(moved, down=-1, right=0),
    "stored as JPEG, quality 90": partial(stored_as_jpeg, quality=90),
    "turned 2° left": partial(resampled, degrees=2.0),
    "turned 2° right": partial(resampled, degrees=-2.0),
    "enlarged by 3 %": partial(resampled, zoom=1.03),
    "reduced by 3 %": partial(resampled, zoom=1 / 1.03),
}
