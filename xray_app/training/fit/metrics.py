"""Figures of a classifier with bootstrap intervals, all resamples at once.

A resample is how often each image was drawn, so every metric is a weighted sum and B resamples are
one matrix product. The positive score is 1 minus the probability of the negative class.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from xray_app.core import (
    FloatArray,
    Interval,
    area_under_curve,
    calibration_error,
    fraction,
    interval,
    interval_of_fraction,
    once,
    positive_score,
)

_Counts = NDArray[np.float64]
METRICS: tuple[str, ...] = ("auc", "accuracy", "sensitivity", "specificity", "ece")


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """Scores (N,) in [0, 1] of being positive, and whether each image is, (N,) bool."""

    scores: NDArray[np.float64]
    positive: NDArray[np.bool_]


def outcome(probabilities: FloatArray, labels: NDArray[np.int64]) -> Outcome:
    """Reduce (N, K) probabilities to positive against the negative class, which is class 0."""
    # In float32 the positive classes may add up to a little over 1.
    return Outcome(np.minimum(positive_score(probabilities), 1.0), labels != 0)


def auc(result: Outcome) -> float:
    """Area under the ROC curve by ranks (Mann and Whitney 1947); a tie counts one half.

    NaN when one of the two classes is absent.
    """
    every = once(len(result.scores))
    return float(area_under_curve(result.scores, result.positive, every)[0])


def figures(result: Outcome, patients: Sequence[str], draws: _Counts) -> dict[str, Interval]:
    """Every metric with its 95 % percentile interval (Efron 1979) over the draws (B, N).

    The draws are those of ``resample_groups``, of whole patients (N,). A fraction of images that
    all agree has its exact interval instead (``interval_of_fraction``).

    Sensitivity, specificity and accuracy are those of positive at a score of 0.5 or more; ``ece``
    is the expected calibration error of the score in 15 equal bins (Guo 2017, equation 3). A figure
    that needs an absent class is NaN.
    """
    found, drawn = (_all(result, counts) for counts in (once(len(result.scores)), draws))
    intervals = {name: interval(float(found[name][0]), drawn[name]) for name in METRICS}
    for name, among in _counted(result).items():
        counted = tuple(compress(patients, among))
        intervals[name] = interval_of_fraction(intervals[name].value, drawn[name], counted)
    return intervals


def _counted(result: Outcome) -> dict[str, NDArray[np.bool_]]:
    """(N,) the images that each fraction is of."""
    return {
        "accuracy": np.ones_like(result.positive),
        "sensitivity": result.positive,
        "specificity": ~result.positive,
    }


def _all(result: Outcome, counts: _Counts) -> dict[str, NDArray[np.float64]]:
    called = result.scores >= 0.5
    right = called == result.positive
    fractions = {name: fraction(right, among, counts) for name, among in _counted(result).items()}
    return fractions | {
        "auc": area_under_curve(result.scores, result.positive, counts),
        "ece": calibration_error(result.scores, result.positive, counts),
    }
