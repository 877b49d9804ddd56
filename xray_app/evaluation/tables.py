"""What was measured, as the rows of tables."""

from xray_app.cards import CalibrationTrial, Evaluation, ModelCard, ModelEvaluation, Repetition
from xray_app.core import CALIBRATIONS
from xray_app.core.text import Rows, interval_text, percent_text
from xray_app.evaluation.figures import FIGURES, figure_text_of
from xray_app.evaluation.temperatures import NOISY

_CONDITION_FIGURES = {"auc": "AUC", "sensitivity": "Sensitivity", "specificity": "Specificity"}
_NOISY_LABEL = "One temperature, with wrong labels"


def figure_rows(evaluation: Evaluation, card: ModelCard) -> Rows:
    """Every figure with its interval, beside the published one where there is one."""
    published = card.published.figures if card.published else {}
    return [
        {
            "Figure": FIGURES[name],
            "Here (95 % interval)": figure_text_of(evaluation, name),
            "Published": f"{published[name]:.3f}" if name in published else "",
        }
        for name in evaluation.figures
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
