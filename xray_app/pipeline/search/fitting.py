"""Gain and offset by least squares, and how far the rest is off."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """``output = gain * x + offset`` and its residual, as fractions of the output's range."""

    gain: float
    offset: float
    rms: float
    largest: float


def fit_line(x: Values, y: Values) -> Line:
    """Fit by least squares over all pixels.

    Args:
        x: (N,) any values.
        y: (N,) as many.

    >>> fit_line(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]))
    Line(gain=2.0, offset=1.0, rms=0.0, largest=0.0)
    """
    x = np.asarray(x, np.float64)
    x_mean, y_mean = x.mean(), y.mean()
    centred = x - x_mean
    variance = np.einsum("i,i->", centred, centred)
    gain = float(np.einsum("i,i->", centred, y - y_mean) / variance) if variance > 0.0 else 0.0
    offset = float(y_mean - gain * x_mean)
    return Line(gain, offset, *residual(gain * x + offset, y))


def residual(predicted: Values, y: Values) -> tuple[float, float]:
    """Root mean square and largest difference, as fractions of the range of ``y``."""
    apart = np.abs(predicted - y)
    width = float(y.max() - y.min()) or 1.0
    rms = float(np.sqrt(np.einsum("i,i->", apart, apart) / apart.size))
    return rms / width, float(apart.max()) / width


def ranks(values: Values) -> Values:
    """Ranks of (N,) values, from 0; equal values in the order in which they stand."""
    order = np.argsort(values, kind="stable")
    found = np.empty(len(values))
    found[order] = np.arange(len(values))
    return found


def rank_correlation(x: Values, y: Values) -> float:
    """Spearman's, in [-1, 1]; 0 where one is constant.

    >>> rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([1.0, 4.0, 9.0]))
    1.0
    """
    if len(x) < 3 or np.ptp(x) == 0.0 or np.ptp(y) == 0.0:
        return 0.0
    return ranks_correlation(ranks(x), ranks(y))


def ranks_correlation(x: Values, y: Values) -> float:
    """Correlation of two orders of the numbers from 0 to N - 1, in [-1, 1].

    >>> ranks_correlation(np.array([0.0, 1.0, 2.0]), np.array([2.0, 1.0, 0.0]))
    -1.0
    """
    n = len(x)
    apart = x - y
    return float(1.0 - 6.0 * np.einsum("i,i->", apart, apart) / (n * (n * n - 1.0)))


def roughness(x: Values, y: Values) -> float:
    """How far ``y`` is from a function of ``x``: 0 if it is one, about 1 if they have no relation.

    Differences of ``y`` between neighbours in the order of ``x`` (von Neumann's ratio, of ranks);
    steep curves and steps count little.
    """
    heights = np.searchsorted(np.sort(y), y)  # equal values have equal ranks
    apart = np.abs(np.diff(heights[np.argsort(x, kind="stable")]))
    return float(apart.mean() / (len(y) / 3.0))
