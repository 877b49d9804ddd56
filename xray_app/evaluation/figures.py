"""Every figure of a classifier that is reported, from probabilities and labels.

Positive means any class but the first, such as pneumonia of either kind against normal.
"""

import numpy as np

from xray_app.cards import Evaluation, ModelCard
from xray_app.core import (
    Flags,
    Labels,
    Values,
    area_under_curve,
    brier_score,
    calibration_error,
    fraction,
    likely_classes,
    positive_probability,
    positive_score,
)
from xray_app.core.text import interval_text

DEFAULT_THRESHOLD = 0.5
# Every figure by its key, with the words for a table.
FIGURES = {
    "auc": "AUC, positive against negative",
    "accuracy": "Accuracy, positive against negative",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "accuracy_at_half": "Accuracy, if the threshold were 0.5",
    "sensitivity_at_half": "Sensitivity, if the threshold were 0.5",
    "specificity_at_half": "Specificity, if the threshold were 0.5",
    "kinds_auc": "AUC between the two positive classes",
    "kinds_accuracy": "Accuracy between the two positive classes",
    "all_classes_accuracy": "Accuracy, all classes",
    "ece_raw": "ECE of the predicted class, before calibration",
    "ece": "ECE of the predicted class, after",
    "ece_positive_raw": "ECE of positive, before calibration",
    "ece_positive": "ECE of positive, after",
    "brier_raw": "Brier score, before calibration",
    "brier": "Brier score, after",
    "set_coverage": "True class among the likely classes",
    "set_size": "Number of likely classes, mean",
}


def figure_text_of(evaluation: Evaluation, name: str) -> str:
    """A figure with its 95 % interval; a calibration error beside what chance gives instead.

    Chance alone lifts a calibration error above 0, and a resample lifts it again: the percentile
    interval lies too high and may leave out the figure itself. So none is given.

    Args:
        evaluation: any.
        name: a key of its figures.
    """
    figure = evaluation.figures[name]
    if not name.startswith("ece"):
        return interval_text(figure)
    value, band = f"{figure.value:.3f}", evaluation.chance.get(name)
    return f"{value}; chance alone: {band.low:.3f} to {band.high:.3f}" if band else value


def threshold_of(card: ModelCard) -> float:
    """From which probability of any positive class on an image counts as positive."""
    return card.threshold.value if card.threshold else DEFAULT_THRESHOLD


def figures_of(
    card: ModelCard, probabilities: Values, raw: Values, labels: Labels, counts: Values
) -> dict[str, Values]:
    """Every figure that these classes have, (B,) each, in the order of ``FIGURES``.

    Args:
        card: its threshold and its conformal entry count.
        probabilities: (N, K) after calibration.
        raw: (N, K) before.
        labels: (N,) positions in the card's classes.
        counts: (B, N) resamples.
    """
    scores, positive = positive_probability(probabilities), labels > 0
    everyone = np.ones_like(positive)
    found = {"auc": area_under_curve(positive_score(probabilities), positive, counts)}
    for suffix, limit in (("", threshold_of(card)), ("_at_half", 0.5)):
        called = scores >= limit
        found[f"accuracy{suffix}"] = fraction(called == positive, everyone, counts)
        found[f"sensitivity{suffix}"] = fraction(called, positive, counts)
        found[f"specificity{suffix}"] = fraction(~called, ~positive, counts)
    if probabilities.shape[1] == 3:
        found |= between_kinds(probabilities, labels, counts)
    found["all_classes_accuracy"] = fraction(is_right(probabilities, labels), everyone, counts)
    for suffix, values in (("_raw", raw), ("", probabilities)):
        right = is_right(values, labels)
        found[f"ece{suffix}"] = calibration_error(values.max(axis=1), right, counts)
        found[f"ece_positive{suffix}"] = calibration_error(
            positive_probability(values), positive, counts
        )
        found[f"brier{suffix}"] = brier_score(values, labels, counts)
    if card.conformal is not None:
        found |= _sets(likely_classes(probabilities, card.conformal.quantile), labels, counts)
    return {name: found[name] for name in FIGURES if name in found}


def counted(name: str, labels: Labels) -> Flags | None:
    """(N,) the images that a figure is a fraction of; None where it is no such fraction.

    Args:
        name: a key of ``FIGURES``.
        labels: (N,) positions in the card's classes.
    """
    if name.startswith("sensitivity") or name == "kinds_accuracy":
        return np.asarray(labels > 0, np.bool_)
    if name.startswith("specificity"):
        return np.asarray(labels == 0, np.bool_)
    return np.ones(len(labels), np.bool_) if "accuracy" in name or name == "set_coverage" else None


def _sets(inside: Flags, labels: Labels, counts: Values) -> dict[str, Values]:
    """How often the conformal set holds the truth, and how many classes it holds."""
    held = inside[np.arange(len(labels)), labels]
    sizes = counts @ inside.sum(axis=1) / counts.sum(axis=1)
    return {"set_coverage": fraction(held, np.ones_like(held), counts), "set_size": sizes}


def between_kinds(probabilities: Values, labels: Labels, counts: Values) -> dict[str, Values]:
    """The second class against the third, among the images that truly are one of them."""
    among = labels > 0
    kinds = probabilities[among, 1:]
    first = labels[among] == 1
    called = kinds[:, 0] >= kinds[:, 1]
    part = counts[:, among]
    both = kinds.sum(axis=1)
    fractions = np.divide(kinds[:, 0], both, out=np.full_like(both, 0.5), where=both > 0)
    return {
        "kinds_auc": area_under_curve(fractions, first, part),
        "kinds_accuracy": fraction(called == first, np.ones_like(first), part),
    }


def is_right(probabilities: Values, labels: Labels) -> Flags:
    """(N,) whether the most probable class is the true one."""
    return np.asarray(probabilities.argmax(axis=1) == labels, np.bool_)
