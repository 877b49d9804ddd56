"""One radiograph through every scheme against one model."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from xray_app.core.gate_rule import GateReport
from xray_app.core.normalization.schemes import PRESETS, parse_scheme
from xray_app.core.records import FloatArray, Radiograph, Verdict
from xray_app.core.stopwatch import Stopwatch
from xray_app.diagnosis.reference_pass import Canonical, canonical_pass, trained_scheme
from xray_app.diagnosis.scheme_pass import (
    Choices,
    SchemePass,
    run_schemes,
)
from xray_app.engines.protocol import Engine
from xray_app.explain.agreement import rank_correlation, structural_similarity
from xray_app.explain.body import Mask
from xray_app.explain.method import Advance, unwatched
from xray_app.gate.judge import gate_to_dict
from xray_app.presentation.plain import pass_to_dict, placement_to_dict, rounded_times


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
        saliency_scale: the largest peak of all maps, the top of their common scale; 0 if all are
            empty.
        gate: whether the model knows such images at all, judged as trained; None without a gate.
    """

    model: str
    trained_scheme: str
    display: FloatArray
    body: Mask
    passes: Mapping[str, SchemePass]
    saliency_scale: float
    rows: tuple[ComparisonRow, ...]
    gate: GateReport | None
    timings_ms: Mapping[str, float]

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
    canonical: Canonical | None = None,
) -> Comparison:
    """Run ``schemes`` and the training scheme in one batch.

    Presets that this model has no figures for (``dataset`` without statistics in the card) are left
    out. All maps explain one class: the chosen one, else the one predicted as trained.
    ``advance`` is told how far a slow explanation is, in [0, 1]. ``canonical`` is as for
    ``diagnose``.

    Raises:
        UnknownChoice: a scheme, explanation, class or layer that does not exist.
        EngineError: the model failed.
    """
    watch = Stopwatch()
    trained = trained_scheme(engine)
    parsed = [parse_scheme(name) for name in schemes]
    if engine.card.contract.statistics is None:
        parsed = [scheme for scheme in parsed if scheme.scale.name != "dataset"]
    if canonical is None or not canonical.belongs_to(engine, radiograph):
        canonical = canonical_pass(engine, radiograph, watch)
    asked = choices or Choices()
    passes = run_schemes(engine, canonical, [trained, *parsed], asked, watch, advance)
    with watch.measure("agreement"):
        scale = max(0.0, *(p.saliency.peak for p in passes.values()))
        rows = tuple(_row(p, passes[trained.name], scale) for p in passes.values())
    return Comparison(
        engine.card.name,
        trained.name,
        canonical.display,
        canonical.body,
        passes,
        scale,
        rows,
        canonical.gate,
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


def conclude(comparison: Comparison, labels: Mapping[str, str]) -> str:
    """Say in two sentences what the comparison shows for this radiograph and model.

    Args:
        comparison: at least one scheme beside the training scheme.
        labels: the classes' labels by name.
    """
    trained = comparison.trained.prediction
    others = [row for row in comparison.rows if row.scheme != comparison.trained_scheme]
    usable = [row for row in others if row.verdict != "mismatch"]
    flips = [row for row in others if row.flips]
    largest = max((abs(row.probability_change) for row in others), default=0.0)
    label = labels[trained.predicted]
    if not others:
        return f"Fed as trained, the model says {label} {trained.top_probability:.2f}."
    if flips:
        became = " or ".join(dict.fromkeys(labels[row.predicted] for row in flips))
        effect = (
            f"It does matter here: the same radiograph turns from {label} into {became} under "
            f"{len(flips)} of {len(others)} other schemes."
        )
    elif largest >= 0.1:
        effect = (
            f"It does matter here: the class stays {label} under all {len(others)} other schemes, "
            f"but its probability moves by up to {largest:.2f}."
        )
    else:
        effect = (
            f"It hardly shows here: the class stays {label} under all {len(others)} other schemes, "
            f"and its probability moves by {largest:.2f} at most."
        )
    kept = (
        f"only {', '.join(f'`{row.scheme}`' for row in usable)} "
        f"{'keeps' if len(usable) == 1 else 'keep'} the values where training had them"
        if usable
        else "none of them keeps the values where training had them"
    )
    return (
        f"{effect} The model was trained with `{comparison.trained_scheme}`; of the others {kept}."
    )


def comparison_to_dict(comparison: Comparison, file: str) -> dict[str, Any]:
    """Return plain values, for JSON."""
    schemes = []
    for row in comparison.rows:
        found = pass_to_dict(comparison.passes[row.scheme])
        found["saliency"] |= placement_to_dict(
            comparison.passes[row.scheme].saliency, comparison.body
        )
        schemes.append({**found, **asdict(row)})
    return {
        "file": file,
        "model": comparison.model,
        "trained_scheme": comparison.trained_scheme,
        "gate": gate_to_dict(comparison.gate),
        "schemes": schemes,
        "timings_ms": rounded_times(comparison.timings_ms),
    }


def comparison_to_csv(comparison: Comparison) -> str:
    """Return one line a scheme, with a header; undefined figures are empty."""
    buffer = io.StringIO()
    fields = [name for name in asdict(comparison.rows[0]) if name != "range"]
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*fields, "min", "max"])
    for row in comparison.rows:
        values = asdict(row)
        writer.writerow([*(values[name] for name in fields), *row.range])
    return buffer.getvalue()
