"""Choose calibration and threshold on validation images, and write them into the card.

Only ``val/`` is accepted: test images are for reporting.
"""

from dataclasses import dataclass
from pathlib import Path

from xray_app.cards import (
    Calibration,
    CalibrationTrial,
    Conformal,
    MethodTrial,
    ModelCard,
    Threshold,
    trained_scheme,
)
from xray_app.core import (
    InputError,
    Labels,
    Progress,
    Reporter,
    Values,
    positive_probability,
    silent,
)
from xray_app.diagnosis import calibrate_logits
from xray_app.engines import Engine
from xray_app.evaluation.conformal import COVERAGE, conformal_quantile
from xray_app.evaluation.labelled_images import LabelledImages, open_split, require_all_classes
from xray_app.evaluation.scoring import displays_of, logits_of
from xray_app.evaluation.temperatures import (
    NOISY,
    choose_fit,
    choose_threshold,
    compare_methods,
)

VALIDATION = "val"


@dataclass(frozen=True, slots=True)
class CalibrationResult:
    """The card with calibration and threshold, and how they were chosen."""

    card: ModelCard
    trial: CalibrationTrial


def calibrate(
    engine: Engine, data: Path, split: str = VALIDATION, progress: Reporter = silent
) -> CalibrationResult:
    """Fit every method on ``val/`` and take the best by cross-validated log loss (``choose_fit``).

    The threshold is the one of the largest Youden index there, on the calibrated probabilities; so
    is the quantile of the conformal sets.

    Args:
        engine: any engine; whatever calibration its card has is not used.
        data: folder or zip of ``split/CLASS/file``.
        split: must be "val".
        progress: is told how far it is.

    Raises:
        InputError: another split was named, the data are not as expected, a class or all patients
            but one are missing, or the model gives all images the same score.
        EngineError: the model failed.
    """
    require_validation(split)
    with open_split(data, split, engine.card) as images:
        logits = logits_of(
            engine,
            displays_of(engine, images.radiographs()),
            trained_scheme(engine.card),
            lambda done: progress(Progress(done, len(images), stage="val, as trained")),
        )
    return choose_calibration(engine.card, images, logits)


def require_validation(split: str) -> None:
    """Check that nothing but validation images choose parameters.

    Raises:
        InputError: they are of another split.
    """
    if split != VALIDATION:
        raise InputError(
            f"Expected the split {VALIDATION!r} to calibrate on, received {split!r}: test images "
            "are for reporting only, and training images would flatter."
        )


def choose_calibration(
    card: ModelCard, images: LabelledImages, logits: Values
) -> CalibrationResult:
    """As ``calibrate``, from logits (N, K) that were computed before."""
    require_validation(images.split)
    require_all_classes(images, card)
    labels = images.labels
    methods = compare_methods(logits, labels, images.patients)
    best = choose_fit(methods)
    fitted_on = f"{len(images)} images of {images.data}, {images.split}/"
    command = f"python -m xray_app calibrate {images.data} --model {card.name}"
    calibration = None
    if best.temperatures:
        calibration = Calibration(
            method="temperature" if best.method == NOISY else best.method,
            temperatures=tuple(round(t, 4) for t in best.temperatures),
            fitted_on=fitted_on,
            command=command,
            label_noise=(round(best.noise[0], 4), round(best.noise[1], 4)) if best.noise else None,
        )
    chosen = card.model_copy(update={"calibration": calibration})
    probabilities = calibrate_logits(chosen, logits)
    scores = positive_probability(probabilities)
    threshold = Threshold(
        value=round(choose_threshold(scores, labels > 0), 4),
        criterion="largest Youden index",
        fitted_on=fitted_on,
        command=command,
    )
    quantile = conformal_quantile(probabilities, labels)
    conformal = None
    if quantile is not None:
        conformal = Conformal(
            coverage=COVERAGE, quantile=round(quantile, 4), fitted_on=fitted_on, command=command
        )
    trial = CalibrationTrial(
        data=images.data,
        split=VALIDATION,
        images=len(images),
        accuracy=round(float((probabilities.argmax(axis=1) == labels).mean()), 4),
        kinds_accuracy=_between_kinds(probabilities, labels),
        methods=tuple(
            MethodTrial(
                method=m.method,
                temperatures=tuple(round(t, 4) for t in m.temperatures),
                log_loss=round(m.log_loss, 4),
                noise=tuple(round(n, 4) for n in m.noise),
            )
            for m in methods
        ),
        chosen=best.method,
        threshold=threshold.value,
    )
    update = {"threshold": threshold, "conformal": conformal}
    return CalibrationResult(chosen.model_copy(update=update), trial)


def _between_kinds(probabilities: Values, labels: Labels) -> float | None:
    if probabilities.shape[1] != 3:
        return None
    positive = labels > 0
    called = 1 + probabilities[positive, 1:].argmax(axis=1)
    return round(float((called == labels[positive]).mean()), 4)
