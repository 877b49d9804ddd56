"""Figures of a model on labelled images: how good, how sure, how well calibrated.

All figures come with bootstrap intervals over patients, or exact ones where all images are alike.
"""

from collections.abc import Sequence
from itertools import compress
from pathlib import Path
from typing import Literal

import numpy as np

from xray_app.cards import Evaluation, ModelCard, PredictiveValues
from xray_app.core import (
    InputError,
    Interval,
    Labels,
    Progress,
    ReliabilityBin,
    Reporter,
    Values,
    chance_band,
    interval,
    interval_of_fraction,
    once,
    positive_probability,
    positive_score,
    predictive_values,
    reliability,
    resample_groups,
    roc_points,
    silent,
    softmax,
)
from xray_app.core.normalization import parse_scheme
from xray_app.diagnosis import calibrate_logits
from xray_app.engines import Engine
from xray_app.evaluation.figures import counted, figures_of, is_right, threshold_of
from xray_app.evaluation.labelled_images import (
    LabelledImages,
    open_split,
    require_all_classes,
    require_one_class_each,
)
from xray_app.evaluation.scoring import displays_of, logits_of

RESAMPLES, SEED = 2000, 0
_Curve = Literal["raw", "calibrated", "positive"]
_Bins = tuple[ReliabilityBin, ...]
PREVALENCES = (0.05, 0.1, 0.2, 0.3, 0.5)


def evaluate(
    engine: Engine,
    data: Path,
    split: str = "test",
    scheme: str | None = None,
    *,
    prevalences: Sequence[float] = PREVALENCES,
    progress: Reporter = silent,
) -> Evaluation:
    """Measure the model on one split of labelled data under one scheme.

    Args:
        engine: any engine.
        data: folder or zip of ``split/CLASS/file``.
        split: the folder of the split.
        scheme: how the images are fed; by default as in training.
        prevalences: in (0, 1); for each, predictive values are given.
        progress: is told what is being done and how far it is.

    Raises:
        InputError: the data are not there or not as expected, or a prevalence is out of range.
        UnknownChoice: there is no such scheme.
        EngineError: the model failed.
    """
    chosen = parse_scheme(scheme or engine.card.contract.scheme)
    with open_split(data, split, engine.card) as images:
        logits = logits_of(
            engine,
            displays_of(engine, images.radiographs()),
            chosen,
            lambda done: progress(Progress(done, len(images), stage=f"{split}, {chosen.name}")),
        )
    return evaluate_logits(engine.card, images, logits, chosen.name, prevalences=prevalences)


def evaluate_logits(
    card: ModelCard,
    images: LabelledImages,
    logits: Values,
    scheme: str,
    condition: str = "",
    prevalences: Sequence[float] = PREVALENCES,
) -> Evaluation:
    """Measure logits (N, K) that were computed before; as ``evaluate``.

    Args:
        condition: what was done to the images; by default how the scheme relates to training.
    """
    _check(card, images, prevalences)
    probabilities, raw = calibrate_logits(card, logits), softmax(logits)
    single, drawn = (
        figures_of(card, probabilities, raw, images.labels, counts)
        for counts in (once(len(images)), resample_groups(images.patients, RESAMPLES, SEED))
    )
    as_trained = scheme == card.contract.scheme
    figures = {name: _figure(name, single[name], drawn[name], images) for name in single}
    return Evaluation(
        model=card.name,
        weights_sha256=card.weights.sha256,
        data=images.data,
        split=images.split,
        images=_counts(card, images.labels),
        patients=len(set(images.patients)),
        scheme=scheme,
        condition=condition or ("as trained" if as_trained else f"fed as {scheme}"),
        threshold=threshold_of(card),
        resamples=RESAMPLES,
        seed=SEED,
        figures=figures,
        predictive_values=tuple(_predictive(single, drawn, figures, p) for p in prevalences),
        classes=card.class_names,
        confusion=_confusion(probabilities, images.labels),
        roc=_roc(probabilities, images.labels),
        reliability=_reliability(probabilities, raw, images.labels),
        chance=_chance(probabilities),
        command=_command(card, images, scheme),
    )


def _roc(probabilities: Values, labels: Labels) -> tuple[tuple[float, float], ...]:
    points = roc_points(positive_score(probabilities), labels > 0)
    return tuple((round(x, 4), round(y, 4)) for x, y in points)


def _reliability(probabilities: Values, raw: Values, labels: Labels) -> dict[_Curve, _Bins]:
    return {
        "positive": reliability(positive_probability(probabilities), labels > 0),
        "raw": reliability(raw.max(axis=1), is_right(raw, labels)),
        "calibrated": reliability(probabilities.max(axis=1), is_right(probabilities, labels)),
    }


def _chance(probabilities: Values) -> dict[str, Interval]:
    """What the calibration errors come to by chance alone."""
    sure = {"ece": probabilities.max(axis=1), "ece_positive": positive_probability(probabilities)}
    return {
        name: chance_band(confidence, RESAMPLES, SEED).rounded()
        for name, confidence in sure.items()
    }


def without_curves(evaluation: Evaluation) -> Evaluation:
    """The same figures without ROC and reliability, for one row of a table."""
    return evaluation.model_copy(update={"roc": (), "reliability": {}})


def _figure(name: str, single: Values, drawn: Values, images: LabelledImages) -> Interval:
    """The figure with its interval: exact over patients where all images are alike."""
    among = counted(name, images.labels)
    if among is None:
        return _interval(single, drawn)
    patients = tuple(compress(images.patients, among))
    return interval_of_fraction(float(single[0]), drawn, patients).rounded()


def _interval(single: Values, drawn: Values) -> Interval:
    return interval(float(single[0]), drawn).rounded()


def _predictive(
    single: dict[str, Values],
    drawn: dict[str, Values],
    figures: dict[str, Interval],
    prevalence: float,
) -> PredictiveValues:
    of, against = figures["sensitivity"], figures["specificity"]
    at_once = predictive_values(single["sensitivity"], single["specificity"], prevalence)
    resampled = predictive_values(drawn["sensitivity"], drawn["specificity"], prevalence)
    ends = predictive_values(
        np.array([of.low, of.high]), np.array([against.low, against.high]), prevalence
    )
    positive, negative = (_predicted(*each) for each in zip(at_once, resampled, ends, strict=True))
    return PredictiveValues(prevalence=prevalence, positive=positive, negative=negative)


def _predicted(single: Values, drawn: Values, ends: Values) -> Interval | None:
    """One predictive value; None where no image is called so.

    Where all images agree its resamples show no spread: what sensitivity and specificity may be
    bounds it then, since it grows with both.
    """
    value = float(single[0])
    if not np.isfinite(value):
        return None
    if len(np.unique(drawn[np.isfinite(drawn)])) < 2:
        return Interval(value, float(ends[0]), float(ends[1])).rounded()
    return _interval(single, drawn)


def _confusion(probabilities: Values, labels: Labels) -> tuple[tuple[int, ...], ...]:
    table = np.zeros((probabilities.shape[1],) * 2, np.int64)
    np.add.at(table, (labels, probabilities.argmax(axis=1)), 1)
    return tuple(tuple(row) for row in table.tolist())


def _counts(card: ModelCard, labels: Labels) -> dict[str, int]:
    return {name: int((labels == k).sum()) for k, name in enumerate(card.class_names)}


def _command(card: ModelCard, images: LabelledImages, scheme: str) -> str:
    return (
        f"python -m xray_app evaluate {images.data} --split {images.split} --scheme {scheme} "
        f"--model {card.name}"
    )


def _check(card: ModelCard, images: LabelledImages, prevalences: Sequence[float]) -> None:
    require_one_class_each(card)
    require_all_classes(images, card)
    wrong = [p for p in prevalences if not 0.0 < p < 1.0]
    if wrong:
        raise InputError(f"Expected a prevalence between 0 and 1, received {wrong[0]:g}.")
