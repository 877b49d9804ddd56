"""Square pixels for the rare file whose pixels are taller than wide, or wider than tall."""

import numpy as np

from xray_app.readers.limits import check_dimensions
from xray_app.readers.steps.pipeline import Pipeline

_PLAUSIBLE = 10.0


def with_square_pixels(pipeline: Pipeline, aspect: float) -> Pipeline:
    """Stretch the coarser axis of (H, W) display values until pixels are square.

    A screen and a model both take pixels for squares, so what is not stretched is shown distorted
    (PS3.3 C.7.6.3.1.7). No value is lost: the finer axis stays as it is.

    Args:
        pipeline: display values in [0, white].
        aspect: height of a pixel divided by its width.

    Returns:
        A pipeline of float32 where it was stretched; the same pipeline where pixels are square.

    Raises:
        FileTooLarge: the stretched image would be over the limit.

    >>> import numpy as np
    >>> with_square_pixels(Pipeline(np.zeros((3, 4)), 1.0), aspect=2.0).values.shape
    (6, 4)
    """
    if aspect == 1.0:
        return pipeline
    from xray_app.core.images import resize

    if not 1.0 / _PLAUSIBLE <= aspect <= _PLAUSIBLE:
        return pipeline.noting(
            f"The file says that its pixels are {aspect:g} times as tall as wide, which is not "
            "plausible; it is ignored."
        )
    rows, columns = pipeline.values.shape
    new = (round(rows * aspect), columns) if aspect > 1.0 else (rows, round(columns / aspect))
    check_dimensions(*new)
    values = resize(np.ascontiguousarray(pipeline.values, np.float32), *new)
    values = np.clip(values, 0.0, np.float32(pipeline.white))
    detail = f"{columns} x {rows} stretched to {new[1]} x {new[0]}; linear interpolation"
    pipeline = pipeline.then("Square pixels", detail, values)
    return pipeline.noting(
        f"The file's pixels are {aspect:.3g} times as tall as wide; they were made square."
    )
