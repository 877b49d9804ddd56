"""What the gate knows and what it says: may this image be given to this model at all?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from xray_app.core.records import FloatArray

Kind = Literal[
    "known", "no_chest", "negative", "upside_down", "sideways", "other_population", "older_child"
]
Finding = Literal[Kind, "unlike"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# Kinds that turning or inverting the image may mend.
MENDABLE: tuple[Finding, ...] = ("negative", "upside_down", "sideways")


@dataclass(frozen=True, slots=True)
class Limit:
    """A score closes the gate above ``limit``; ``spread`` is its deviation on validation images."""

    limit: float
    spread: float


@dataclass(frozen=True, slots=True, eq=False)
class GateRule:
    """Everything that the gate knows.

    Attributes:
        layers: those whose statistics are read; D is twice the number of their channels.
        mean, deviation: (D,) of the training images' statistics, for standardising.
        weights: (K, D) of the linear scores, a row for each of ``kinds``; bias: (K,).
        components: (P, D) orthonormal principal directions of the training images.
        variances: (P,) variance along each; remainder: along every other direction.
        log_odds, distance: when they close the gate.
        reach: (K,) the distance up to which an image may be called of a kind; a linear score is
            sure of itself however far away an image is.
        kinds: what the K scores are of, the known kind first.
        other: what the other population is, for a sentence: "an adult's chest".
        tells_sources: whether it was shown to keep out other populations from places that it never
            saw; if not, it may not say that an image is of the known population.
    """

    layers: tuple[str, ...]
    mean: FloatArray
    deviation: FloatArray
    weights: FloatArray
    bias: FloatArray
    components: FloatArray
    variances: FloatArray
    remainder: float
    log_odds: Limit
    distance: Limit
    reach: FloatArray
    kinds: tuple[Kind, ...] = KINDS
    tells_sources: bool = False
    other: str = "an adult's chest"


@dataclass(frozen=True, slots=True)
class GateReport:
    """What the gate says of one image.

    Attributes:
        verdict: "closed" means that the model's answer is worth nothing here.
        finding: what the image seems to be; "known" where the gate is open.
        reason: one sentence for people.
        probabilities: of each of the rule's kinds among themselves, summing to 1.
        log_odds: of all unsupported kinds against the known one.
        distance: from the training images, about 1 for one of them.
        margin: how far beyond its limit the worse of the two is, in deviations of validation
            images; above 0 the gate is closed.
        fix: a key of ``core.images.correction.CORRECTIONS`` that mends the image, or None.
    """

    verdict: Literal["open", "closed"]
    finding: Finding
    reason: str
    probabilities: Mapping[str, float]
    log_odds: float
    distance: float
    margin: float
    fix: str | None = None
