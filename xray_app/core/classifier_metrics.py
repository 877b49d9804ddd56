"""Figures of a classifier, over many bootstrap resamples at once.

A resample is how often each image was drawn, so every figure is a weighted sum and B resamples are
one matrix product. ``counts`` is (B, N) throughout, each figure (B,); ``once(N)`` gives the figure
of the images as they are. A figure that needs an absent class is NaN.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
Labels = NDArray[np.int64]
BINS = 15


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Images of like confidence: how sure the model was, how often it was right, how many."""

    confidence: float
    share: float
    images: int


def once(images: int) -> Values:
    """(1, N): every image counted once."""
    return np.ones((1, images))


def resample_groups(groups: Sequence[str], count: int, seed: int) -> Values:
    """Draw whole groups with replacement and return how often each image came, (B, N).

    Images of one person resemble each other; drawing persons keeps the intervals honest about that
    (Davison and Hinkley 1997, section 3.8).

    Args:
        groups: (N,) the person of each image.
        count: B, how many resamples.
        seed: the same seed and groups give the same resamples.
    """
    _, index = np.unique(np.asarray(groups), return_inverse=True)
    number = int(index.max()) + 1
    drawn = np.random.default_rng(seed).multinomial(number, np.full(number, 1 / number), count)
    return np.asarray(drawn[:, index], np.float64)


def interval(value: float, drawn: Values) -> Interval:
    """The 95 % percentile interval (Efron 1979) over the resamples in which the figure exists."""
    defined = drawn[np.isfinite(drawn)]
    if not defined.size:
        return Interval(value, value, value)
    low, high = np.percentile(defined, (2.5, 97.5))
    return Interval(float(value), float(low), float(high))


def share(right: Flags, among: Flags, counts: Values) -> Values:
    """Share of the images of ``among`` for which ``right`` holds; both (N,)."""
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: the figure is undefined
        return np.asarray((counts @ (right & among)) / (counts @ among), np.float64)


def area_under_curve(scores: Values, positive: Flags, counts: Values) -> Values:
    """Area under the ROC curve by ranks (Mann and Whitney 1947); a tie counts one half.

    Args:
        scores: (N,), higher for positive.
        positive: (N,) the truth.
        counts: (B, N).
    """
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    drawn, truth = counts[:, order], positive[order]
    positives = np.add.reduceat(drawn * truth, starts, axis=1)
    negatives = np.add.reduceat(drawn * ~truth, starts, axis=1)
    below = np.cumsum(negatives, axis=1) - negatives
    wins = (positives * (below + negatives / 2)).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(wins / (positives.sum(axis=1) * negatives.sum(axis=1)), np.float64)


def roc_points(scores: Values, positive: Flags) -> tuple[tuple[float, float], ...]:
    """Corners of the ROC curve from (0, 0) to (1, 1) as (1 - specificity, sensitivity)."""
    thresholds = np.r_[np.inf, np.unique(scores)[::-1]]
    called = scores[np.newaxis] >= thresholds[:, np.newaxis]
    true_rate = (called & positive).sum(axis=1) / positive.sum()
    false_rate = (called & ~positive).sum(axis=1) / (~positive).sum()
    # A point on the straight line between its neighbours draws nothing.
    steps = np.diff(np.stack([false_rate, true_rate]), axis=1)
    turns = ~np.isclose(steps[0, :-1] * steps[1, 1:], steps[0, 1:] * steps[1, :-1])
    kept = np.r_[True, turns, True]
    return tuple(zip(false_rate[kept].tolist(), true_rate[kept].tolist(), strict=True))


def brier_score(probabilities: Values, labels: Labels, counts: Values) -> Values:
    """Mean squared distance of (N, K) probabilities from the truth, 0 to 2 (Brier 1950, eq. 2)."""
    truth = np.eye(probabilities.shape[1])[labels]
    squared = ((probabilities - truth) ** 2).sum(axis=1)
    return np.asarray(counts @ squared / counts.sum(axis=1), np.float64)


def calibration_error(confidence: Values, right: Flags, counts: Values) -> Values:
    """Expected calibration error in 15 equal bins (Guo et al. 2017, equation 3).

    Args:
        confidence: (N,) in [0, 1], how likely the model says it is right.
        right: (N,) whether it is.
        counts: (B, N).
    """
    members = np.eye(BINS)[_bins(confidence)] * (confidence - right)[:, np.newaxis]
    return np.asarray(np.abs(counts @ members).sum(axis=1) / counts.sum(axis=1), np.float64)


def reliability(confidence: Values, right: Flags) -> tuple[ReliabilityBin, ...]:
    """The bins of ``calibration_error`` that hold images, in order."""
    bins = _bins(confidence)
    return tuple(
        ReliabilityBin(
            float(confidence[bins == b].mean()),
            float(right[bins == b].mean()),
            int((bins == b).sum()),
        )
        for b in np.unique(bins)
    )


def predictive_values(
    sensitivity: Values, specificity: Values, prevalence: float
) -> tuple[Values, Values]:
    """Positive and negative predictive value where a share ``prevalence`` is ill, by Bayes."""
    ill, well = prevalence, 1.0 - prevalence
    with np.errstate(invalid="ignore"):
        positive = sensitivity * ill / (sensitivity * ill + (1.0 - specificity) * well)
        negative = specificity * well / (specificity * well + (1.0 - sensitivity) * ill)
    return positive, negative


def _bins(confidence: Values) -> Labels:
    return np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
