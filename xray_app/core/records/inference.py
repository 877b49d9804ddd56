"""What a model is fed, whether that fits its training, what it answers and what points to it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from xray_app.core.records.arrays import FloatArray

Verdict = Literal["matches", "contrast", "mismatch"]


@dataclass(frozen=True, slots=True, eq=False)
class ModelInput:
    """Exactly the array that an engine receives: (H, W, 3) float32 under the named scheme."""

    array: FloatArray
    scheme: str


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
