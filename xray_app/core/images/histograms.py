"""Histograms and statistics of pixel arrays, in one or two walks over them.

Arrays are taken a block at a time: wider copies of a whole full-size radiograph would not fit the
processor's cache, and would cost hundreds of megabytes for the largest.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from xray_app.core.records import AnyArray, Histogram, Statistics

_BLOCK = 1 << 16
_BYTE_LEVELS, _MAX_LEVELS = 1 << 8, 1 << 16


def describe(values: AnyArray) -> Statistics:
    """Return minimum, maximum, mean and population standard deviation, in float64.

    Args:
        values: any non-empty shape and numeric dtype.

    >>> import numpy as np
    >>> describe(np.array([[1, 3]], np.uint8))
    Statistics(min=1.0, max=3.0, mean=2.0, std=1.0)
    """
    levels = _levels(values)
    if levels is not None:
        return _of_levels(*levels)
    mean = sum(float(block.sum(dtype=np.float64)) for block in _blocks(values)) / values.size
    squares = 0.0
    for block in _blocks(values):
        apart = np.subtract(block, mean, dtype=np.float64)
        squares += float(np.einsum("i,i->", apart, apart))
    std = float(np.sqrt(squares / values.size))
    return Statistics(float(values.min()), float(values.max()), mean, std)


def pooled(parts: Sequence[Statistics]) -> Statistics:
    """Return the statistics of several arrays of one size taken together.

    Args:
        parts: at least one.

    >>> pooled([Statistics(0.0, 0.0, 0.0, 0.0), Statistics(2.0, 2.0, 2.0, 0.0)])
    Statistics(min=0.0, max=2.0, mean=1.0, std=1.0)
    """
    if len(parts) == 1:
        return parts[0]
    mean = float(np.mean([part.mean for part in parts]))
    variance = float(np.mean([part.std**2 + (part.mean - mean) ** 2 for part in parts]))
    low, high = min(part.min for part in parts), max(part.max for part in parts)
    return Statistics(low, high, mean, variance**0.5)


def histogram(
    values: AnyArray, bins: int = 128, value_range: tuple[float, float] | None = None
) -> Histogram:
    """Count ``values`` in equal bins over ``value_range`` (default: their own range).

    Whole-number values get bins of whole width, so that no bin holds more levels than another and
    the histogram has no comb that the data do not have. A uniform image gives one bin around its
    value.

    Args:
        values: any non-empty shape and numeric dtype; all must be finite.
        bins: the largest number of bins.
        value_range: both ends, in the unit of the values.

    >>> import numpy as np
    >>> found = histogram(np.array([1, 1, 3], np.uint8))
    >>> found.edges.tolist(), found.counts.tolist()
    ([0.5, 1.5, 2.5, 3.5], [2, 0, 1])
    """
    levels = _levels(values)
    statistics = describe(values) if levels is None else _of_levels(*levels)
    low, high = value_range or (statistics.min, statistics.max)
    if np.issubdtype(values.dtype, np.integer):
        width = max(1.0, float(np.ceil((high - low + 1) / bins)))
        edges = np.arange(low - 0.5, high + 0.5 + width, width, dtype=np.float64)
        if levels is not None and value_range is None:
            starts = np.arange(0, len(levels[1]), int(width))
            counts = np.zeros(len(edges) - 1, np.int64)
            counts[: len(starts)] = np.add.reduceat(levels[1], starts)
            return Histogram(edges, counts, statistics)
    elif low == high:
        edges = np.array([low - 0.5, low + 0.5])
    else:
        edges = np.linspace(low, high, bins + 1)
    counts = np.histogram(values, bins=edges)[0].astype(np.int64)
    return Histogram(edges, counts, statistics)


def quantile(found: Histogram, fraction: float) -> float:
    """The value under which that fraction of what was counted lies, to a bin's width.

    Args:
        found: with at least one value counted.
        fraction: in [0, 1].

    >>> import numpy as np
    >>> quantile(histogram(np.arange(100, dtype=np.uint8)), 0.25)
    24.5
    """
    reached = np.concatenate([[0], np.cumsum(found.counts)]) / found.counts.sum()
    return float(np.interp(fraction, reached, found.edges))


def _levels(values: AnyArray) -> tuple[float, NDArray[np.int64]] | None:
    """The smallest of some whole numbers and how often each from there up to the largest occurs.

    None for other numbers, and where there are more levels than values or than 16 bits have.
    """
    if not np.issubdtype(values.dtype, np.integer):
        return None
    low, high = int(values.min()), int(values.max())
    if high - low >= min(_MAX_LEVELS, max(values.size, _BYTE_LEVELS)):
        return None
    counts = np.zeros(high - low + 1, np.int64)
    for block in _blocks(values):
        counts += np.bincount(block.astype(np.int64) - low, minlength=len(counts))
    return float(low), counts


def _of_levels(low: float, counts: NDArray[np.int64]) -> Statistics:
    steps, size = np.arange(len(counts), dtype=np.float64), int(counts.sum())
    mean = float((counts * steps).sum()) / size
    std = float(np.sqrt((counts * (steps - mean) ** 2).sum() / size))
    return Statistics(low, low + len(counts) - 1, low + mean, std)


def _blocks(values: AnyArray) -> Iterator[AnyArray]:
    flat = values.reshape(-1)
    return (flat[start : start + _BLOCK] for start in range(0, flat.size, _BLOCK))
