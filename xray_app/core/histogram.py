"""Histograms and statistics of pixel arrays."""

import numpy as np

from xray_app.core.records import AnyArray, Histogram, Statistics


def describe(values: AnyArray) -> Statistics:
    """Return minimum, maximum, mean and population standard deviation, in float64.

    Args:
        values: any non-empty shape and numeric dtype.
    """
    mean = float(values.mean(dtype=np.float64))
    std = float(values.std(dtype=np.float64))
    return Statistics(float(values.min()), float(values.max()), mean, std)


def histogram(
    values: AnyArray, bins: int = 128, value_range: tuple[float, float] | None = None
) -> Histogram:
    """Count ``values`` in equal bins over ``value_range`` (default: their own range).

    Whole-number values get bins of whole width, so that no bin holds more levels than another and
    the picture has no comb that the data do not have. A uniform image gives one bin around its
    value.

    Args:
        values: any non-empty shape and numeric dtype; all must be finite.
        bins: the largest number of bins.
    """
    statistics = describe(values)
    low, high = value_range or (statistics.min, statistics.max)
    if np.issubdtype(values.dtype, np.integer):
        width = max(1.0, float(np.ceil((high - low + 1) / bins)))
        edges = np.arange(low - 0.5, high + 0.5 + width, width, dtype=np.float64)
    elif low == high:
        edges = np.array([low - 0.5, low + 0.5])
    else:
        edges = np.linspace(low, high, bins + 1)
    counts, _ = np.histogram(values, bins=edges)
    return Histogram(edges, counts.astype(np.int64), statistics)
