"""Figures of a model on labelled images: how good, how sure, how well calibrated.

Positive means any class but the first, such as pneumonia of either kind against normal. All figures
come with bootstrap intervals over patients.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from xray_app.cards import Evaluation, ModelCard, PredictiveValues
from xray_app.core import (
    Flags,
    InputError,
    Interval,
    Labels,
    Progress,
    Reporter,
    Values,
    area_under_curve,
    brier_score,
    calibration_error,
    chance_band,
    fraction,
    interval,
    likely_classes,
    once,
    positive_probability,
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
from xray_app.evaluation.labelled_images import LabelledImages, open_split, require_all_classes
from xray_app.evaluation.scoring import displays_of, logits_of

RESAMPLES, SEED = 2000, 0
PREVALENCES = (0.05, 0.1, 0.2, 0.3, 0.5)
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
    threshold = card.threshold.value if card.threshold else DEFAULT_THRESHOLD
    draws = resample_groups(images.patients, RESAMPLES, SEED)
    every = once(len(images))
    single = _figures(probabilities, raw, images.labels, threshold, every)
    drawn = _figures(probabilities, raw, images.labels, threshold, draws)
    if card.conformal is not None:
        inside = likely_classes(probabilities, card.conformal.quantile)
        single |= _sets(inside, images.labels, every)
        drawn |= _sets(inside, images.labels, draws)
    as_trained = scheme == card.contract.scheme
    positive = images.labels > 0
    return Evaluation(
        model=card.name,
        weights_sha256=card.weights.sha256,
        data=images.data,
        split=images.split,
        images=_counts(card, images.labels),
        patients=len(set(images.patients)),
        scheme=scheme,
        condition=condition or ("as trained" if as_trained else f"fed as {scheme}"),
        threshold=threshold,
        resamples=RESAMPLES,
        seed=SEED,
        figures={name: _rounded(single[name], drawn[name]) for name in single},
        predictive_values=tuple(_predictive(single, drawn, p) for p in prevalences),
        classes=card.class_names,
        confusion=_confusion(probabilities, images.labels),
        roc=tuple(
            (round(x, 4), round(y, 4))
            for x, y in roc_points(positive_probability(probabilities), positive)
        ),
        reliability={
            "positive": reliability(positive_probability(probabilities), positive),
            "raw": reliability(raw.max(axis=1), _is_right(raw, images.labels)),
            "calibrated": reliability(
                probabilities.max(axis=1), _is_right(probabilities, images.labels)
            ),
        },
        chance=_chance(probabilities),
        command=_command(card, images, scheme),
    )


def _chance(probabilities: Values) -> dict[str, Interval]:
    """What the calibration errors come to by chance alone."""
    sure = {"ece": probabilities.max(axis=1), "ece_positive": positive_probability(probabilities)}
    found = {name: chance_band(confidence, RESAMPLES, SEED) for name, confidence in sure.items()}
    return {
        name: Interval(round(b.value, 4), round(b.low, 4), round(b.high, 4))
        for name, b in found.items()
    }


def without_curves(evaluation: Evaluation) -> Evaluation:
    """The same figures without ROC and reliability, for one row of a table."""
    return evaluation.model_copy(update={"roc": (), "reliability": {}})


def _figures(
    probabilities: Values, raw: Values, labels: Labels, threshold: float, counts: Values
) -> dict[str, Values]:
    scores, positive = positive_probability(probabilities), labels > 0
    everyone = np.ones_like(positive)
    found = {"auc": area_under_curve(scores, positive, counts)}
    for suffix, limit in (("", threshold), ("_at_half", 0.5)):
        called = scores >= limit
        found[f"accuracy{suffix}"] = fraction(called == positive, everyone, counts)
        found[f"sensitivity{suffix}"] = fraction(called, positive, counts)
        found[f"specificity{suffix}"] = fraction(~called, ~positive, counts)
    if probabilities.shape[1] == 3:
        found |= _between_kinds(probabilities, labels, counts)
    found["all_classes_accuracy"] = fraction(_is_right(probabilities, labels), everyone, counts)
    for suffix, values in (("_raw", raw), ("", probabilities)):
        right = _is_right(values, labels)
        found[f"ece{suffix}"] = calibration_error(values.max(axis=1), right, counts)
        found[f"ece_positive{suffix}"] = calibration_error(
            positive_probability(values), positive, counts
        )
        found[f"brier{suffix}"] = brier_score(values, labels, counts)
    return {name: found[name] for name in FIGURES if name in found}


def _sets(inside: Flags, labels: Labels, counts: Values) -> dict[str, Values]:
    """How often the conformal set holds the truth, and how many classes it holds."""
    held = inside[np.arange(len(labels)), labels]
    sizes = counts @ inside.sum(axis=1) / counts.sum(axis=1)
    return {"set_coverage": fraction(held, np.ones_like(held), counts), "set_size": sizes}


def _between_kinds(probabilities: Values, labels: Labels, counts: Values) -> dict[str, Values]:
    """The second class against the third, among the images that truly are one of them."""
    among = labels > 0
    kinds = probabilities[among, 1:]
    first = labels[among] == 1
    called = kinds[:, 0] >= kinds[:, 1]
    part = counts[:, among]
    fractions = kinds[:, 0] / kinds.sum(axis=1)
    return {
        "kinds_auc": area_under_curve(fractions, first, part),
        "kinds_accuracy": fraction(called == first, np.ones_like(first), part),
    }


def _is_right(probabilities: Values, labels: Labels) -> Flags:
    return np.asarray(probabilities.argmax(axis=1) == labels, np.bool_)


def _rounded(single: Values, drawn: Values) -> Interval:
    found = interval(float(single[0]), drawn)
    return Interval(round(found.value, 4), round(found.low, 4), round(found.high, 4))


def _predictive(
    single: dict[str, Values], drawn: dict[str, Values], prevalence: float
) -> PredictiveValues:
    at_once = predictive_values(single["sensitivity"], single["specificity"], prevalence)
    resampled = predictive_values(drawn["sensitivity"], drawn["specificity"], prevalence)
    positive, negative = (
        _rounded(s, d) if np.isfinite(s[0]) else None
        for s, d in zip(at_once, resampled, strict=True)
    )
    return PredictiveValues(prevalence=prevalence, positive=positive, negative=negative)


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
    require_all_classes(images, card)
    wrong = [p for p in prevalences if not 0.0 < p < 1.0]
    if wrong:
        raise InputError(f"Expected a prevalence between 0 and 1, received {wrong[0]:g}.")
