"""How well scores tell positive from negative: fractions, the ROC curve, predictive values."""

import numpy as np

from xray_app.core.classifier_metrics.arrays import Flags, Values


def fraction(right: Flags, among: Flags, counts: Values) -> Values:
    """Return the fraction of the images of ``among`` for which ``right`` holds, in [0, 1].

    Args:
        right: (N,) bool.
        among: (N,) bool.
        counts: (B, N).

    Returns:
        (B,) float64; NaN for a resample without an image of ``among``.

    >>> import numpy as np
    >>> from xray_app.core import once
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
    >>> from xray_app.core import once
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
    order = np.argsort(-scores, kind="stable")
    ordered, truth = scores[order], positive[order]
    lasts = np.flatnonzero(np.r_[ordered[1:] != ordered[:-1], True])
    called = np.cumsum([~truth, truth], axis=1)[:, lasts]
    counts = np.concatenate([np.zeros((2, 1), np.int64), called], axis=1)
    # A point on the straight line between its neighbours draws nothing.
    steps = np.diff(counts, axis=1)
    turns = steps[0, :-1] * steps[1, 1:] != steps[0, 1:] * steps[1, :-1]
    kept = counts[:, np.r_[True, turns, True]] / counts[:, -1:]
    return tuple(zip(*kept.tolist(), strict=True))


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
