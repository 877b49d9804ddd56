"""A radiograph and a heatmap at the size at which people look at them."""

import numpy as np
from PIL import Image

from xray_app.core.images.resampling import display_within
from xray_app.core.records import FloatArray, Radiograph, Saliency

DISPLAY_PIXELS = 1024


def radiograph_for_display(radiograph: Radiograph) -> FloatArray:
    """The radiograph, (H, W) float32 in [0, 1], with its longer side at most 1,024 pixels."""
    return display_within(radiograph, DISPLAY_PIXELS)


def heat_for_display(saliency: Saliency, scale: float, height: int, width: int) -> FloatArray:
    """The saliency map, stretched to (height, width), with 1 the top of the absolute scale.

    Returns:
        (height, width) float32 in [0, 1]; all zero if the map is empty.
    """
    if saliency.is_empty or scale <= 0.0:
        return np.zeros((height, width), np.float32)
    coarse = Image.fromarray(saliency.map / np.float32(scale))
    smooth = coarse.resize((width, height), Image.Resampling.BICUBIC)
    heat: FloatArray = np.clip(np.asarray(smooth, np.float32), 0.0, 1.0)
    return heat
