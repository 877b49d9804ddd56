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
    """Images of like confidence: its mean, the fraction that is right, and how many they are."""

    confidence: float
    fraction: float
    images: int


def once(images: int) -> Values:
    """Count each of N images once, (1, N) float64: the resample that gives the images as they are.

    >>> once(3)
    array([[1., 1., 1.]])
    """
    return np.ones((1, images))


def resample_groups(groups: Sequence[str], count: int, seed: int) -> Values:
    """Draw whole groups with replacement and return how often each image came, (B, N) float64.

    Images of one patient resemble each other; drawing patients keeps the intervals honest about
    that (Davison and Hinkley 1997, section 3.8).

    Args:
        groups: (N,) the patient of each image, at least one.
        count: B, how many resamples.
        seed: the same seed and groups give the same resamples.

    The two images of Ada are drawn together or not at all:

    >>> counts = resample_groups(["Ada", "Ada", "Ben"], count=4, seed=0)
    >>> counts.shape, counts[:, 0].tolist() == counts[:, 1].tolist()
    ((4, 3), True)
    """
    _, index = np.unique(np.asarray(groups), return_inverse=True)
    number = int(index.max()) + 1
    drawn = np.random.default_rng(seed).multinomial(number, np.full(number, 1 / number), count)
    return np.asarray(drawn[:, index], np.float64)


def mean_interval(values: Values, groups: Sequence[str], resamples: int = 1000) -> Interval:
    """The mean with its 95 % interval over whole groups, to four decimals.

    Args:
        values: (N,) float64, at least one.
        groups: (N,) the patient of each.
        resamples: B; the draws are those of ``resample_groups`` with seed 0.

    >>> mean_interval(np.array([0.25, 0.25, 0.75]), ["Ada", "Ada", "Ada"])
    Interval(value=0.4167, low=0.4167, high=0.4167)
    """
    counts = resample_groups(groups, resamples, seed=0)
    found = interval(float(values.mean()), (counts @ values) / counts.sum(axis=1))
    return Interval(*(round(end, 4) for end in (found.value, found.low, found.high)))


def interval(value: float, drawn: Values) -> Interval:
    """Return the 95 % percentile interval (Efron 1979) of a figure.

    Args:
        value: the figure of the images as they are.
        drawn: (B,) float64, the figure of each resample; those where it is not finite are left out.

    Returns:
        The interval in the figure's unit; both ends are ``value`` if no resample has the figure.

    >>> import numpy as np
    >>> interval(20.0, np.arange(41.0))
    Interval(value=20.0, low=1.0, high=39.0)
    """
    defined = drawn[np.isfinite(drawn)]
    if not defined.size:
        return Interval(value, value, value)
    low, high = np.percentile(defined, (2.5, 97.5))
    return Interval(float(value), float(low), float(high))


def fraction(right: Flags, among: Flags, counts: Values) -> Values:
    """Return the fraction of the images of ``among`` for which ``right`` holds, in [0, 1].

    Args:
        right: (N,) bool.
        among: (N,) bool.
        counts: (B, N).

    Returns:
        (B,) float64; NaN for a resample without an image of ``among``.

    >>> import numpy as np
    >>> detected, diseased = np.array([True, False, True]), np.array([True, True, False])
    >>> fraction(detected, diseased, once(3))
    array([0.5])
    """
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN: the figure is undefined
        return np.asarray((counts @ (right & among)) / (counts @ among), np.float64)


def area_under_curve(scores: Values, positive: Flags, counts: Values) -> Values:
    """Return the area under the ROC curve by ranks (Mann and Whitney 1947); a tie counts one half.

    Args:
        scores: (N,) float64, higher for positive.
        positive: (N,) bool, the truth.
        counts: (B, N).

    Returns:
        (B,) float64 in [0, 1]; NaN for a resample without one of the two classes.

    Of the two pairs of a positive and a negative image one is in order, one is a tie:

    >>> import numpy as np
    >>> area_under_curve(np.array([0.2, 0.6, 0.6]), np.array([False, False, True]), once(3))
    array([0.75])
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
    """Return the corners of the ROC curve from (0, 0) to (1, 1) as (1 - specificity, sensitivity).

    Args:
        scores: (N,) float64, higher for positive.
        positive: (N,) bool, the truth; both classes must occur.

    >>> import numpy as np
    >>> roc_points(np.array([0.1, 0.9]), np.array([False, True]))
    ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0))
    """
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
    """Return the mean squared distance of probabilities from the truth (Brier 1950, eq. 2).

    Args:
        probabilities: (N, K) float64 in [0, 1].
        labels: (N,) int64 in [0, K).
        counts: (B, N).

    Returns:
        (B,) float64, from 0 for certain and correct to 2 for certain and wrong.

    >>> import numpy as np
    >>> brier_score(np.array([[0.5, 0.5]]), np.array([0]), once(1))
    array([0.5])
    """
    truth = np.eye(probabilities.shape[1])[labels]
    squared = ((probabilities - truth) ** 2).sum(axis=1)
    return np.asarray(counts @ squared / counts.sum(axis=1), np.float64)


def calibration_error(confidence: Values, right: Flags, counts: Values) -> Values:
    """Return the expected calibration error in 15 equal bins (Guo et al. 2017, equation 3).

    Args:
        confidence: (N,) float64 in [0, 1], how likely the model says it is right.
        right: (N,) bool, whether it is.
        counts: (B, N).

    Returns:
        (B,) float64 in [0, 1].

    >>> import numpy as np
    >>> calibration_error(np.array([0.75, 0.75]), np.array([True, False]), once(2))
    array([0.25])
    """
    members = np.eye(BINS)[_bins(confidence)] * (confidence - right)[:, np.newaxis]
    return np.asarray(np.abs(counts @ members).sum(axis=1) / counts.sum(axis=1), np.float64)


def chance_band(confidence: Values, draws: int, seed: int) -> Interval:
    """The calibration error that a perfectly calibrated model shows on as many images, by chance.

    Its answers are right exactly as often as it says, so they are drawn (Bröcker and Smith 2007,
    "Increasing the reliability of reliability diagrams").

    Args:
        confidence: (N,) float64 in [0, 1], how likely it says it is right.
        draws: how many times the answers are drawn.
        seed: the same seed gives the same band.

    Returns:
        Mean and 95 % band.

    >>> chance_band(np.array([1.0, 1.0]), draws=10, seed=0)
    Interval(value=0.0, low=0.0, high=0.0)
    """
    rng = np.random.default_rng(seed)
    members = np.eye(BINS)[_bins(confidence)]
    right = rng.random((draws, len(confidence))) < confidence
    errors = np.abs((right - confidence) @ members).sum(axis=1) / len(confidence)
    return interval(float(errors.mean()), errors)


def wilson_interval(fraction: float, images: int) -> tuple[float, float]:
    """The ends of a fraction's 95 % interval (Wilson 1927); (0, 1) of no images.

    >>> [round(end, 3) for end in wilson_interval(0.5, 100)]
    [0.404, 0.596]
    """
    if images == 0:
        return 0.0, 1.0
    z = 1.959964
    middle = (fraction + z * z / (2 * images)) / (1 + z * z / images)
    root = (fraction * (1 - fraction) / images + (z / (2 * images)) ** 2) ** 0.5
    half = z * root / (1 + z * z / images)
    return middle - half, middle + half


def reliability(confidence: Values, right: Flags) -> tuple[ReliabilityBin, ...]:
    """Return the bins of ``calibration_error`` that hold images, in order.

    Args:
        confidence: (N,) float64 in [0, 1].
        right: (N,) bool.

    >>> import numpy as np
    >>> reliability(np.array([0.75, 0.75]), np.array([True, False]))
    (ReliabilityBin(confidence=0.75, fraction=0.5, images=2),)
    """
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
    """Return the positive and the negative predictive value by Bayes' theorem.

    Args:
        sensitivity: (B,) float64 in [0, 1].
        specificity: (B,) float64 in [0, 1].
        prevalence: the fraction of patients who are diseased, in [0, 1].

    Returns:
        Two (B,) float64 in [0, 1]; NaN where no image is called so.

    >>> import numpy as np
    >>> predictive_values(np.array([0.5]), np.array([0.5]), prevalence=0.25)
    (array([0.25]), array([0.75]))
    """
    diseased, healthy = prevalence, 1.0 - prevalence
    with np.errstate(invalid="ignore"):
        positive = sensitivity * diseased / (sensitivity * diseased + (1.0 - specificity) * healthy)
        negative = specificity * healthy / (specificity * healthy + (1.0 - sensitivity) * diseased)
    return positive, negative


def _bins(confidence: Values) -> Labels:
    return np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
