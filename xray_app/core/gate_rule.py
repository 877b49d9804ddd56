"""What the gate knows and what it says: may this image be given to this model at all?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from xray_app.core.records import FloatArray

Kind = Literal["known", "no_chest", "negative", "upside_down", "sideways", "other_population"]
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
        layer: the layer whose statistics are read; D is twice its number of channels.
        mean, deviation: (D,) of the training images' statistics, for standardising.
        weights: (K, D) of the logistic regression, a row for each of ``KINDS``; bias: (K,).
        components: (P, D) orthonormal principal directions of the training images.
        variances: (P,) variance along each; remainder: along every other direction.
        log_odds, distance: when they close the gate.
        reach: (K,) the distance up to which an image may be called of a kind; a logistic regression
            is sure of itself however far away an image is.
    """

    layer: str
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


@dataclass(frozen=True, slots=True)
class GateReport:
    """What the gate says of one image.

    Attributes:
        verdict: "closed" means that the model's answer is worth nothing here.
        finding: what the image seems to be; "known" where the gate is open.
        reason: one sentence for people.
        probabilities: of each of ``KINDS`` among themselves, summing to 1.
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
