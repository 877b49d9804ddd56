"""The orientation that a camera or a scanner records beside the pixels."""

from collections.abc import Callable

import numpy as np

from xray_app.core import AnyArray
from xray_app.readers.steps.pipeline import Pipeline

# EXIF 2.3, tag 0x0112 (the same as in TIFF 6.0): how to turn the rows and columns upright.
_UPRIGHT: dict[int, tuple[str, Callable[[AnyArray], AnyArray]]] = {
    2: ("mirrored left to right", lambda a: a[:, ::-1]),
    3: ("rotated by 180 degrees", lambda a: a[::-1, ::-1]),
    4: ("mirrored top to bottom", lambda a: a[::-1]),
    5: ("mirrored over the main diagonal", lambda a: a.swapaxes(0, 1)),
    6: ("rotated by 90 degrees clockwise", lambda a: a.swapaxes(0, 1)[:, ::-1]),
    7: ("mirrored over the other diagonal", lambda a: a.swapaxes(0, 1)[::-1, ::-1]),
    8: ("rotated by 90 degrees anticlockwise", lambda a: a.swapaxes(0, 1)[::-1]),
}


def upright(pipeline: Pipeline, orientation: object) -> Pipeline:
    """Turn (H, W) or (H, W, C) upright; 1, and whatever EXIF doesn't define, changes nothing.

    >>> import numpy as np
    >>> upright(Pipeline(np.array([[1, 2]]), 255.0), 3).values.tolist()
    [[2, 1]]
    """
    if not isinstance(orientation, int) or orientation not in _UPRIGHT:
        return pipeline
    what, turn = _UPRIGHT[orientation]
    values = np.ascontiguousarray(turn(pipeline.values))
    return pipeline.then("Orientation", f"EXIF orientation {int(orientation)}: {what}", values)
