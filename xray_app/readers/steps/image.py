"""An image as a file holds it, and the ways in which it can be rendered for display."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from xray_app.core import AnyArray, Shutter, Spacing, WindowOffer
from xray_app.readers.steps.pipeline import Pipeline
from xray_app.readers.steps.voi import by_blocks, linear_exact

CUSTOM, DECLARED, RANGE = "custom", "declared", "range"


@dataclass(frozen=True, slots=True, eq=False)
class Rendering:
    """An offer, and how it turns modality values into display values.

    Attributes:
        step, detail: the provenance step; without a ``step`` the values stay as they are.
        apply: (values, white) to values in [0, white].
        notice: a sentence to read before trusting it; "" if there is none.
        may_be_dark: whether to warn if little of the scale is used.
    """

    offer: WindowOffer
    step: str = ""
    detail: str = ""
    apply: Callable[[AnyArray, float], AnyArray] = lambda values, white: values
    notice: str = ""
    may_be_dark: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class StoredImage:
    """One gray image as a file holds it, before a window is chosen.

    Attributes:
        pipeline: (H, W) modality values with their trail.
        stored: (H, W) the same before the modality LUT.
        renderings: what the file offers, its default first and its own range, if given, last.

    The others are those of ``Radiograph`` and ``WindowControls``.
    """

    pipeline: Pipeline
    stored: AnyArray
    file_format: str
    bits: int
    renderings: tuple[Rendering, ...]
    frames: int = 1
    is_windowable: bool = False
    modality: Callable[[AnyArray], AnyArray] | None = None
    padding: tuple[float, float] | None = None
    shutter: Shutter | None = None
    inverted: str = ""
    pixel_aspect: float = 1.0
    technical: Mapping[str, str] = field(default_factory=dict)
    age_years: float | None = None
    spacing: Spacing | None = None


def outside(
    stored: AnyArray, padding: tuple[float, float] | None, shutter: Shutter | None
) -> NDArray[np.bool_] | None:
    """Return (H, W), true where there is no image; None if it is everywhere.

    Args:
        stored: (H, W) stored values.
        padding: inclusive range of those that are padding (PS3.3 C.7.5.1.1.2), or None.
        shutter: what hides a part of the image, or None.

    >>> import numpy as np
    >>> outside(np.array([[0, 7]]), (0.0, 0.0), None)
    array([[ True, False]])
    """
    hidden = None if shutter is None else shutter(*stored.shape)
    if padding is None:
        return hidden
    padded: NDArray[np.bool_] = (stored >= padding[0]) & (stored <= padding[1])
    return padded if hidden is None else padded | hidden


def declared(white: float) -> Rendering:
    """Offer the scale that a file declares: 0 is black and ``white`` white.

    >>> declared(255.0).offer.label
    "The file's whole scale, 0 to 255"
    """
    offer = WindowOffer(DECLARED, f"The file's whole scale, 0 to {white:g}", 0.0, white)
    return Rendering(offer, may_be_dark=True)


def plain(pipeline: Pipeline, file_format: str, bits: int) -> StoredImage:
    """Make a StoredImage of unsigned integers (H, W) on the scale that their file declares.

    Args:
        pipeline: the values in [0, 2**bits - 1].
        file_format: what the file's content is, such as "PNG".
        bits: of each value.

    >>> import numpy as np
    >>> image = plain(Pipeline(np.zeros((2, 2), np.uint16), 65535.0), "PNG", 16)
    >>> image.is_windowable, [r.offer.name for r in image.renderings]
    (True, ['declared'])
    """
    offers = (declared(pipeline.white),)
    return StoredImage(pipeline, pipeline.values, file_format, bits, offers, is_windowable=bits > 8)


def spanning(low: float, high: float, why: str = "", notice: str = "") -> Rendering:
    """Offer the image's own range, [low, high] in modality values; a uniform image becomes black.

    Args:
        low: the value that becomes black.
        high: the value that becomes white.
        why: why it was chosen, for the provenance; "" if a user chose it.
        notice: a sentence to read before trusting the image; "" if there is none.

    >>> import numpy as np
    >>> spanning(100.0, 300.0).apply(np.array([[100, 200, 300]]), 255.0).tolist()
    [[0.0, 127.5, 255.0]]
    """
    offer = WindowOffer(RANGE, f"The image's own range, {low:g} to {high:g}", low, high)
    detail = f"{why or 'chosen'}; smallest and largest value become black and white"
    return Rendering(offer, "Display range", detail, partial(_span, low, high), notice)


def custom(low: float, high: float) -> Rendering:
    """Offer a user's own window, [low, high] in modality values, low < high.

    >>> import numpy as np
    >>> custom(100.0, 300.0).apply(np.array([[0, 100, 200, 300]]), 1.0).tolist()
    [[0.0, 0.0, 0.5, 1.0]]
    """
    center, width = (low + high) / 2, high - low
    detail = f"chosen: LINEAR_EXACT, center {center:g}, width {width:g}"
    offer = WindowOffer(CUSTOM, "A window of one's own", low, high)
    apply = partial(_window, center, width)
    return Rendering(offer, "VOI window", detail, apply)


def _window(center: float, width: float, values: AnyArray, white: float) -> AnyArray:
    return by_blocks(lambda v: linear_exact(v, center, width, white), values)


def _span(low: float, high: float, values: AnyArray, white: float) -> AnyArray:
    if not high > low:
        return np.zeros(values.shape, np.float32)
    return by_blocks(lambda v: np.clip((v - low) * (white / (high - low)), 0.0, white), values)
