"""Everything that a report says of one result, whatever it is written in.

No name of a file and nothing of a patient is in it: a digest stands for the file. Where the gate is
closed, or the scheme does not fit, that is said first and the prediction is marked, as on the page.
"""

from dataclasses import dataclass
from datetime import datetime

from xray_app.core import AnyArray
from xray_app.core.images import COLOURS, OPACITY
from xray_app.diagnosis import Stage

TITLE = "Is normalization necessary for this radiograph?"
WEIGHTS = "model weights, SHA-256"
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What the result itself does not say.

    Attributes:
        created: date and time of the report, with its time zone.
        opacity, colour_map: of the overlay.
        origin: where the image comes from if that may be said, such as "AI-generated sample"; else
            empty. Never a file's name.
    """

    created: datetime
    opacity: float = OPACITY
    colour_map: str = COLOURS
    origin: str = ""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class with its probabilities in [0, 1]; ``raw`` is None where there is one figure only.

    ``label`` is for people, ``name`` for machines.
    """

    name: str
    label: str
    probability: float
    raw: float | None
    is_predicted: bool


@dataclass(frozen=True, slots=True)
class ColourScale:
    """The heatmap's colours, "#rrggbb" from ``low`` to ``top`` in ``unit``."""

    colours: tuple[str, ...]
    top: float
    unit: str
    low: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """One result in words and images.

    Attributes:
        digest: stands for the file (and what was chosen).
        cautions: what is wrong, to be said first; empty if nothing is.
        is_meaningful: whether the prediction may be shown unmarked.
        aside: the sentences beside the headline: how far it can be believed.
        contract: headline, message and figures in words; ``verdict`` and ``contract_figures`` are
            the same for machines, and ``gate_verdict`` is "open", "closed" or "none".
        scheme: label, formula, explanation and so on.
        radiograph, overlay: (H, W) float32 in [0, 1] and (H, W, 3) uint8.
        overlay_place: where its evidence lies, for who can't see it.
        scale: None if the heatmap is empty.
        stages: file, model input, first convolution.
        provenance: a row for each step: name, what was done, range before, range after.
    """

    scheme_name: str
    digest: str
    created: datetime
    origin: str
    cautions: tuple[str, ...]
    gate: str
    gate_verdict: str
    headline: str
    is_meaningful: bool
    aside: str
    classes: tuple[ClassRow, ...]
    verdict: str
    contract: tuple[str, str, str]
    contract_figures: dict[str, float]
    scheme: Pairs
    radiograph: AnyArray
    overlay: AnyArray
    radiograph_caption: str
    overlay_caption: str
    overlay_place: str
    scale: ColourScale | None
    stages: tuple[Stage, ...]
    provenance: tuple[tuple[str, str, str, str], ...]
    notices: tuple[str, ...]
    technical: Pairs
    model_name: str
    model: tuple[str, ...]
    versions: Pairs

    @property
    def identity(self) -> str:
        """The first characters of ``digest``."""
        return self.digest[:12]

    @property
    def weights(self) -> str:
        """SHA-256 of the model's weights, hexadecimal."""
        return dict(self.versions)[WEIGHTS]

    @property
    def has_raw(self) -> bool:
        """Whether the classes have raw probabilities beside the calibrated ones."""
        return any(row.raw is not None for row in self.classes)

    @property
    def boxes(self) -> tuple[tuple[str, str], ...]:
        """What is wrong, each in a box of its own; what is right, in one: bold words, and more."""
        if not self.cautions:
            headline, message, _ = self.contract
            return ((f"{headline}.", f"{message} {self.gate}"),)
        parts = (text.partition(". ") for text in self.cautions)
        return tuple((first + stop.rstrip(), rest) for first, stop, rest in parts)

    @property
    def date(self) -> str:
        """Such as "2026-11-22 16:54 UTC"."""
        return f"{self.created:%Y-%m-%d %H:%M %Z}".strip()
