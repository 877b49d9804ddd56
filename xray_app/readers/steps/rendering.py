"""From an image's values to what is displayed: window, inversion, padding, square pixels.

The order is that of DICOM PS3.4 N.2: modality LUT, VOI LUT or window, presentation LUT.
"""

import numpy as np

from xray_app.core import AnyArray, Shutter, UnreadableFile, WindowControls
from xray_app.readers.steps.image import Rendering, outside
from xray_app.readers.steps.pipeline import Pipeline, inverted, with_dark_notice
from xray_app.readers.steps.pixel_aspect import with_square_pixels


def rendered_by(pipeline: Pipeline, rendering: Rendering) -> Pipeline:
    """Apply a window: modality values become gray in [0, white].

    >>> import numpy as np
    >>> from xray_app.readers.steps.image import custom
    >>> shown = rendered_by(Pipeline(np.array([[0, 50]]), 255.0), custom(0.0, 100.0))
    >>> shown.values.tolist(), shown.steps[-1].name
    ([[0.0, 127.5]], 'VOI window')
    """
    if rendering.notice:
        pipeline = pipeline.noting(rendering.notice)
    if rendering.step:
        shown = rendering.apply(pipeline.values, pipeline.white)
        pipeline = pipeline.then(rendering.step, rendering.detail, shown)
    return with_dark_notice(pipeline) if rendering.may_be_dark else pipeline


def completed(pipeline: Pipeline, stored: AnyArray, controls: WindowControls) -> Pipeline:
    """Do what follows the window: inversion, padding black, the shutter, square pixels.

    Args:
        pipeline: (H, W) gray in [0, white].
        stored: (H, W) the stored values, which tell padding apart.
        controls: what the file declares of these.

    >>> from dataclasses import replace
    >>> import numpy as np
    >>> from xray_app.core.images.image_files import encode_png
    >>> from xray_app.readers import read_radiograph
    >>> shown = Pipeline(np.array([[0.0, 200.0]], np.float32), 255.0)
    >>> controls = read_radiograph(encode_png(np.array([[0, 200]], np.uint8))).controls
    >>> negative = replace(controls, inverted="MONOCHROME1")
    >>> completed(shown, shown.values, negative).values.tolist()
    [[255.0, 55.0]]
    """
    if controls.inverted:
        pipeline = inverted(pipeline, controls.inverted)
    mask = outside(stored, controls.padding, None)
    if mask is not None and mask.any():
        detail = f"{int(mask.sum())} pixels that the file marks as padding are shown black"
        pipeline = pipeline.then(
            "Padding", detail, np.where(mask, np.float32(0.0), pipeline.values)
        )
    if controls.shutter is not None:
        pipeline = _shut(pipeline, controls.shutter)
    return with_square_pixels(pipeline, controls.pixel_aspect)


def _shut(pipeline: Pipeline, shutter: Shutter) -> Pipeline:
    hidden = shutter(*pipeline.values.shape)
    share = f"{hidden.mean():.0%} of the pixels"
    values = np.where(hidden, np.float32(shutter.gray * pipeline.white), pipeline.values)
    pipeline = pipeline.then("Display shutter", f"{share} are hidden", values)
    return pipeline.noting(f"The file's display shutter hides {share}; the model gets them so.")


def checked(pipeline: Pipeline, pixels: AnyArray, bits: int) -> Pipeline:
    """Refuse pixels outside [0, white]; say so where all are the same.

    Raises:
        UnreadableFile: a value is outside, or not a number.

    >>> import numpy as np
    >>> uniform = np.full((2, 2), 7.0, np.float32)
    >>> checked(Pipeline(uniform, 255.0), uniform, bits=8).notices
    ('Every pixel has the same value, so there is nothing to be seen.',)
    """
    low, high = float(pixels.min()), float(pixels.max())
    if not (low >= 0.0 and high <= pipeline.white):  # so that not-a-number is refused as well
        raise UnreadableFile(
            f"Expected values from 0 to {pipeline.white:g} in an image of {bits} bits, received "
            f"{low:g} to {high:g}. Export it again."
        )
    if low == high:
        pipeline = pipeline.noting(
            "Every pixel has the same value, so there is nothing to be seen."
        )
    return pipeline
