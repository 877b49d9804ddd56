"""Contrast steps: what a pipeline may do to gray values, which are tried, and how one is applied.

Where an image holds integers, a table of 256 or 65,536 entries stands for millions of pixels.
"""

from dataclasses import dataclass

import numpy as np

from xray_app.core import AnyArray
from xray_app.pipeline.steps.clahe import (
    LocalCurves,
    Tiles,
    opencv_curves,
    opencv_tiles,
    skimage_curves,
    skimage_tiles,
)
from xray_app.pipeline.steps.curves import CURVES, Curve, Levels, levels_of
from xray_app.pipeline.steps.images import Plane, is_table


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


def drawn(step: ContrastStep, levels: Levels) -> Curve:
    """The curve of a step for an image of these levels: array to array, [0, 1] to [0, 1]."""
    return CURVES[step.name](levels, *step.numbers)


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
