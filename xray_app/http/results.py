"""What the service answers, as models: OpenAPI and the JSON Schema are made from them.

A field that a service adds and these models lack is an error in the tests, not a silent loss.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from xray_app.anatomy import FieldEvidence
from xray_app.core import ContractReport, Finding, Statistics, Verdict
from xray_app.core.images import GeometryEffect
from xray_app.explain import Placement


class _Result(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ErrorBody(_Result):
    """One sentence or two: what was expected, what came, what to do."""

    error: str


class Health(_Result):
    """The service answers; ``in_flight`` of at most ``capacity`` radiographs are on their way."""

    status: Literal["ok"]
    version: str
    in_flight: int
    capacity: int


class ImageFacts(_Result):
    """What was read of the radiograph; never a name, nor anything else that tells of a patient."""

    sha256: str = Field(description="of the body's bytes")
    format: str
    frame: int = Field(description="counted from 1")
    frames: int
    window: str = Field(description="the window in use: one of `windows`, or `custom`")
    windows: list[str]
    technical: dict[str, str] = Field(description="allow-listed technical facts of the header")
    notices: list[str] = Field(description="to be read before the image is trusted")


class GateScores(_Result):
    """The figures behind the gate's verdict; above 0 the margin closes it."""

    log_odds: float
    distance: float
    margin: float
    probabilities: dict[str, float]


class Gate(_Result):
    """Whether the model knows anything about such an image."""

    verdict: Literal["open", "closed"]
    finding: Finding
    reason: str
    fix: str | None
    scores: GateScores


@dataclass(frozen=True, slots=True)
class ModelInputFacts(Statistics):
    """The array that the model received: its shape (H, W, 3), and its values over all channels."""

    shape: list[int]


class LungsFacts(_Result):
    """Where the positive evidence lies: in both lungs, and in each third of each."""

    doubt: str = Field(description="why the lungs are not drawn; empty where they are")
    evidence: dict[str, FieldEvidence] | None = Field(
        description="`lungs`, and `right upper` to `left lower`: fractions of the positive "
        "evidence and of the image's area"
    )


class SaliencyFacts(_Result):
    """The heatmap: what made it, and on request its values."""

    method: str
    layer: str
    target: str
    against: str | None = Field(description="the class that it is compared with; null for one")
    peak: float = Field(description="at or below 0 nothing speaks for the class")
    unit: str
    placement: Placement | None = Field(description="null where the map is empty")
    lungs: LungsFacts | None = Field(
        description="null where nothing draws the lungs of the model's population"
    )
    map: list[list[float]] | None = Field(
        default=None, description="rows from the top, zero or positive; only with `map=true`"
    )
    negative: list[list[float]] | None = Field(
        default=None, description="likewise, what speaks for `against`; null for one class"
    )


class ProvenanceFacts(_Result):
    """One step between the file and the model, with the value range before and after it."""

    step: str
    detail: str
    before: tuple[float, float]
    after: tuple[float, float]


class _Prediction(_Result):
    scheme: str
    probabilities: dict[str, float]
    predicted: str
    likely: list[str] | None = Field(
        description="the classes that together hold the true one as often as the model's card says "
        "(conformal set); null where it says nothing"
    )
    raw_probabilities: dict[str, float] | None = Field(
        default=None, description="before calibration, where the model's card has one"
    )
    contract: ContractReport
    input: ModelInputFacts
    saliency: SaliencyFacts


class _Answer(_Result):
    image: ImageFacts
    model: str
    geometry: GeometryEffect
    gate: Gate | None = Field(description="null where nothing checks whether the model knows it")
    timings_ms: dict[str, float]
    version: str
    disclaimer: str


class PredictResult(_Prediction, _Answer):
    """One radiograph under one scheme. Read `gate` and `contract` before `probabilities`."""

    saliency_scale: float = Field(
        description="top of the heatmap's scale: the larger peak of this and of the trained scheme"
    )
    provenance: list[ProvenanceFacts]


class SchemeResult(_Prediction):
    """One scheme; changes are its figure less the training scheme's, for the latter's class."""

    verdict: Verdict
    headline: str
    flips: bool
    probability: float
    probability_change: float
    logit_change: float
    rank_correlation: float | None
    structural_similarity: float | None
    range: tuple[float, float]


class CompareResult(_Answer):
    """One radiograph under several schemes, by default the presets, the training scheme first."""

    trained_scheme: str
    saliency_scale: float = Field(description="top of the scale that all heatmaps share")
    schemes: list[SchemeResult]


class SchemeRow(_Result):
    """A preset scheme."""

    name: str
    label: str
    formula: str
    explanation: str
    output_range: str
    source: str


class Schemes(_Result):
    """The presets, and the steps from which `contrast+scale` can be written."""

    presets: list[SchemeRow]
    contrasts: list[str]
    scales: list[str]
