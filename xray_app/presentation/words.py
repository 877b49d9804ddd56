"""What is said of one result, in the same words on the page and in its report."""

from typing import Any

from xray_app.cards.card import ModelCard
from xray_app.core.records import ContractReport, Prediction
from xray_app.diagnosis.diagnosis import Diagnosis
from xray_app.evaluation.faithfulness.record import thresholds_of
from xray_app.evaluation.faithfulness.shortcuts import shortcut_warning
from xray_app.explain.body import place_evidence
from xray_app.explain.registry import EXPLANATIONS
from xray_app.gate.judge import OUTSIDE, is_outside

CAVEAT = (
    "On chest radiographs, heatmaps localise findings worse than radiologists do "
    "(Saporta et al. 2022)."
)
_UNCALIBRATED = "The model's own figure, not calibrated: read it as an order, not as a chance."
FITTING = "A scheme that fits has gain 1, offset 0 and correlation 1."


def is_meaningful(diagnosis: Diagnosis) -> bool:
    """Whether the prediction says anything: the gate is not closed and the scheme no mismatch."""
    return diagnosis.contract.verdict != "mismatch" and not is_outside(diagnosis.gate)


def contract_figures(contract: ContractReport) -> str:
    """What was compared at the first convolution; only the coverage where there is no line."""
    coverage = f"covers {contract.coverage:.1%} of the training range"
    if contract.gain is None:
        return coverage
    return (
        f"gain {contract.gain:.4f}, offset {contract.offset:.3f}, "
        f"correlation {contract.correlation:.4f}, {coverage}"
    )


def heat_caption(card: ModelCard, diagnosis: Diagnosis) -> str:
    """What the heatmap shows, and how little it may mean."""
    saliency, top = diagnosis.saliency, diagnosis.saliency_scale
    target = card.label(saliency.target)
    if saliency.is_empty:
        caption = f"No positive evidence for {target}: the map is empty"
    else:
        method = EXPLANATIONS[saliency.method].label
        caption = f"Evidence for {target}, {method} at {saliency.layer}"
        if saliency.peak < 0.999 * top:
            caption += f"; its peak is {saliency.peak / top:.0%} of the one as trained"
    if is_outside(diagnosis.gate):
        return f"{caption} ({OUTSIDE})"
    if not is_meaningful(diagnosis):
        return f"{caption} (means as little as the prediction)"
    if saliency.peaks_in_corner:
        return (
            f"{caption}. It peaks in a corner, where no lung is: a shortcut rather than a finding"
        )
    return caption


def shortcut_of(diagnosis: Diagnosis, checks: dict[str, Any] | None) -> str | None:
    """Warn where the evidence lies outside the body more than is usual for the model.

    Args:
        diagnosis: any; one whose prediction says nothing needs no further warning.
        checks: what ``read_faithfulness`` gave for the model; None if nobody measured it.
    """
    if not is_meaningful(diagnosis):
        return None
    placement = place_evidence(diagnosis.saliency, diagnosis.body)
    return shortcut_warning(placement, thresholds_of(checks, diagnosis.saliency.method))


def certainty(card: ModelCard, diagnosis: Diagnosis) -> str:
    """Say whether the shown figure is calibrated, and what the model's own figure is."""
    prediction = diagnosis.prediction
    raw = prediction.raw_probabilities
    if raw is None:
        return _UNCALIBRATED
    own = int(raw.argmax())
    name = card.label(prediction.classes[own])
    sentences = [
        f"Calibrated on validation images; the model's own figure is {name} {raw[own]:.2f}."
    ]
    if card.threshold is not None:
        sentences.append(_against_threshold(card, card.threshold.value, prediction))
    if diagnosis.scheme != diagnosis.trained_scheme:
        sentences.append(f"The calibration holds for `{diagnosis.trained_scheme}` only.")
    return " ".join(sentences)


def _against_threshold(card: ModelCard, threshold: float, prediction: Prediction) -> str:
    positive = 1.0 - float(prediction.probabilities[0])
    negative = card.classes[0]
    said = f"ny class but {negative.label.lower()}: {positive:.2f}"
    if prediction.predicted == negative.name and positive >= threshold:
        return f"Not ruled out, a{said}, over the threshold of {threshold:.2f}."
    side = "over" if positive >= threshold else "under"
    return f"A{said}, {side} the threshold of {threshold:.2f}."
