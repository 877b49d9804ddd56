"""From colour and transparency to one gray channel, at full depth."""

from dataclasses import replace

import numpy as np

from xray_app.core import AnyArray
from xray_app.readers.steps.pipeline import Pipeline

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def luma(rgb: AnyArray) -> AnyArray:
    """Return the gray of an (H, W, 3) image in the same units, (H, W), not rounded.

    ITU-R BT.601-2 luma, the weights of Pillow's ``convert("L")``, in the precision of float32.
    The result is float32, or float64 for integers of more than 16 bits and for float64.

    >>> import numpy as np
    >>> luma(np.array([[[0, 0, 0], [0, 1000, 0]]], np.uint16)).round().tolist()
    [[0.0, 587.0]]
    """
    gray = rgb.astype(np.float32) @ _LUMA
    clipped: AnyArray = np.clip(gray, rgb.min(), rgb.max())  # rounding must not leave the range
    return clipped


def to_gray(pipeline: Pipeline, *, premultiplied: bool = False) -> Pipeline:
    """Reduce (H, W), or (H, W, C) of gray, gray + alpha, RGB or RGBA, to (H, W).

    Alpha has the scale of the other channels and is composited over black, the background of a
    radiograph; ``premultiplied`` says that the file has done that already. The values stay in
    [0, white]; they become floats where colours differ or alpha is composited.

    >>> import numpy as np
    >>> gray_and_alpha = np.array([[[200, 255], [200, 0]]], np.uint8)
    >>> to_gray(Pipeline(gray_and_alpha, 255.0)).values.tolist()
    [[200.0, 0.0]]
    """
    if pipeline.values.ndim == 2:
        return pipeline
    channels = pipeline.values.shape[-1]
    alpha = pipeline.values[..., -1] if channels in (2, 4) else None
    pipeline = _without_colour(pipeline, channels)
    return pipeline if alpha is None else _over_black(pipeline, alpha, premultiplied)


def _without_colour(pipeline: Pipeline, channels: int) -> Pipeline:
    first = pipeline.values[..., 0]
    if channels < 3:
        return replace(pipeline, values=first)
    rgb = pipeline.values[..., :3]
    if np.array_equal(first, rgb[..., 1]) and np.array_equal(first, rgb[..., 2]):
        return pipeline.then("Colour to gray", "red, green and blue are equal; one is taken", first)
    detail = "ITU-R 601-2 luma 0.299 R + 0.587 G + 0.114 B, not rounded"
    return pipeline.then("Colour to gray", detail, luma(rgb))


def _over_black(pipeline: Pipeline, alpha: AnyArray, premultiplied: bool) -> Pipeline:
    opacity = alpha.astype(np.float32) / np.float32(pipeline.white)
    if (opacity == 1.0).all():
        return pipeline.then("Alpha", "opaque everywhere; dropped", pipeline.values)
    pipeline = pipeline.noting("The image is partly transparent; it is shown over black.")
    if premultiplied:
        return pipeline.then("Alpha", "already multiplied into the file's values", pipeline.values)
    return pipeline.then("Alpha", "composited over black", pipeline.values * opacity)
