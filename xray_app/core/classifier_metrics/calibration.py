"""How honest probabilities are: the Brier score, the calibration error and its bins."""

from dataclasses import dataclass

import numpy as np

from xray_app.core.classifier_metrics.arrays import Flags, Labels, Values
from xray_app.core.classifier_metrics.intervals import Interval, interval

BINS = 15


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Images of like confidence: its mean, the fraction that is right, and how many they are."""

    confidence: float
    fraction: float
    images: int


def brier_score(probabilities: Values, labels: Labels, counts: Values) -> Values:
    """Return the mean squared distance of probabilities from the truth (Brier 1950, eq. 2).

    Args:
        probabilities: (N, K) float64 in [0, 1].
        labels: (N,) int64 in [0, K).
        counts: (B, N).

    Returns:
        (B,) float64, from 0 for certain and correct to 2 for certain and wrong.

    >>> import numpy as np
    >>> from xray_app.core import once
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
    >>> from xray_app.core import once
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


def _bins(confidence: Values) -> Labels:
    return np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
