"""What was measured, in sentences."""

from xray_app.cards import CalibrationTrial, Evaluation, ModelCard, ModelEvaluation
from xray_app.core.text import interval_text

TARGETS = {"ece": 0.03, "ece_positive": 0.04}
_ALIKE = 0.03


def target_sentence(evaluation: Evaluation, name: str) -> str:
    """Whether a calibration error is within chance and under its target.

    Args:
        evaluation: of the test images.
        name: a key of ``TARGETS``.
    """
    value, target = evaluation.figures[name].value, TARGETS[name]
    met = "meets" if value <= target else "misses"
    band = evaluation.chance.get(name)
    if band is None:
        return f"{value:.3f}, which {met} the target of {target:g}"
    inside = "within" if value <= band.high else "above"
    return (
        f"{value:.3f}, which {met} the target of {target:g} and lies {inside} the {band.low:.3f} "
        f"to {band.high:.3f} that a perfectly calibrated model shows by chance on as many images"
    )


def set_sentence(evaluation: Evaluation, card: ModelCard) -> str | None:
    """What the sets of likely classes hold on the test images; None if there are none."""
    coverage, size = (evaluation.figures.get(name) for name in ("set_coverage", "set_size"))
    if card.conformal is None or coverage is None or size is None:
        return None
    return (
        f"The classes named as likely at {card.conformal.coverage:.0%} (a probability of at least "
        f"{1.0 - card.conformal.quantile:.3f}, fitted on {card.conformal.fitted_on}) hold the true "
        f"one in {interval_text(coverage)} of the test images and are {interval_text(size)} on "
        "average."
    )


def threshold_sentence(evaluation: Evaluation) -> str:
    """What the threshold, which was chosen on validation images, does on the test images."""
    sensitivity, specificity = (evaluation.figures[n] for n in ("sensitivity", "specificity"))
    return (
        f"The threshold of {evaluation.threshold:.2f} was chosen on validation images; on the test "
        f"images its sensitivity is {interval_text(sensitivity)} and its specificity "
        f"{interval_text(specificity)}."
    )


def calibration_sentences(record: ModelEvaluation) -> str:
    """Say how calibration was done and whether the target was met on the test images."""
    trial, first = record.calibration, record.evaluations[0]
    figures = first.figures
    return (
        f"{_fitted_on(trial, first)} On the test images the calibration error of the predicted "
        f"class goes from {figures['ece_raw'].value:.3f} to {target_sentence(first, 'ece')}. That "
        f"of positive against negative goes from {figures['ece_positive_raw'].value:.3f} to "
        f"{target_sentence(first, 'ece_positive')}. The Brier score of all classes, which should "
        f"be low, goes from {figures['brier_raw'].value:.3f} to {figures['brier'].value:.3f}."
    )


def _fitted_on(trial: CalibrationTrial, first: Evaluation) -> str:
    there, here = trial.accuracy, first.figures["all_classes_accuracy"].value
    fitted = (
        f"Fitted on {trial.images} validation images, of which the model calls {there:.1%} right; "
        f"of the test images it calls {here:.1%} right."
    )
    if abs(there - here) < _ALIKE:
        return fitted
    kind, sure = ("harder", "too little") if there < here else ("easier", "too much")
    return (
        f"{fitted}{_between_kinds(trial, first)} The validation images are {kind}, or their labels "
        f"less sure, so a calibration that is honest there says {sure} here."
    )


def _between_kinds(trial: CalibrationTrial, first: Evaluation) -> str:
    if trial.kinds_accuracy is None or "kinds_accuracy" not in first.figures:
        return ""
    there, here = trial.kinds_accuracy, first.figures["kinds_accuracy"].value
    return f" Between the two positive classes it is {there:.1%} there and {here:.1%} here."


def inside_sentence(record: ModelEvaluation) -> str | None:
    """The figure inside the training images' source beside the one outside; None without it."""
    if record.inside is None:
        return None
    inside, outside = record.inside, record.evaluations[0]
    own, other = (e.figures["auc"] for e in (inside, outside))
    return (
        f"On {sum(inside.images.values())} images held back of its own source ({inside.data}) its "
        f"AUC is {interval_text(own)}; on {sum(outside.images.values())} of another source "
        f"({outside.data}) {interval_text(other)}. The second is of one other place; elsewhere it "
        f"may be lower still. The figures differ by {abs(own.value - other.value):.3f}."
    )


def repetition_sets(record: ModelEvaluation) -> str:
    """Which images the columns of ``repetition_rows`` are."""
    sets = dict.fromkeys(f"{r.images} are {r.data}" for r in record.repeatability)
    return "The " + "; the ".join(sets)
