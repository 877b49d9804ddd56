"""One radiograph through every scheme against one model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xray_app.anatomy import LungsFound
from xray_app.cards import applicable
from xray_app.core import FloatArray, GateReport, Radiograph, Stopwatch, Verdict
from xray_app.core.images import GeometryEffect
from xray_app.core.normalization import PRESETS, parse_scheme
from xray_app.diagnosis.reference_pass import ReferencePass, feed_as_trained, refit
from xray_app.diagnosis.scheme_pass import (
    Arrived,
    Choices,
    SchemePass,
    run_schemes,
)
from xray_app.engines import Engine
from xray_app.explain import Advance, Mask, rank_correlation, structural_similarity, unwatched


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One scheme beside the training scheme; changes are this scheme's figure less the trained one.

    Attributes:
        range: smallest and largest value of the model input.
        probability, logit_change, probability_change: of the class predicted as trained.
        flips: the predicted class is another than as trained.
        rank_correlation, structural_similarity: of the heatmaps; None where undefined.
    """

    scheme: str
    verdict: Verdict
    headline: str
    predicted: str
    flips: bool
    probability: float
    probability_change: float
    logit_change: float
    rank_correlation: float | None
    structural_similarity: float | None
    range: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """The passes by scheme, the training scheme first.

    Attributes:
        display: (H, W) float32 in [0, 1], the radiograph at the model's size.
        body: (H, W) bool, where the body is in it.
        lungs: where the lungs are in it, if they could be drawn.
        saliency_scale: the largest peak of all maps, the top of their common scale; 0 if all are
            empty.
        gate: whether the model knows such images at all, judged as trained; None without a gate.
        geometry: how the radiograph was fitted into the model's input, under every scheme alike.
    """

    model: str
    trained_scheme: str
    display: FloatArray
    body: Mask
    passes: Mapping[str, SchemePass]
    saliency_scale: float
    rows: tuple[ComparisonRow, ...]
    gate: GateReport | None
    geometry: GeometryEffect
    lungs: LungsFound
    timings_ms: Mapping[str, float]

    def row(self, scheme: str) -> ComparisonRow:
        """The figures of one of the schemes."""
        return next(row for row in self.rows if row.scheme == scheme)

    @property
    def trained(self) -> SchemePass:
        """The pass under the training scheme."""
        return self.passes[self.trained_scheme]


def compare(
    engine: Engine,
    radiograph: Radiograph,
    schemes: Sequence[str] = tuple(PRESETS),
    choices: Choices | None = None,
    advance: Advance = unwatched,
) -> Comparison:
    """Run ``schemes`` and the training scheme.

    Presets that this model has no figures for (``dataset`` without statistics in the card) are left
    out. All maps explain one class: the chosen one, else the one predicted as trained.
    ``advance`` is told how far a slow explanation is, in [0, 1].

    Raises:
        UnknownChoice: a scheme, explanation, class or layer that does not exist.
        EngineError: the model failed.
    """
    as_trained = feed_as_trained(engine, radiograph)
    return compare_with(engine, as_trained, schemes, choices, advance)


def compare_with(
    engine: Engine,
    reference: ReferencePass,
    schemes: Sequence[str] = tuple(PRESETS),
    choices: Choices | None = None,
    advance: Advance = unwatched,
    arrived: Arrived | None = None,
) -> Comparison:
    """As ``compare``, for a radiograph that ``engine`` was fed as trained before.

    ``arrived`` is told all outcomes so far, by scheme, each time that there are a few more.
    """
    choices = choices or Choices()
    reference = refit(engine, reference, choices.geometry(engine.card.input.geometry))
    watch = Stopwatch(reference.timings_ms)
    trained = reference.scheme
    asked = [trained, *applicable(engine.card, map(parse_scheme, schemes))]
    passes = run_schemes(engine, reference, asked, choices, watch, advance, arrived)
    with watch.measure("agreement"):
        scale = max(0.0, *(p.saliency.peak for p in passes.values()))
        rows = tuple(_row(each, passes[trained.name], scale) for each in passes.values())
    return Comparison(
        engine.card.name,
        trained.name,
        reference.display,
        reference.body,
        passes,
        scale,
        rows,
        reference.gate,
        reference.geometry,
        reference.lungs,
        watch.times_ms,
    )


def _row(scheme_pass: SchemePass, trained: SchemePass, scale: float) -> ComparisonRow:
    prediction, reference = scheme_pass.prediction, trained.prediction
    index = reference.classes.index(reference.predicted)
    probability = float(prediction.probabilities[index])
    array = scheme_pass.model_input.array
    return ComparisonRow(
        scheme=scheme_pass.scheme.name,
        verdict=scheme_pass.contract.verdict,
        headline=scheme_pass.contract.headline,
        predicted=prediction.predicted,
        flips=prediction.predicted != reference.predicted,
        probability=probability,
        probability_change=probability - float(reference.probabilities[index]),
        logit_change=float(prediction.logits[index] - reference.logits[index]),
        rank_correlation=rank_correlation(scheme_pass.saliency, trained.saliency),
        structural_similarity=structural_similarity(scheme_pass.saliency, trained.saliency, scale),
        range=(float(array.min()), float(array.max())),
    )
