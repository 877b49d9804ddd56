"""What a viewer needs of a radiograph: every pixel's value, and the windows to show them under.

A window is applied where the image is looked at, so that dragging sends nothing: pixels travel
once, as codes that stand for modality values, beside the table that says which.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xray_app.core import AnyArray, Radiograph, Spacing, Values, WindowControls, WindowOffer
from xray_app.core.images import Codes, packed

_DEEPEST = 2**16 - 1
_MOST_PIXELS = 32_000_000  # a telephone's browser ends a page that takes much more
_DARK = (0.02, 0.7)  # quantiles of gray: what is darker than most of the image, as lungs are
LUNG_LIKE = "lung-like"
CUSTOM = "custom"


@dataclass(frozen=True, slots=True, eq=False)
class ViewedPixels:
    """All pixels, packed.

    Attributes:
        data: what ``packed`` gives of codes (height, width), two bytes each if ``wide``.
        step: 2 if only every second row and column is there, and so on.
        values: (n,) float64: the modality value that code 0, 1, ... stands for.
        is_exact: whether that is the file's own value, not one rounded to 1/65,535 of the range.
        padding: first and last code that is no part of the image, or None.
        hidden: packed (height, width) uint8, 1 where the file hides the image; b"" if nowhere.
        dark: the window in modality values over the darker part of the image.
    """

    data: bytes
    height: int
    width: int
    wide: bool
    step: int
    values: Values
    is_exact: bool
    padding: tuple[int, int] | None
    hidden: bytes
    dark: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Preset:
    """A window by name; ``gray`` is (n,) uint8 by code where it is no straight line."""

    name: str
    label: str
    low: float
    high: float
    gray: NDArray[np.uint8] | None = None


def viewed_pixels(radiograph: Radiograph) -> ViewedPixels:
    """Pack a radiograph's modality values; of one that was turned or inverted, its gray.

    >>> stored = np.array([[0, 3]], np.uint8)
    >>> viewed = viewed_pixels(Radiograph(stored, 255.0, stored, "PNG", 8, (), ""))
    >>> viewed.values.tolist(), viewed.is_exact
    ([0.0, 1.0, 2.0, 3.0], True)
    """
    controls = radiograph.controls
    stored = radiograph.pixels if controls is None else radiograph.stored
    step = int(np.ceil(np.sqrt(stored.size / _MOST_PIXELS)))
    thinned = np.ascontiguousarray(stored[::step, ::step])
    codes, values, is_exact = _coded(thinned, controls.modality if controls else None)
    hidden = _hidden(stored.shape, controls, step)
    padding = _padding(thinned, codes, controls)
    counts = _counts(codes, len(values), padding, hidden)
    return ViewedPixels(
        data=packed(codes),
        height=codes.shape[0],
        width=codes.shape[1],
        wide=codes.dtype == np.uint16,
        step=step,
        values=values,
        is_exact=is_exact,
        padding=padding,
        hidden=b"" if hidden is None else packed(hidden.astype(np.uint8)),
        dark=_dark(counts, values, is_inverted=bool(controls and controls.inverted)),
    )


def _coded(
    stored: AnyArray, modality: Callable[[AnyArray], AnyArray] | None
) -> tuple[Codes, Values, bool]:
    """Codes from 0 on, what each stands for, and whether that is exact."""
    low, high = stored.min(), stored.max()
    if stored.dtype.kind in "iu" and int(high) - int(low) <= _DEEPEST:
        span = int(high) - int(low)
        every = np.arange(int(low), int(high) + 1).astype(stored.dtype)
        values = every if modality is None else modality(every)
        wide = stored.astype(np.int64) if stored.itemsize > 2 else stored
        shifted: Codes = (wide - low).astype(_type(span))  # int16 may wrap round; so does uint16
        return shifted, values.astype(np.float64), True
    values = (stored if modality is None else modality(stored)).astype(np.float64)
    bottom, top = float(values.min()), float(values.max())
    scale = _DEEPEST / (top - bottom) if top > bottom else 0.0
    codes = np.rint((values - bottom) * scale).astype(np.uint16)
    return codes, np.linspace(bottom, top, _DEEPEST + 1), False


def _type(span: int) -> type[np.uint8] | type[np.uint16]:
    return np.uint8 if span < 2**8 else np.uint16


def _hidden(
    shape: tuple[int, ...], controls: WindowControls | None, step: int
) -> NDArray[np.bool_] | None:
    if controls is None or controls.shutter is None:
        return None
    return controls.shutter(*shape)[::step, ::step]


def _padding(
    stored: AnyArray, codes: Codes, controls: WindowControls | None
) -> tuple[int, int] | None:
    if controls is None or controls.padding is None:
        return None
    padded = codes[(stored >= controls.padding[0]) & (stored <= controls.padding[1])]
    return (int(padded.min()), int(padded.max())) if padded.size else None


def _counts(
    codes: Codes,
    length: int,
    padding: tuple[int, int] | None,
    hidden: NDArray[np.bool_] | None,
) -> NDArray[np.intp]:
    """How many pixels of the image have each code, (length,)."""
    seen = codes if hidden is None else codes[~hidden]
    counts = np.bincount(seen.reshape(-1), minlength=length)
    if padding is not None:
        counts[padding[0] : padding[1] + 1] = 0
    return counts


def _dark(counts: NDArray[np.intp], values: Values, *, is_inverted: bool) -> tuple[float, float]:
    ends = _DARK if not is_inverted else (1.0 - _DARK[1], 1.0 - _DARK[0])
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(counts[order])
    if not reached[-1]:
        return float(values.min()), float(values.max())
    places = np.searchsorted(reached, np.array(ends) * reached[-1])
    low, high = values[order][np.minimum(places, len(values) - 1)]
    return float(low), float(high)


def presets(radiograph: Radiograph, viewed: ViewedPixels) -> tuple[Preset, ...]:
    """List the windows to choose from, the file's own first.

    Args:
        radiograph: any.
        viewed: what ``viewed_pixels`` gave of it.

    >>> stored = np.array([[0, 3]], np.uint8)
    >>> radiograph = Radiograph(stored, 255.0, stored, "PNG", 8, (), "")
    >>> [preset.name for preset in presets(radiograph, viewed_pixels(radiograph))]
    ['declared', 'lung-like']
    """
    controls = radiograph.controls
    offers = controls.offers if controls else (_whole(radiograph),)
    found = [_preset(offer, viewed) for offer in offers]
    if controls and controls.chosen == CUSTOM and controls.window:
        found.append(Preset(CUSTOM, "The window that you gave the model", *controls.window))
    if viewed.dark[0] < viewed.dark[1]:
        label = f"Lung-like: the darker part, percentiles {_DARK[0]:.0%} to {_DARK[1]:.0%}"
        found.append(Preset(LUNG_LIKE, label.replace("%", ""), *viewed.dark))
    return tuple(found)


def _whole(radiograph: Radiograph) -> WindowOffer:
    return WindowOffer(
        "declared", f"The whole scale, 0 to {radiograph.white:g}", 0.0, radiograph.white
    )


def _preset(offer: WindowOffer, viewed: ViewedPixels) -> Preset:
    values = viewed.values
    low = float(values.min()) if offer.low is None else offer.low
    high = float(values.max()) if offer.high is None else offer.high
    gray = None
    if offer.curve is not None:
        gray = np.rint(255.0 * offer.curve(values)).astype(np.uint8)
    return Preset(offer.name, offer.label, low, high, gray)


def spacing_sentence(spacing: Spacing | None) -> str:
    """Say whose millimetres a ruler shows.

    >>> spacing_sentence(Spacing(0.1, 0.1, "Imager Pixel Spacing", "detector"))
    'mm at the detector (Imager Pixel Spacing); in the body it is less, by the magnification'
    """
    if spacing is None:
        return "The file gives no pixel spacing, so there are no millimetres, only pixels."
    said = {
        "detector": "mm at the detector ({}); in the body it is less, by the magnification",
        "film": "mm on the scanned film ({}); in the body it is less, by the magnification",
        "patient": "mm in the patient ({}, calibrated), at one depth only",
        "": "mm by {}; the file doesn't say whether in the patient or at the detector",
    }
    return said[spacing.plane].format(spacing.element)
