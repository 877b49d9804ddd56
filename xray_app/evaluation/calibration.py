"""Choose calibration and threshold on validation images, and write them into the card.

Only ``val/`` is accepted: test images are for reporting.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

import numpy as np

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
    Flags,
    InputError,
    Labels,
    Progress,
    Reporter,
    Values,
    once,
    positive_probability,
    silent,
)
from xray_app.diagnosis import calibrate_logits
from xray_app.engines import Engine
from xray_app.evaluation.conformal import COVERAGE, conformal_quantile
from xray_app.evaluation.figures import between_kinds, is_right
from xray_app.evaluation.labelled_images import (
    LabelledImages,
    open_split,
    require_all_classes,
    require_one_class_each,
)
from xray_app.evaluation.scoring import displays_of, logits_of
from xray_app.evaluation.temperatures import (
    NOISY,
    Fit,
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
    require_one_class_each(card)
    require_all_classes(images, card)
    methods = compare_methods(logits, images.labels, images.patients)
    best = choose_fit(methods)
    origin = {
        "fitted_on": f"{len(images)} images of {images.data}, {images.split}/",
        "command": f"python -m xray_app calibrate {images.data} --model {card.name}",
    }
    chosen = card.model_copy(update={"calibration": _calibration(best, origin)})
    probabilities = calibrate_logits(chosen, logits)
    threshold = Threshold(
        value=_threshold(positive_probability(probabilities), images.labels > 0),
        criterion="largest Youden index",
        **origin,
    )
    trial = CalibrationTrial(
        data=images.data,
        split=VALIDATION,
        images=len(images),
        accuracy=round(float(is_right(probabilities, images.labels).mean()), 4),
        kinds_accuracy=_between_kinds(probabilities, images.labels),
        methods=tuple(map(_method_trial, methods)),
        chosen=best.method,
        threshold=threshold.value,
    )
    conformal = _conformal(probabilities, images.labels, origin)
    update = {"threshold": threshold, "conformal": conformal}
    return CalibrationResult(chosen.model_copy(update=update), trial)


def _threshold(scores: Values, positive: Flags) -> float:
    """The threshold in the fewest digits, four at least, that call every image as it does."""
    chosen = choose_threshold(scores, positive)
    called = scores >= chosen
    shorter = (round(chosen, digits) for digits in range(4, 17))
    # 1.0, which some scores reach, is no threshold: a card says one between the ends.
    inside = (v for v in shorter if 0.0 < v < 1.0)
    return next((v for v in inside if np.array_equal(scores >= v, called)), chosen)


def _calibration(best: Fit, origin: Mapping[str, str]) -> Calibration | None:
    if not best.temperatures:
        return None
    return Calibration(
        method="temperature" if best.method == NOISY else best.method,
        temperatures=tuple(round(t, 4) for t in best.temperatures),
        label_noise=(round(best.noise[0], 4), round(best.noise[1], 4)) if best.noise else None,
        **origin,
    )


def _conformal(
    probabilities: Values, labels: Labels, origin: Mapping[str, str]
) -> Conformal | None:
    quantile = conformal_quantile(probabilities, labels)
    if quantile is None:
        return None
    # Rounded up: a smaller quantile would leave the true class out of more images than promised.
    upward = float(Decimal(quantile).quantize(Decimal("0.0001"), ROUND_CEILING))
    return Conformal(coverage=COVERAGE, quantile=upward, **origin)


def _method_trial(fit: Fit) -> MethodTrial:
    return MethodTrial(
        method=fit.method,
        temperatures=tuple(round(t, 4) for t in fit.temperatures),
        log_loss=round(fit.log_loss, 4),
        noise=tuple(round(n, 4) for n in fit.noise),
    )


def _between_kinds(probabilities: Values, labels: Labels) -> float | None:
    if probabilities.shape[1] != 3:
        return None
    found = between_kinds(probabilities, labels, once(len(labels)))
    return round(float(found["kinds_accuracy"][0]), 4)
