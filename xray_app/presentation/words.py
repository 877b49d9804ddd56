"""What is said of one result, in the same words on the page and in its report."""

from collections.abc import Mapping
from typing import Any

from xray_app.cards import (
    PERCENTILE,
    ArtefactRecord,
    ModelCard,
    beats_mean,
    mean_sentence,
    thresholds_of,
)
from xray_app.core import ContractReport, Prediction, positive_probability
from xray_app.core.text import figure_text, listed
from xray_app.diagnosis import ClassStability, Comparison, Diagnosis
from xray_app.explain import ALL, NO_MAP, Placement, place_evidence
from xray_app.gate import OUTSIDE, is_outside

CAVEAT = (
    "On chest radiographs, heatmaps localise findings worse than radiologists do "
    "(Saporta et al. 2022)."
)
HABIT = (
    "This place is the model's own habit: it stands out on blank or mirrored images too, so the "
    "map says nothing about this image there."
)
_MULTI_LABEL = "Each class has a probability of its own; they don't add up to 1."
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
        f"correlation {figure_text(contract.correlation, '.4f')}, {coverage}"
    )


def heat_caption(card: ModelCard, diagnosis: Diagnosis) -> str:
    """What the heatmap shows, and how little it may mean."""
    saliency, top = diagnosis.saliency, diagnosis.saliency_scale
    target = card.target_label(saliency.asked)
    if saliency.against is not None and not saliency.is_empty:
        target += f" (orange; blue speaks for {card.label(saliency.against).lower()})"
    if saliency.method == NO_MAP:
        return no_map_sentence(card)
    if saliency.is_empty:
        caption = f"No positive evidence for {target}: the map is empty"
    else:
        method = ALL[saliency.method].label
        caption = f"Evidence for {target}, {method} at {saliency.layer}"
        if saliency.peak < 0.999 * top:
            caption += f"; its peak is {saliency.peak / top:.0%} of the one as trained"
    if is_outside(diagnosis.gate):
        return f"{caption} ({OUTSIDE})"
    if not is_meaningful(diagnosis):
        return f"{caption} (means as little as the prediction)"
    if saliency.peaks_in_corner:
        return f"{caption}. It peaks in a corner, where no lung is: don't read it as a finding"
    return caption


def own_model_sentence(card: ModelCard) -> str:
    """What to know of a model that was brought, before any of its figures."""
    file = card.brought.file if card.brought else card.title
    is_known = card.brought is None or card.brought.scheme_known
    source = "measured on its layers or your word" if is_known else "inferred, and may be another"
    return (
        f"{file} is your own model: nothing checks whether it knows such an image at all, and its "
        f"figures are not calibrated. Its scheme, {card.contract.scheme}, is {source}; how "
        f"training fitted images, {card.input.fit}, is assumed."
    )


def no_map_sentence(card: ModelCard) -> str:
    """Why there is no heatmap of a model that was brought, and what there can be."""
    fitting = [ALL[name].label for name in card.brought.explanations] if card.brought else []
    if not fitting:
        return (
            "No heatmap: this model's file gives no gradients, and it is too slow for the methods "
            "that do without"
        )
    return (
        "No heatmap yet: this model's file gives no gradients, so no quick method fits; choose "
        f"{' or '.join(fitting)}, which take many passes"
    )


def placement_of(
    diagnosis: Diagnosis, checks: dict[str, Any] | None, artefacts: ArtefactRecord | None = None
) -> str | None:
    """Warn where the evidence lies outside the body more than is usual for the model.

    Args:
        diagnosis: any; one whose prediction can't be relied on needs no further warning.
        checks: what ``read_faithfulness`` gave for the model; None if nobody measured it.
        artefacts: what ``read_artefacts`` gave for it; None if nobody measured it.
    """
    if not is_meaningful(diagnosis) or diagnosis.saliency.against is not None:
        return None
    if diagnosis.saliency.peaks_in_corner and artefacts is not None and artefacts.has_habit:
        return HABIT
    placement = place_evidence(diagnosis.saliency, diagnosis.body)
    return placement_warning(placement, thresholds_of(checks, diagnosis.saliency.method))


def map_worth_of(diagnosis: Diagnosis, checks: dict[str, Any] | None) -> str | None:
    """Say what maps of this kind were worth on test images; None where there is nothing to say.

    Args:
        diagnosis: any; one whose prediction can't be relied on needs no more words.
        checks: what ``read_faithfulness`` gave for the model; None if nobody measured it.
    """
    saliency = diagnosis.saliency
    if checks is None or saliency.is_empty or not is_meaningful(diagnosis):
        return None
    if saliency.against is not None:
        return (
            "Nothing was measured of maps of a difference; as a map of one class, read with care."
        )
    said = mean_sentence(checks, saliency.method, saliency.layer)
    if said is None and beats_mean(checks, saliency.method) is not None:
        return f"Nothing was measured of maps at {saliency.layer}: finer, and surer of less."
    return said


def certainty(card: ModelCard, diagnosis: Diagnosis) -> str:
    """Say whether the shown figure is calibrated, and what the model's own figure is."""
    prediction = diagnosis.prediction
    raw = prediction.raw_probabilities
    if raw is None:
        apart = _MULTI_LABEL if card.outputs == "sigmoid" else None
        return " ".join(filter(None, (likely_sentence(card, prediction), apart, _UNCALIBRATED)))
    own = int(raw.argmax())
    name = card.label(prediction.classes[own])
    sentences = [s] if (s := likely_sentence(card, prediction)) else []
    sentences += [
        f"Calibrated on validation images; the model's own figure is {name} {raw[own]:.2f}."
    ]
    if card.threshold is not None:
        sentences.append(_against_threshold(card, card.threshold.value, prediction))
    if diagnosis.scheme != diagnosis.trained_scheme:
        sentences.append(f"The calibration holds for the scheme {diagnosis.trained_scheme} only.")
    return " ".join(sentences)


def likely_sentence(card: ModelCard, prediction: Prediction) -> str | None:
    """Say between which classes the model can't tell; None where its card has no such sets."""
    if card.conformal is None or prediction.likely is None:
        return None
    labels = [card.label(name) for name in prediction.likely]
    how_sure = f"At {card.conformal.coverage:.0%}"
    if len(labels) == 1:
        return f"{how_sure}: {labels[0]} alone."
    if len(labels) == len(card.classes):
        return f"{how_sure} no class can be left out: the model can't tell."
    named = " or ".join([labels[0], *(label.lower() for label in labels[1:])])
    return f"{how_sure}: {named}; the model can't tell between them."


def stability_sentence(card: ModelCard, found: ClassStability) -> str:
    """Say whether changes that mean nothing give the image another class."""
    label, count = card.label(found.predicted), len(found.versions)
    if not found.flips:
        lowest = min(version.probability for version in found.versions)
        return (
            f"The class stays {label} under all {count} changes that mean nothing, with a "
            f"probability of at least {lowest:.2f}."
        )
    became = " or ".join(dict.fromkeys(card.label(v.predicted) for v in found.flips))
    changes = ", ".join(version.change for version in found.flips)
    return (
        f"The class turns from {label} into {became} under {len(found.flips)} of {count} changes "
        f"that mean nothing ({changes}): read it as undecided."
    )


def _against_threshold(card: ModelCard, threshold: float, prediction: Prediction) -> str:
    positive = float(positive_probability(prediction.probabilities))
    negative = card.classes[0]
    said = f"ny class but {negative.label.lower()}: {positive:.2f}"
    if prediction.predicted == negative.name and positive >= threshold:
        return f"Not ruled out, a{said}, over the threshold of {threshold:.2f}."
    side = "over" if positive >= threshold else "under"
    return f"A{said}, {side} the threshold of {threshold:.2f}."


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


def placement_warning(
    placement: Placement | None, thresholds: tuple[float, float] | None
) -> str | None:
    """Say that unusually much evidence lies outside the body or in the corners.

    Args:
        placement: where the evidence lies; None for an empty map.
        thresholds: fractions outside the body and in the corners from which on that is unusual for
            this model and method; None if nobody measured them.

    Returns:
        A sentence; None if there is nothing to warn of.
    """
    if placement is None or thresholds is None:
        return None
    places = [
        f"{fraction:.0%} {where}"
        for fraction, threshold, where in (
            (placement.outside, thresholds[0], "outside the body"),
            (placement.corners, thresholds[1], "in the corners of the image"),
        )
        if fraction > threshold
    ]
    if not places:
        return None
    return (
        f"Of this evidence lie {listed(places)}, more than in {PERCENTILE} % of the "
        "validation images. No lung is there: don't read it as a finding."
    )
