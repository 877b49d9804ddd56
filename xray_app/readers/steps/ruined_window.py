"""Whether a file's own window flattens most of what the file holds."""

from operator import itemgetter

from xray_app.core import AnyArray
from xray_app.readers.steps.image import Rendering, StoredImage, outside
from xray_app.readers.steps.pipeline import Pipeline, value_range

# Half of an image in pure white or black, which the file tells apart, is no picture.
_RUINED = 0.5
RUINED_ADVICE = "Try the image's own range (--window range)."


def with_ruin_notice(image: StoredImage, rendering: Rendering, rendered: Pipeline) -> Pipeline:
    """Say that the file's own window flattens most of what the file holds, and what helps.

    >>> import numpy as np
    >>> from xray_app.readers.steps.image import custom, plain
    >>> from xray_app.readers.steps.rendering import rendered_by
    >>> image = plain(Pipeline(np.array([[0, 60, 70, 75, 80]], np.uint8), 255.0), "PNG", 8)
    >>> window = custom(0.0, 50.0)
    >>> (notice,) = with_ruin_notice(image, window, rendered_by(image.pipeline, window)).notices
    >>> notice.removesuffix(RUINED_ADVICE)
    "The file's window shows 60% of the pixels as pure white. "
    """
    values, shown = _visible(image, rendered)
    if not rendering.step or not shown.size:
        return rendered
    low, high = value_range(values)
    # What already is the smallest or largest value of the file is black or white in any window.
    lost = {
        "white": float(((shown >= rendered.white) & (values < high)).mean()),
        "black": float(((shown <= 0.0) & (values > low)).mean()),
    }
    colour, share = max(lost.items(), key=itemgetter(1))
    if image.inverted:
        colour = {"white": "black", "black": "white"}[colour]
    if share > _RUINED:
        return rendered.noting(
            f"The file's window shows {share:.0%} of the pixels as pure {colour}. {RUINED_ADVICE}"
        )
    if not rendering.may_be_dark and _is_flat(rendered, low, high):
        return rendered.noting(
            f"The file's window shows nearly everything in one shade. {RUINED_ADVICE}"
        )
    return rendered


def _visible(image: StoredImage, rendered: Pipeline) -> tuple[AnyArray, AnyArray]:
    """The values and what is shown of them, where neither padding nor shutter hides them."""
    hidden = outside(image.stored, image.padding, image.shutter)
    values, shown = image.pipeline.values, rendered.values
    return (values, shown) if hidden is None else (values[~hidden], shown[~hidden])


def _is_flat(rendered: Pipeline, low: float, high: float) -> bool:
    """Whether a window leaves an image that has contrast under 1/8 of the scale."""
    darkest, brightest = value_range(rendered.values)
    return high > low and (brightest - darkest) * 8 < rendered.white
