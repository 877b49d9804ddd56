"""Contrast steps as curves: from gray to gray, the same for every pixel of an image or of a tile.

A curve is drawn from an image's values, or from its levels and their counts where it holds
integers: a table of 256 or 65,536 entries then stands for millions of pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xray_app.core import AnyArray
from xray_app.pipeline.steps.clahe import (
    LocalCurves,
    Tiles,
    opencv_curves,
    opencv_tiles,
    skimage_curves,
    skimage_tiles,
)
from xray_app.pipeline.steps.images import Plane, is_table

Values = NDArray[np.float64]
Curve = Callable[[AnyArray], AnyArray]


@dataclass(frozen=True, slots=True)
class ContrastStep:
    """A contrast step with its numbers and its place.

    Attributes:
        name: a key of ``CURVES`` or ``LOCAL``; "none" changes nothing.
        numbers: percentiles in percent, a window's ends in [0, 1], gamma's exponent, the clip limit
            and tiles along an axis of OpenCV's CLAHE.
        when: "before" or "after" resizing; "" where that is the same.
    """

    name: str = "none"
    numbers: tuple[float, ...] = ()
    when: str = ""

    @property
    def uses_bins(self) -> bool:
        """Whether a value at the edge of a bin can jump by rounding alone."""
        return self.is_local or self.name.startswith("equalize")

    @property
    def is_local(self) -> bool:
        """Whether a pixel's new value depends on where it is."""
        return self.name in LOCAL

    @property
    def knows_image(self) -> bool:
        """Whether what happens to a pixel depends on the others."""
        return self.name not in ("none", "window", "gamma")

    @property
    def tiling(self) -> tuple[object, ...]:
        """Equal for two steps that count the same tiles."""
        return self.name, *self.numbers[1:]

    @property
    def text(self) -> str:
        """The step in words."""
        place = f", {self.when} resizing" if self.when else ""
        return CURVE_TEXTS[self.name].format(*(f"{n:.4g}" for n in self.numbers)) + place


NO_CONTRAST = ContrastStep()
LOCAL = ("clahe", "clahe-opencv")
CURVE_TEXTS: dict[str, str] = {
    "none": "no contrast step",
    "minmax": "min-max stretch",
    "max": "divided by the image's maximum",
    "percentile": "stretched between percentiles {} and {}",
    "equalize": "histogram equalization",
    "equalize-levels": "histogram equalization by integer levels (scikit-image on integers)",
    "equalize-opencv": "histogram equalization (OpenCV equalizeHist)",
    "equalize-pillow": "histogram equalization (Pillow ImageOps.equalize)",
    "window": "window from {} to {} of full white",
    "gamma": "gamma {}",
    "clahe": "CLAHE (scikit-image, clip limit 0.01)",
    "clahe-opencv": "CLAHE (OpenCV, clip limit {0}, {1} × {1} tiles)",
}


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


def drawn(step: ContrastStep, levels: Levels) -> Curve:
    """The curve of a step for an image of these levels: array to array, [0, 1] to [0, 1]."""
    return CURVES[step.name](levels, *step.numbers)


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
PERCENTILES = ((2.0, 98.0), (1.0, 99.0), (0.5, 99.5), (5.0, 95.0), (0.1, 99.9), (0.0, 99.0))
# Those without numbers to search for, the usual first; what is linear is found by its gain.
TRIED: tuple[ContrastStep, ...] = (
    *(ContrastStep("percentile", ends) for ends in PERCENTILES),
    ContrastStep("equalize"),
    ContrastStep("equalize-levels"),
    ContrastStep("equalize-opencv"),
    ContrastStep("equalize-pillow"),
)

# What can follow from tiles; OpenCV's of the limits and tiles that its users write.
SCIKIT_IMAGE_CLAHE_BEFORE = ContrastStep("clahe", (), "before")
OPENCV_CLAHES: tuple[ContrastStep, ...] = tuple(
    ContrastStep("clahe-opencv", (limit, float(tiles)))
    for tiles, limits in ((8, (2.0, 40.0, 4.0, 3.0, 1.0, 5.0)), (16, (2.0, 4.0)), (4, (2.0, 4.0)))
    for limit in limits
)


def contrast_after(name: str) -> ContrastStep:
    """A scheme's contrast step, done after resizing."""
    if name == "none":
        return NO_CONTRAST
    return ContrastStep(name, PERCENTILES[0] if name == "percentile" else (), "after")


def point_curve(
    plane: AnyArray, white: float, step: ContrastStep, levels: Levels | None = None
) -> Curve:
    """The curve of a step, from stored values 0 to ``white`` to float32 in [0, 1].

    Args:
        plane: (H, W), the image that the curve is drawn from.
        white: the value that stands for full white.
        step: none of ``LOCAL``.
        levels: those of the plane, where they have been counted.
    """
    if not step.knows_image:
        levels = Levels(np.zeros(1))
    curve = drawn(step, levels or levels_of(plane, white))
    if not is_table(plane):
        return lambda x: np.asarray(curve(np.asarray(x, np.float64) / white), np.float32)
    table = np.asarray(curve(np.arange(int(np.iinfo(plane.dtype).max) + 1) / white), np.float32)
    return lambda x: np.take(table, x)


def local_tiles(step: ContrastStep, plane: AnyArray, white: float) -> Tiles:
    """The counted tiles that a step of ``LOCAL`` needs of a plane (H, W) from 0 to ``white``."""
    if step.name == "clahe":
        return skimage_tiles(plane, white)
    return opencv_tiles(plane, white, int(step.numbers[1]))


def local_curves(step: ContrastStep, tiles: Tiles) -> LocalCurves:
    """The curves of a step of ``LOCAL``, one a tile."""
    if step.name == "clahe":
        return skimage_curves(tiles)
    return opencv_curves(tiles, step.numbers[0])


def contrasted(plane: AnyArray, white: float, step: ContrastStep) -> Plane:
    """Apply a step to a plane (H, W) of values from 0 to ``white``: float32 in [0, 1]."""
    if step.is_local:
        return local_curves(step, local_tiles(step, plane, white)).whole()
    return np.asarray(point_curve(plane, white, step)(plane))
