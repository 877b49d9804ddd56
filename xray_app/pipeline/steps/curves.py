"""Contrast as curves: from gray to gray, the same for every pixel of an image.

A curve is drawn from an image's values, or from its levels and their counts where it holds
integers.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xray_app.core import AnyArray
from xray_app.pipeline.steps.images import is_table

Values = NDArray[np.float64]
Curve = Callable[[AnyArray], AnyArray]


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Gray values in [0, 1], and how many pixels have each; None: one each.

    ``step`` is the difference of two integer levels, 0 for floats.
    """

    values: Values
    counts: NDArray[np.int64] | None = None
    step: float = 0.0

    @property
    def ends(self) -> tuple[float, float]:
        """Lowest and highest value that a pixel has."""
        used = self.values if self.counts is None else self.values[self.counts > 0]
        return float(used.min()), float(used.max())

    def at(self, percent: tuple[float, ...]) -> tuple[float, ...]:
        """Percentiles, interpolated as ``np.percentile`` does."""
        if self.counts is None:
            return tuple(map(float, np.percentile(self.values, percent)))
        below = np.cumsum(self.counts)
        found = []
        for each in percent:
            place = each / 100.0 * (below[-1] - 1)
            first = int(place)
            low, high = (
                float(self.values[np.searchsorted(below, rank, side="right")])
                for rank in (first, min(first + 1, int(below[-1]) - 1))
            )
            found.append(low + (high - low) * (place - first))
        return tuple(found)


def levels_of(plane: AnyArray, white: float) -> Levels:
    """Levels of a plane (H, W); an integer plane's are counted."""
    if is_table(plane):
        size = int(np.iinfo(plane.dtype).max) + 1
        counts = np.bincount(plane.reshape(-1), minlength=size)
        return Levels(np.arange(size) / white, counts, 1.0 / white)
    return Levels(np.asarray(plane, np.float64).reshape(-1) / white)


def _line(low: float, high: float) -> Curve:
    width = max(high - low, 1e-12)
    return lambda x: np.clip((x - low) / width, 0.0, 1.0)


def _none(_: Levels) -> Curve:
    return lambda x: x


def _minmax(levels: Levels) -> Curve:
    return _line(*levels.ends)


def _max(levels: Levels) -> Curve:
    highest = max(levels.ends[1], 1e-12)
    return lambda x: x / highest


def _percentile(levels: Levels, low: float, high: float) -> Curve:
    ends = levels.at((low, high))
    return _line(*ends) if ends[0] < ends[1] else _minmax(levels)


def _window(_: Levels, low: float, high: float) -> Curve:
    return _line(low, high)


def _gamma(_: Levels, exponent: float) -> Curve:
    return lambda x: np.clip(x, 0.0, 1.0) ** exponent


def _equalize(levels: Levels) -> Curve:
    """``skimage.exposure.equalize_hist`` of floats: 256 bins between the ends."""
    counts, edges = np.histogram(levels.values, 256, levels.ends, weights=levels.counts)
    cumulative = counts.cumsum() / counts.sum()
    centres = (edges[:-1] + edges[1:]) / 2.0
    return lambda x: np.interp(x, centres, cumulative)


def _by_level(table: Callable[[NDArray[np.int64]], Values]) -> Callable[[Levels], Curve]:
    """A curve that needs a count of each integer level; floats are rounded to bytes first."""

    def curve(levels: Levels) -> Curve:
        counts, step = levels.counts, levels.step
        if counts is None:
            step = 1.0 / 255.0
            bytes_of = np.clip(np.floor(levels.values * 255.0 + 0.5), 0, 255).astype(np.int64)
            counts = np.bincount(bytes_of, minlength=256)
        values = table(counts)
        last = len(values) - 1
        return lambda x: values[np.clip(np.floor(x / step + 0.5), 0, last).astype(np.int64)]

    return curve


def _cumulative(counts: NDArray[np.int64]) -> Values:
    return np.asarray(counts.cumsum() / counts.sum())


def _opencv(counts: NDArray[np.int64]) -> Values:
    first = int(np.flatnonzero(counts)[0])
    rest = counts.sum() - counts[first]
    summed = np.maximum(counts.cumsum() - counts[: first + 1].sum(), 0)
    last = len(counts) - 1
    return np.asarray(np.rint(summed * (last / max(rest, 1))) / last)


def _pillow(counts: NDArray[np.int64]) -> Values:
    used, last = counts[counts > 0], len(counts) - 1
    step = (counts.sum() - used[-1]) // last
    if len(used) <= 1 or step == 0:
        return np.arange(len(counts)) / last
    before = np.concatenate([[0], counts.cumsum()[:-1]])
    return np.asarray(np.minimum((before + step // 2) // step, last) / last)


CURVES: dict[str, Callable[..., Curve]] = {
    "none": _none,
    "minmax": _minmax,
    "max": _max,
    "percentile": _percentile,
    "equalize": _equalize,
    "equalize-levels": _by_level(_cumulative),
    "equalize-opencv": _by_level(_opencv),
    "equalize-pillow": _by_level(_pillow),
    "window": _window,
    "gamma": _gamma,
}
