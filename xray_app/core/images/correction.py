"""Turning and inverting a radiograph, when a person asks for it; the trail says so."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from xray_app.core.errors import UnknownChoice
from xray_app.core.records import (
    AnyArray,
    FloatArray,
    ProvenanceStep,
    Radiograph,
    Spacing,
    read_only,
)


@dataclass(frozen=True, slots=True)
class Correction:
    """A way to mend an image.

    Attributes:
        label: what a button says; done: what the trail says.
        display: (H, W) float32 in [0, 1] to the mended image, in the display domain.
        stored: the same for the stored values, so that they keep the radiograph's shape; what is
            in the file is not inverted.
    """

    name: str
    label: str
    done: str
    display: Callable[[FloatArray], FloatArray]
    stored: Callable[[AnyArray], AnyArray]


def _quarter_turns(count: int) -> Callable[[AnyArray], AnyArray]:
    return lambda array: np.ascontiguousarray(np.rot90(array, count))


CORRECTIONS: dict[str, Correction] = {
    c.name: c
    for c in (
        Correction(
            "invert", "Exchange black and white", "Inverted",
            lambda display: np.float32(1.0) - display, lambda stored: stored,
        ),
        Correction(
            "turn_around", "Turn by 180°", "Turned by 180°", _quarter_turns(2), _quarter_turns(2)
        ),
        Correction(
            "turn_left", "Turn to the left", "Turned to the left by 90°",
            _quarter_turns(1), _quarter_turns(1),
        ),
        Correction(
            "turn_right", "Turn to the right", "Turned to the right by 90°",
            _quarter_turns(3), _quarter_turns(3),
        ),
    )
}  # fmt: skip


def corrected(radiograph: Radiograph, name: str) -> Radiograph:
    """Return a mended copy of ``radiograph``, with one more step in its trail and its own digest.

    It offers no windows any more: they would start from the file again and undo the correction.

    Args:
        radiograph: never changed.
        name: a key of ``CORRECTIONS``.

    Returns:
        A Radiograph with float32 ``pixels`` in [0, white].

    Raises:
        UnknownChoice: there is no such correction.

    >>> import numpy as np
    >>> pixels = np.array([[0, 255]], np.uint8)
    >>> mended = corrected(Radiograph(pixels, 255.0, pixels, "PNG", 8, (), ""), "invert")
    >>> mended.pixels.tolist(), mended.steps[-1].name
    ([[255.0, 0.0]], 'Inverted')
    """
    if name not in CORRECTIONS:
        raise UnknownChoice.of("correction", name, CORRECTIONS)
    correction = CORRECTIONS[name]
    white = np.float32(radiograph.white)
    pixels = (correction.display(radiograph.display) * white).astype(np.float32)
    step = ProvenanceStep(
        correction.done, "at your request", _ends(radiograph.pixels), _ends(pixels)
    )
    return replace(
        radiograph,
        pixels=read_only(pixels),
        stored=read_only(correction.stored(radiograph.stored)),
        steps=(*radiograph.steps, step),
        digest=hashlib.sha256(f"{radiograph.digest} {name}".encode()).hexdigest(),
        spacing=_spacing(radiograph.spacing, name),
        controls=None,
    )


def _spacing(spacing: Spacing | None, name: str) -> Spacing | None:
    if spacing is None or name not in ("turn_left", "turn_right"):
        return spacing
    return replace(spacing, rows=spacing.columns, columns=spacing.rows)


def _ends(array: AnyArray) -> tuple[float, float]:
    return float(array.min()), float(array.max())
