"""A radiograph and a heatmap at the size at which people look at them."""

import numpy as np
from PIL import Image

from xray_app.core.images.resampling import display_within
from xray_app.core.records import FloatArray, Radiograph, Saliency

DISPLAY_PIXELS = 1024


def radiograph_for_display(radiograph: Radiograph) -> FloatArray:
    """Return the radiograph, (H, W) float32 in [0, 1], its longer side at most 1,024 pixels.

    >>> import numpy as np
    >>> pixels = np.zeros((1024, 2048), np.uint8)
    >>> radiograph_for_display(Radiograph(pixels, 255.0, pixels, "PNG", 8, (), "")).shape
    (512, 1024)
    """
    return display_within(radiograph, DISPLAY_PIXELS)


def heat_for_display(saliency: Saliency, scale: float, height: int, width: int) -> FloatArray:
    """Stretch the saliency map to (height, width), with 1 the top of the absolute scale.

    Args:
        saliency: a map of any size.
        scale: the top of the scale, in the unit of the map.
        height: in pixels.
        width: in pixels.

    Returns:
        (height, width) float32 in [0, 1]; all zero if the map is empty.

    >>> import numpy as np
    >>> saliency = Saliency("gradcam", "last", "normal", np.ones((1, 1), np.float32), 1.0, "")
    >>> heat_for_display(saliency, scale=2.0, height=1, width=2).tolist()
    [[0.5, 0.5]]
    """
    heat: FloatArray = np.clip(_stretched(saliency, saliency.map, scale, height, width), 0.0, 1.0)
    return heat


def difference_for_display(saliency: Saliency, scale: float, height: int, width: int) -> FloatArray:
    """As ``heat_for_display`` of the difference of two classes, (height, width) in [-1, 1].

    >>> import numpy as np
    >>> one, none = np.ones((1, 1), np.float32), np.zeros((1, 1), np.float32)
    >>> saliency = Saliency("gradcam", "last", "a", none, 1.0, "", "b", one)
    >>> difference_for_display(saliency, scale=2.0, height=1, width=2).tolist()
    [[-0.5, -0.5]]
    """
    signed = saliency.map if saliency.negative is None else saliency.map - saliency.negative
    heat: FloatArray = np.clip(_stretched(saliency, signed, scale, height, width), -1.0, 1.0)
    return heat


def _stretched(
    saliency: Saliency, values: FloatArray, scale: float, height: int, width: int
) -> FloatArray:
    if saliency.is_empty or scale <= 0.0:
        return np.zeros((height, width), np.float32)
    coarse = Image.fromarray(values / np.float32(scale))
    return np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.float32)
