"""How far apart chance alone puts the AUC of schemes that are truly alike."""

from collections.abc import Mapping, Sequence
from functools import cache
from statistics import median

import numpy as np

from xray_app.core import Interval

_DRAWS = 200_000


def range_by_chance(own: Sequence[Mapping[int, Interval]]) -> float:
    """Range of the schemes' means that chance alone exceeds one time in twenty.

    Tukey's honestly significant difference with the seeds as blocks, for the schemes share them; of
    a single seed, the median width of the bootstrap intervals.

    Args:
        own: for each of at least two schemes, its AUC by seed.
    """
    seeds = sorted(set.intersection(*(set(intervals) for intervals in own)))
    if len(seeds) < 2:
        return interval_width(own)
    auc = np.array([[intervals[seed].value for seed in seeds] for intervals in own])
    residuals = auc - auc.mean(axis=1, keepdims=True) - auc.mean(axis=0) + auc.mean()
    freedom = (auc.shape[0] - 1) * (auc.shape[1] - 1)
    deviation = np.sqrt((residuals**2).sum() / freedom / auc.shape[1])
    return float(studentized_range(len(own), freedom) * deviation)


def interval_width(own: Sequence[Mapping[int, Interval]]) -> float:
    """Median width of the bootstrap intervals, which holds what other patients would change."""
    return median(i.high - i.low for intervals in own for i in intervals.values())


@cache
def studentized_range(groups: int, freedom: int) -> float:
    """95 % quantile of a range of normals over an independent deviation, by simulation.

    Within 1 % of Tukey's table; SciPy has it exactly, but takes seconds that a page would wait.
    """
    rng = np.random.default_rng(0)
    ranges = np.ptp(rng.standard_normal((_DRAWS, groups)), axis=1)
    deviations = np.sqrt(rng.chisquare(freedom, _DRAWS) / freedom)
    return float(np.quantile(ranges / deviations, 0.95))
