"""The frozen records that pass from room to room; arrays in them are read-only.

Symbols used in shapes: N images, H x W pixels, C channels, K classes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
AnyArray = NDArray[Any]
Verdict = Literal["matches", "contrast", "mismatch"]
Plane = Literal["detector", "film", "patient", ""]


class Shutter(Protocol):
    """What hides a part of the image, and the gray that stands there, from 0 to 1 for white."""

    @property
    def gray(self) -> float:
        """Of what is hidden."""

    def __call__(self, rows: int, columns: int) -> NDArray[np.bool_]:
        """Return (rows, columns), true where the image is hidden."""


def read_only(array: AnyArray) -> AnyArray:
    """Return a view of ``array`` that can't be written through.

    >>> import numpy as np
    >>> read_only(np.zeros(2)).flags.writeable
    False
    """
    view = array.view()
    view.flags.writeable = False
    return view


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


@dataclass(frozen=True, slots=True)
class Statistics:
    """Minimum, maximum, mean and (population) standard deviation of an array."""

    min: float
    max: float
    mean: float
    std: float


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Counts (B,) of values between edges (B + 1,), and the statistics of those values."""

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    statistics: Statistics


@dataclass(frozen=True, slots=True, eq=False)
class ModelInput:
    """Exactly the array that an engine receives: (H, W, 3) float32 under the named scheme."""

    array: FloatArray
    scheme: str


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Classes in the model's order with their logits (K,) and probabilities (K,).

    They sum to 1, but for a model whose classes don't exclude each other.

    Attributes:
        probabilities: calibrated where the model's card has a calibration; these are shown, and
            the predicted class is the most probable under them.
        raw_probabilities: the model's own, before calibration; None where there is none.
        likely: the classes that together hold the true one as often as the card's conformal entry
            says, in the model's order; None where the card has none.
    """

    classes: tuple[str, ...]
    logits: FloatArray
    probabilities: FloatArray
    raw_probabilities: FloatArray | None = None
    likely: tuple[str, ...] | None = None

    @property
    def predicted(self) -> str:
        """The most probable class; the first of several equals."""
        return self.classes[int(np.argmax(self.probabilities))]

    @property
    def top_probability(self) -> float:
        """Probability in [0, 1] of the predicted class."""
        return float(np.max(self.probabilities))


@dataclass(frozen=True, slots=True)
class ContractReport:
    """How the tensor at the first convolution differs from the one that training sent there.

    ``received ~ gain * trained + offset`` in the least-squares sense. Figures that are undefined
    (a uniform image has no contrast to compare, a uniform tensor no correlation) are None.

    Attributes:
        gain: slope; 1 when the scheme fits, about 1/255 when the model divides a second time.
        offset: in the units of the first convolution's input.
        correlation: Pearson's, in [-1, 1].
        coverage: fraction of the training range that the received values span, [0, 1].
        headline: two to five words; message: the same in one or two sentences.
    """

    verdict: Verdict
    gain: float | None
    offset: float | None
    correlation: float | None
    coverage: float
    headline: str
    message: str


@dataclass(frozen=True, slots=True, eq=False)
class Saliency:
    """A class activation map, of one class or of the difference of two.

    Attributes:
        map: (h, w) float32, zero or positive, in the units of the method.
        peak: largest value before negative evidence was cut off; at or below 0 the map is empty. Of
            a difference, the largest to either side.
        unit: what one unit of ``map`` means.
        against: the class that ``target`` is compared with; None for the map of one class.
        negative: (h, w) float32, zero or positive: what speaks for ``against`` rather than
            ``target``; None for the map of one class.
    """

    method: str
    layer: str
    target: str
    map: FloatArray
    peak: float
    unit: str
    against: str | None = None
    negative: FloatArray | None = None

    @property
    def asked(self) -> str:
        """The class, or both as ``A:B``, in the form in which they are asked for."""
        return self.target if self.against is None else f"{self.target}:{self.against}"

    @property
    def is_empty(self) -> bool:
        """True when nothing in the image speaks for the class."""
        return not self.peak > 0.0

    @property
    def peaks_in_corner(self) -> bool:
        """True when the strongest evidence lies in a corner, where no lung is."""
        rows, columns = self.map.shape
        row, column = np.unravel_index(int(np.argmax(self.map)), self.map.shape)
        return not self.is_empty and row in {0, rows - 1} and column in {0, columns - 1}
