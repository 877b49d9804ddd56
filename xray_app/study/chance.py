"""How far apart chance alone puts the AUC of schemes that are truly alike."""

from collections.abc import Sequence
from functools import cache
from statistics import median

import numpy as np

from xray_app.core import Interval

_DRAWS = 200_000
_Table = Sequence[Sequence[Interval]]


def range_by_chance(own: _Table) -> float:
    """Range of the schemes' means that chance alone hardly exceeds.

    The larger of two: what other patients would change, and, of two seeds or more, what other seeds
    would. A single seed shows nothing of the latter.

    Args:
        own: for each of at least two schemes, its AUC by seed, the same seeds for all.
    """
    seeds = len(own[0])
    return max(over_patients(own), over_seeds(own) if seeds > 1 else 0.0)


def over_patients(own: _Table) -> float:
    """Median width of the bootstrap intervals over patients.

    Wide rather than narrow: schemes share the patients, so that their differences vary less.
    """
    return median(i.high - i.low for intervals in own for i in intervals)


def over_seeds(own: _Table) -> float:
    """Tukey's honestly significant difference, with the seeds as blocks, for schemes share them.

    One time in twenty chance exceeds it.
    """
    auc = np.array([[i.value for i in intervals] for intervals in own])
    residuals = auc - auc.mean(axis=1, keepdims=True) - auc.mean(axis=0) + auc.mean()
    freedom = (auc.shape[0] - 1) * (auc.shape[1] - 1)
    deviation = np.sqrt((residuals**2).sum() / freedom / auc.shape[1])
    return float(studentized_range(len(own), freedom) * deviation)


@cache
def studentized_range(groups: int, freedom: int) -> float:
    """95 % quantile of a range of normals over an independent deviation, by simulation.

    Within 1 % of Tukey's table; SciPy has it exactly, but takes seconds that a page would wait.
    """
    rng = np.random.default_rng(0)
    ranges = np.ptp(rng.standard_normal((_DRAWS, groups)), axis=1)
    deviations = np.sqrt(rng.chisquare(freedom, _DRAWS) / freedom)
    return float(np.quantile(ranges / deviations, 0.95))
