"""What was measured, as text for the terminal and as Markdown for the documents."""

from xray_app.cards import CalibrationTrial, Evaluation, ModelCard, ModelEvaluation, Repetition
from xray_app.core import CALIBRATIONS
from xray_app.core.text import (
    DISCLAIMER,
    Rows,
    cells,
    interval_text,
    markdown_table,
    percent_text,
    plain_table,
)
from xray_app.evaluation.evaluation import FIGURES
from xray_app.evaluation.temperatures import NOISY

_CONDITION_FIGURES = {"auc": "AUC", "sensitivity": "Sensitivity", "specificity": "Specificity"}
TARGETS = {"ece": 0.03, "ece_positive": 0.04}
_NOISY_LABEL = "One temperature, with wrong labels"
_ALIKE = 0.03


def figure_rows(evaluation: Evaluation, card: ModelCard) -> Rows:
    """Every figure with its interval, beside the published one where there is one."""
    published = card.published.figures if card.published else {}
    return [
        {
            "Figure": FIGURES[name],
            "Here (95 % interval)": interval_text(interval),
            "Published": f"{published[name]:.3f}" if name in published else "",
        }
        for name, interval in evaluation.figures.items()
    ]


def predictive_rows(evaluation: Evaluation) -> Rows:
    """Predictive values, a row for each prevalence."""
    return [
        {
            "Prevalence": f"{values.prevalence:.0%}",
            "Diseased if called positive (PPV)": interval_text(values.positive),
            "Healthy if called negative (NPV)": interval_text(values.negative),
        }
        for values in evaluation.predictive_values
    ]


def confusion_rows(evaluation: Evaluation, card: ModelCard) -> Rows:
    """One row for each true class, one column for each predicted one."""
    labels = [card.label(name) for name in evaluation.classes]
    return [
        {"Truth": label}
        | {f"Called {name.lower()}": str(n) for name, n in zip(labels, row, strict=True)}
        for label, row in zip(labels, evaluation.confusion, strict=True)
    ]


def condition_rows(record: ModelEvaluation) -> Rows:
    """The same test images under each condition, the one as trained first."""
    return [
        {"Images": f"{evaluation.condition[0].upper()}{evaluation.condition[1:]}"}
        | {
            label: interval_text(evaluation.figures[name])
            for name, label in _CONDITION_FIGURES.items()
        }
        for evaluation in record.evaluations
    ]


def repetition_rows(record: ModelEvaluation) -> Rows:
    """How often the class flips: a row for each change, a column for each set of images."""
    by_change: dict[str, list[Repetition]] = {}
    for repetition in record.repeatability:
        by_change.setdefault(repetition.change, []).append(repetition)
    return [
        {"Change": f"{change[0].upper()}{change[1:]}"}
        | {f"Another class, of {r.images}": f"{r.flips}: {percent_text(r.rate)}" for r in same}
        | {"Probability moves by at most": f"{max(r.largest_change for r in same):.3f}"}
        for change, same in by_change.items()
    ]


def stability_rows(record: ModelEvaluation) -> Rows:
    """How often changes without a meaning give a test image another class."""
    return [
        {
            "Change": f"{row.change[0].upper()}{row.change[1:]}",
            f"Another class, of {row.images} test images": f"{row.flips}: {percent_text(row.rate)}",
            "Probability falls by at most": f"{row.largest_fall:.3f}",
        }
        for row in record.class_stability
    ]


def repetition_sets(record: ModelEvaluation) -> str:
    """Which images the columns of ``repetition_rows`` are."""
    sets = dict.fromkeys(f"{r.images} are {r.data}" for r in record.repeatability)
    return "The " + "; the ".join(sets)


def method_rows(trial: CalibrationTrial) -> Rows:
    """The ways to calibrate that were compared on validation images."""
    return [
        {
            "Calibration": _method_label(m.method),
            "Temperatures": ", ".join(f"{t:.3f}" for t in m.temperatures),
            "Wrong labels, from one kind to the other": ", ".join(f"{n:.1%}" for n in m.noise),
            "Log loss, cross-validated": f"{m.log_loss:.4f}",
            "Chosen": "yes" if m.method == trial.chosen else "",
        }
        for m in trial.methods
    ]


def _method_label(method: str) -> str:
    if method == NOISY:
        return _NOISY_LABEL
    return CALIBRATIONS[method].label if method in CALIBRATIONS else "None"


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
        f"({outside.data}) {interval_text(other)}. The second is what to expect elsewhere; the "
        f"figures differ by {abs(own.value - other.value):.3f}."
    )


def evaluation_text(evaluation: Evaluation, card: ModelCard) -> str:
    """Plain text for the terminal."""
    count = sum(evaluation.images.values())
    return "\n".join(
        [
            f"{card.title}, {evaluation.condition}: {count} images of "
            f"{evaluation.patients} patients in {evaluation.split}/ of {evaluation.data}",
            f"positive from a probability of {evaluation.threshold:g}; intervals are 95 %, "
            f"{evaluation.resamples} resamples of patients",
            plain_table(cells(figure_rows(evaluation, card))),
            "",
            plain_table(cells(predictive_rows(evaluation))),
            "",
            plain_table(cells(confusion_rows(evaluation, card))),
            DISCLAIMER,
        ]
    )


def _stability_parts(record: ModelEvaluation) -> list[str]:
    if not record.class_stability:
        return []
    return [
        "## The class under changes that mean nothing",
        "",
        "Every test image, fed as trained, and the same image moved by a pixel, stored as JPEG, "
        "turned or resized a little: none of it means anything medically. Intervals are over "
        "patients. The page Diagnose does the same for the image at hand, on request.",
        "",
        markdown_table(cells(stability_rows(record))),
        "",
    ]


def record_markdown(record: ModelEvaluation, card: ModelCard) -> str:
    """The document on one model, made from its record."""
    first = record.evaluations[0]
    differences = card.published.differences if card.published else ()
    source = card.published.source if card.published else ""
    other = [
        f"- {p.images} healthy adults ({p.data}): {percent_text(p.called_positive)} are called "
        "positive."
        for p in record.other_populations
    ]
    inside = inside_sentence(record)
    return "\n".join(
        [
            f"# What was measured of {card.name}",
            "",
            f"Made by `{record.command}`; don't edit. {DISCLAIMER}",
            "",
            f"{sum(first.images.values())} images of {first.patients} patients in {first.split}/ "
            f"of {first.data}; positive from a probability of {first.threshold:g}. Intervals are "
            f"95 %, from {first.resamples} resamples of patients.",
            "",
            markdown_table(cells(figure_rows(first, card))),
            "",
            *([inside, ""] if inside else []),
            *([f"Published: {source}. What differs:", ""] if source else []),
            *(f"- {difference}" for difference in differences),
            *([""] if source else []),
            "## Predictive values",
            "",
            markdown_table(cells(predictive_rows(first))),
            "",
            "## Confusion",
            "",
            markdown_table(cells(confusion_rows(first, card))),
            "",
            "## Calibration",
            "",
            calibration_sentences(record),
            "",
            markdown_table(cells(method_rows(record.calibration))),
            "",
            *([sets, ""] if (sets := set_sentence(first, card)) else []),
            "## Where it fails",
            "",
            markdown_table(cells(condition_rows(record))),
            "",
            *other,
            "",
            "## Repeatability",
            "",
            f"{repetition_sets(record)}.",
            "",
            markdown_table(cells(repetition_rows(record))),
            "",
            *_stability_parts(record),
        ]
    )
