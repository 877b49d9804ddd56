"""A radiograph as a reader made it: its pixels, how they came about and what can be chosen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from xray_app.core.records.arrays import AnyArray, FloatArray, read_only

Plane = Literal["detector", "film", "patient", ""]


class Shutter(Protocol):
    """What hides a part of the image, and the gray that stands there, from 0 to 1 for white."""

    @property
    def gray(self) -> float:
        """Of what is hidden."""

    def __call__(self, rows: int, columns: int) -> NDArray[np.bool_]:
        """Return (rows, columns), true where the image is hidden."""


@dataclass(frozen=True, slots=True)
class ProvenanceStep:
    """One step between the file and the model, with the pixel range before and after it."""

    name: str
    detail: str
    before: tuple[float, float]
    after: tuple[float, float]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "step": self.name,
            "detail": self.detail,
            "before": list(self.before),
            "after": list(self.after),
        }


@dataclass(frozen=True, slots=True)
class WindowOffer:
    """A window or table to choose by ``name``: "window 1", "table 1", "declared" or "range".

    ``label`` is for people; ``low`` and ``high`` become black and white, None for a table.
    ``curve`` takes modality values to gray in [0, 1] where that is no straight line between them.
    """

    name: str
    label: str
    low: float | None = None
    high: float | None = None
    curve: Callable[[AnyArray], AnyArray] | None = None


@dataclass(frozen=True, slots=True)
class Spacing:
    """How far pixels lie apart in mm, and in which plane that was measured.

    Attributes:
        rows: from the centre of a row to the next one's; columns: the same of columns.
        element: the DICOM element that says so.
        plane: "detector", "film" (that was scanned) or "patient"; "" if the file doesn't tell.
    """

    rows: float
    columns: float
    element: str
    plane: Plane


@dataclass(frozen=True, slots=True, eq=False)
class WindowControls:
    """How ``Radiograph.stored`` became ``pixels``, and what can be chosen instead.

    Attributes:
        source: SHA-256 of the file's bytes alone, hexadecimal.
        frame: the frame or page that was read, counted from 1; frames: how many there are.
        offers: the file's default first; chosen: name of the one in use, or "custom".
        window: the modality values shown as black and white; None under a table.
        value_range: smallest and largest modality value, without padding.
        is_windowable: whether there is more depth than a screen shows, so that windowing helps.
        modality: from stored to modality values (PS3.3 C.11.1); None if they are the same.
        padding: inclusive range of stored values that are no part of the image, or None.
        shutter: from rows and columns to (H, W), true where the file hides the image; or None.
        inverted: why black and white are exchanged; "" if not. pixel_aspect: height / width.
        steps, notices: those of the radiograph that hold whatever the window.
    """

    source: str
    frame: int
    frames: int
    offers: tuple[WindowOffer, ...]
    chosen: str
    window: tuple[float, float] | None
    value_range: tuple[float, float]
    is_windowable: bool
    modality: Callable[[AnyArray], AnyArray] | None
    padding: tuple[float, float] | None
    shutter: "Shutter | None"
    inverted: str
    pixel_aspect: float
    steps: tuple[ProvenanceStep, ...]
    notices: tuple[str, ...]

    @property
    def curve(self) -> Callable[[AnyArray], AnyArray] | None:
        """From modality values to gray, where the offer in use is no straight line."""
        return next((offer.curve for offer in self.offers if offer.name == self.chosen), None)


@dataclass(frozen=True, slots=True, eq=False)
class Radiograph:
    """One grayscale image as a reader made it.

    Attributes:
        pixels: (H, W) in [0, ``white``]; bright is dense, as on a displayed radiograph. ``stored``
            itself where that is just so and of 8 or 16 bits, which spares a wider copy; else
            float32.
        white: the value that stands for full white, 2**bits - 1 for integer files.
        stored: the decoded values before any windowing or inversion, in the file's type; (H, W)
            too, unless the file's pixels are not square and ``pixels`` were made so.
        file_format: what the file's content is, such as "PNG" or "DICOM".
        bits: bits of each stored value that carry the image.
        steps: what was done from the file to ``pixels``, in order.
        notices: sentences that a person should read before trusting the image.
        digest: SHA-256 of the file's bytes and of the choices made while reading, hexadecimal.
        technical: allow-listed technical facts; never anything that names a patient.
        age_years: the patient's age, where the header says it; weighed by the gate, never shown.
        spacing: of the pixels of ``stored``; None where the file doesn't say it.
        controls: frames and windows to choose from; None for an image that no file holds.
    """

    pixels: AnyArray
    white: float
    stored: AnyArray
    file_format: str
    bits: int
    steps: tuple[ProvenanceStep, ...]
    digest: str
    notices: tuple[str, ...] = ()
    technical: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    controls: WindowControls | None = None
    age_years: float | None = None
    spacing: Spacing | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by fields, since a mapping proxy can't be pickled."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return _unpickled, (values | {"technical": dict(self.technical)},)

    @property
    def display(self) -> FloatArray:
        """(H, W) float32 in [0, 1]: the display domain in which every scheme starts."""
        display: FloatArray = np.clip(self.pixels / np.float32(self.white), 0.0, 1.0)
        return display


def _unpickled(values: dict[str, Any]) -> Radiograph:
    """A pickled radiograph with its arrays and its facts read-only again."""
    frozen = {name: read_only(values[name]) for name in ("pixels", "stored")}
    technical = MappingProxyType(values["technical"])
    return Radiograph(**(values | frozen | {"technical": technical}))
