"""Figures of a classifier with bootstrap intervals, all resamples at once.

A resample is how often each image was drawn, so every metric is a weighted sum and B resamples are
one matrix product. The positive score is 1 minus the probability of the negative class.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xray_app.core.classifier_metrics import Interval
from xray_app.core.records import FloatArray

_BINS = 15
_Counts = NDArray[np.float64]
METRICS: tuple[str, ...] = ("auc", "accuracy", "sensitivity", "specificity", "ece")


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Scores (N,) in [0, 1] of being positive, and whether each image is, (N,) bool."""

    scores: NDArray[np.float64]
    positive: NDArray[np.bool_]


def outcome(probabilities: FloatArray, labels: NDArray[np.int64]) -> Outcome:
    """Reduce (N, K) probabilities to positive against the negative class, which is class 0."""
    return Outcome(1.0 - probabilities[:, 0].astype(np.float64), labels != 0)


def auc(result: Outcome) -> float:
    """Area under the ROC curve by ranks (Mann and Whitney 1947); a tie counts one half.

    NaN when one of the two classes is absent.
    """
    return float(_auc(result, np.ones((1, len(result.scores))))[0])


def resamples(images: int, count: int, seed: int = 0) -> _Counts:
    """Draw how often each of N images is in each of B bootstrap resamples, (B, N)."""
    rng = np.random.default_rng([seed, images])
    return rng.multinomial(images, np.full(images, 1 / images), size=count).astype(np.float64)


def figures(result: Outcome, draws: _Counts) -> dict[str, Interval]:
    """Every metric with its 95 % percentile interval (Efron 1979) over the draws (B, N).

    Sensitivity, specificity and accuracy are those of positive at a score of 0.5 or more; ``ece``
    is the expected calibration error of the score in 15 equal bins (Guo 2017, equation 3). A figure
    that needs an absent class is NaN.
    """
    once = _all(result, np.ones((1, len(result.scores))))
    drawn = _all(result, draws)
    return {name: _interval(float(once[name][0]), drawn[name]) for name in METRICS}


def _interval(value: float, drawn: NDArray[np.float64]) -> Interval:
    defined = drawn[np.isfinite(drawn)]
    if not defined.size:
        return Interval(value, value, value)
    low, high = np.percentile(defined, (2.5, 97.5))
    return Interval(value, float(low), float(high))


def _all(result: Outcome, counts: _Counts) -> dict[str, NDArray[np.float64]]:
    called = result.scores >= 0.5
    right = called == result.positive
    return {
        "auc": _auc(result, counts),
        "accuracy": _share(right, np.ones_like(right), counts),
        "sensitivity": _share(right, result.positive, counts),
        "specificity": _share(right, ~result.positive, counts),
        "ece": _ece(result, counts),
    }


def _share(
    right: NDArray[np.bool_], among: NDArray[np.bool_], counts: _Counts
) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: the figure is undefined
        return np.asarray((counts @ (right & among)) / (counts @ among), np.float64)


def _auc(result: Outcome, counts: _Counts) -> NDArray[np.float64]:
    order = np.argsort(result.scores, kind="stable")
    ordered = result.scores[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    positive = result.positive[order]
    drawn = counts[:, order]
    positives = np.add.reduceat(drawn * positive, starts, axis=1)
    negatives = np.add.reduceat(drawn * ~positive, starts, axis=1)
    below = np.cumsum(negatives, axis=1) - negatives
    wins = (positives * (below + negatives / 2)).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(wins / (positives.sum(axis=1) * negatives.sum(axis=1)), np.float64)


def _ece(result: Outcome, counts: _Counts) -> NDArray[np.float64]:
    bins = np.minimum((result.scores * _BINS).astype(int), _BINS - 1)
    members = np.eye(_BINS)[bins] * (result.scores - result.positive)[:, np.newaxis]
    return np.asarray(np.abs(counts @ members).sum(axis=1) / counts.sum(axis=1), np.float64)
