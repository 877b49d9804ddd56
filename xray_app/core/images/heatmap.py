"""A radiograph and a heatmap at the size at which people look at them."""

import numpy as np
from PIL import Image

from xray_app.core.images.placement import Box
from xray_app.core.images.resampling import display_within
from xray_app.core.records import FloatArray, Radiograph, Saliency

DISPLAY_PIXELS = 1024
WHOLE = Box(0.0, 0.0, 1.0, 1.0)


def radiograph_for_display(radiograph: Radiograph) -> FloatArray:
    """Return the radiograph, (H, W) float32 in [0, 1], its longer side at most 1,024 pixels.

    >>> import numpy as np
    >>> pixels = np.zeros((1024, 2048), np.uint8)
    >>> radiograph_for_display(Radiograph(pixels, 255.0, pixels, "PNG", 8, (), "")).shape
    (512, 1024)
    """
    return display_within(radiograph, DISPLAY_PIXELS)


def heat_for_display(
    saliency: Saliency, scale: float, height: int, width: int, box: Box = WHOLE
) -> FloatArray:
    """Stretch the saliency map to (height, width), with 1 the top of the absolute scale.

    Args:
        saliency: a map of any size.
        scale: the top of the scale, in the unit of the map.
        height: in pixels.
        width: in pixels.
        box: the rectangle that the model's input shows of it, in fractions; beyond is nothing.

    Returns:
        (height, width) float32 in [0, 1]; all zero if the map is empty.

    >>> import numpy as np
    >>> saliency = Saliency("gradcam", "last", "normal", np.ones((1, 1), np.float32), 1.0, "")
    >>> heat_for_display(saliency, scale=2.0, height=1, width=2).tolist()
    [[0.5, 0.5]]
    """
    stretched = _stretched(saliency, saliency.map, scale, (height, width), box)
    heat: FloatArray = np.clip(stretched, 0.0, 1.0)
    return heat


def difference_for_display(
    saliency: Saliency, scale: float, height: int, width: int, box: Box = WHOLE
) -> FloatArray:
    """As ``heat_for_display`` of the difference of two classes, (height, width) in [-1, 1].

    >>> import numpy as np
    >>> one, none = np.ones((1, 1), np.float32), np.zeros((1, 1), np.float32)
    >>> saliency = Saliency("gradcam", "last", "a", none, 1.0, "", "b", one)
    >>> difference_for_display(saliency, scale=2.0, height=1, width=2).tolist()
    [[-0.5, -0.5]]
    """
    signed = saliency.map if saliency.negative is None else saliency.map - saliency.negative
    stretched = _stretched(saliency, signed, scale, (height, width), box)
    heat: FloatArray = np.clip(stretched, -1.0, 1.0)
    return heat


def _stretched(
    saliency: Saliency, values: FloatArray, scale: float, shape: tuple[int, int], box: Box
) -> FloatArray:
    whole = np.zeros(shape, np.float32)
    if saliency.is_empty or scale <= 0.0:
        return whole
    height, width = shape
    top, left = round(box.top * height), round(box.left * width)
    size = max(1, round(box.width * width)), max(1, round(box.height * height))
    coarse = Image.fromarray(values / np.float32(scale))
    placed = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), np.float32)
    shown = placed[max(0, -top) : height - top, max(0, -left) : width - left]
    top, left = max(0, top), max(0, left)
    whole[top : top + shown.shape[0], left : left + shown.shape[1]] = shown
    return whole
