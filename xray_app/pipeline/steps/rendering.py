"""Making the plane that a pipeline would make, up to gain and offset."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from PIL import Image

from xray_app.core import AnyArray
from xray_app.pipeline.steps.contrast import (
    NO_CONTRAST,
    ContrastStep,
    Curve,
    contrasted,
    point_curve,
)
from xray_app.pipeline.steps.images import Plane, Source
from xray_app.pipeline.steps.placement import ORIENTATIONS, Placement
from xray_app.pipeline.steps.sampling import PILLOW_FILTERS, SAMPLINGS, sampling_matrix

_KEPT_FLOATS = 3
_KEPT = 10  # of each kind; an image of 7.5 million bytes after CLAHE has 30 MB


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything but layout, channel order and scale.

    Attributes:
        plane: a key of ``PLANES``, or "gray".
        depth: a key of ``DEPTHS``, or "".
        orientation: a key of ``ORIENTATIONS``.
        placement: which part of the image goes where.
        sampling: a key of ``SAMPLINGS``.
        rounding: a key of ``ROUNDINGS``: what resizing does to its results.
        contrast: the contrast step.
        padding: what stands beside the image, in [0, 1] from black to white.
    """

    plane: str
    depth: str
    orientation: str
    placement: Placement
    sampling: str
    rounding: str = ""
    contrast: ContrastStep = NO_CONTRAST
    padding: float = 0.0


# What resizing bytes does to its results; all but "clipped" need bytes.
ROUNDINGS: dict[str, str] = {
    "": "",
    "round": "rounded to whole bytes",
    "floor": "cut to whole bytes (astype(uint8))",
    "pillow": "rounded to whole bytes along each axis (Pillow)",
    "opencv": "in OpenCV's fixed point",
    "clipped": "clipped to the image's range",
}


@dataclass(frozen=True, slots=True, eq=False)
class Renderer:
    """Renders recipes of one image; keeps the curves and planes that it used last."""

    source: Source
    _images: dict[Any, tuple[AnyArray, float]] = field(default_factory=dict)
    _curves: dict[Any, Curve] = field(default_factory=dict)
    _resized: dict[Recipe, Plane] = field(default_factory=dict)
    _floats: dict[Any, Plane] = field(default_factory=dict)

    def render(self, recipe: Recipe) -> Plane:
        """The plane (height, width) float32 of a recipe, from black 0 to white 1."""
        if recipe.contrast.when != "after":
            return self._fitted(recipe)
        plane = self._fitted(replace(recipe, contrast=NO_CONTRAST))
        return contrasted(plane, 1.0, recipe.contrast)

    def band(self, recipe: Recipe, rows: slice) -> Plane:
        """Those rows of ``render`` alone; they cost less where the image is large."""
        if recipe.contrast.when == "after":
            return self.render(recipe)[rows]
        return self._placed(recipe, rows)

    def whole(self, recipe: Recipe) -> Plane:
        """The whole image (H, W) float32, laid as the recipe says, after a contrast before."""
        image, _ = self._laid(recipe)
        return np.asarray(self._curve(recipe)(image), np.float32)

    def shape(self, recipe: Recipe) -> tuple[int, int]:
        """Height and width of the image, laid as the recipe says."""
        height, width = self._laid(recipe)[0].shape
        return height, width

    def _fitted(self, recipe: Recipe) -> Plane:
        if recipe not in self._resized:
            self._resized[recipe] = self._placed(recipe, slice(0, recipe.placement.input[0]))
            _forget(self._resized)
        return self._resized[recipe]

    def _placed(self, recipe: Recipe, rows: slice) -> Plane:
        if recipe.contrast == NO_CONTRAST:
            return fitted_in(self._plain(recipe), _unchanged, recipe, rows)
        image, _ = self._laid(recipe)
        return fitted_in(image, self._curve(recipe), recipe, rows)

    def _plain(self, recipe: Recipe) -> Plane:
        """The image in [0, 1], laid: what most recipes start from, so it is kept as floats."""
        key = recipe.plane, recipe.depth, recipe.orientation
        if key not in self._floats:
            self._floats[key] = self.whole(replace(recipe, contrast=NO_CONTRAST))
            _forget(self._floats, _KEPT_FLOATS)
        return self._floats[key]

    def _laid(self, recipe: Recipe) -> tuple[AnyArray, float]:
        """The image in its own values and their white; after CLAHE in [0, 1]."""
        is_local = recipe.contrast.name == "clahe" and recipe.contrast.when == "before"
        key = recipe.plane, recipe.depth, recipe.orientation, is_local
        if key not in self._images:
            plane, white = self.source.plane(recipe.plane, recipe.depth)
            image = np.ascontiguousarray(ORIENTATIONS[recipe.orientation].apply(plane))
            if is_local:  # of the laid image: its tiles are not the same when it is turned
                image, white = contrasted(image, white, recipe.contrast), 1.0
            self._images[key] = image, white
            _forget(self._images)
        return self._images[key]

    def _curve(self, recipe: Recipe) -> Curve:
        is_point = recipe.contrast.when == "before" and recipe.contrast.name != "clahe"
        step = recipe.contrast if is_point else NO_CONTRAST
        key = recipe.plane, recipe.depth, step, recipe.contrast.name == "clahe"
        if key not in self._curves:
            self._curves[key] = point_curve(*self._laid(recipe), step)
            _forget(self._curves)
        return self._curves[key]


def _unchanged(values: AnyArray) -> AnyArray:
    return values


def _forget(kept: dict[Any, Any], most: int = _KEPT) -> None:
    """Drop what has been kept longest."""
    while len(kept) > most:
        kept.pop(next(iter(kept)))


def fitted_in(image: AnyArray, curve: Curve, recipe: Recipe, wanted: slice) -> Plane:
    """Put an image (H, W) through a curve, then resize and place it as a recipe says.

    Args:
        image: stored values.
        curve: from those to [0, 1].
        recipe: with its placement, kernel and rounding.
        wanted: which rows of the input to make.
    """
    placement = recipe.placement
    part = _part(image, placement)
    rows, columns = placement.inside
    rows = slice(max(rows.start, wanted.start), max(rows.start, min(rows.stop, wanted.stop)))
    top, left = placement.start
    first = slice(rows.start + top, rows.stop + top)
    second = slice(columns.start + left, columns.stop + left)
    resized = _resized(part, curve, first, second, recipe)
    if not placement.is_padded:
        return resized
    whole = np.full((wanted.stop - wanted.start, placement.input[1]), recipe.padding, np.float32)
    whole[rows.start - wanted.start : rows.stop - wanted.start, columns] = resized
    return whole


def _part(image: AnyArray, placement: Placement) -> AnyArray:
    """The part that is resized; beyond the edge black."""
    top, left, height, width = placement.part
    (tall, wide) = image.shape
    if top < 0 or left < 0:
        return np.pad(image, ((-top, height - tall + top), (-left, width - wide + left)))
    return image[top : top + height, left : left + width]


def _resized(part: AnyArray, curve: Curve, rows: slice, columns: slice, recipe: Recipe) -> Plane:
    size = recipe.placement.size
    if part.shape == size:
        return np.ascontiguousarray(curve(part[rows, columns]))
    if recipe.rounding == "pillow":
        return _by_pillow(curve(part), recipe)[rows, columns]
    down = sampling_matrix(recipe.sampling, part.shape[0], size[0])[rows]
    across = sampling_matrix(recipe.sampling, part.shape[1], size[1])[columns]
    if rows.stop - rows.start < size[0]:
        used = slice(int(down.indices.min(initial=0)), int(down.indices.max(initial=0)) + 1)
        down, part = down[:, used], part[used]
    part = curve(part)
    if recipe.rounding == "opencv":
        return _fixed_point(part, down, across)
    resized = np.asarray((across @ (down @ part).T).T, np.float32)
    if recipe.rounding == "round":
        return _rounded(resized)
    if recipe.rounding == "floor":
        return np.asarray(np.floor(np.clip(resized * 255.0 + 5e-5, 0, 255)) / 255.0, np.float32)
    return np.clip(resized, 0.0, 1.0) if recipe.rounding == "clipped" else resized


def _by_pillow(part: Plane, recipe: Recipe) -> Plane:
    """Pillow itself, since it rounds to bytes along each axis."""
    height, width = recipe.placement.size
    image = Image.fromarray(np.asarray(np.rint(part * 255.0), np.uint8))
    filter_of = PILLOW_FILTERS[SAMPLINGS[recipe.sampling].kernel]
    resized = image.resize((width, height), filter_of)
    return np.asarray(resized, np.float32) / np.float32(255.0)


def _rounded(values: AnyArray) -> Plane:
    # A little more, since exact halves go up and float32 has them a little less.
    bytes_of = np.floor(np.clip(values * 255.0 + 0.5 + 5e-5, 0, 255))
    return np.asarray(bytes_of / np.float32(255.0), np.float32)


def _fixed_point(part: Plane, down: Any, across: Any) -> Plane:
    """OpenCV's INTER_LINEAR of bytes: weights of 11 bits, sums cut in between (resize.cpp)."""
    whole = np.rint(part * 255.0)
    a, b = across.copy(), down.copy()
    a.data, b.data = np.rint(a.data * 2048.0), np.rint(b.data * 2048.0)
    summed = np.floor((a @ whole.T).T / 16.0)
    total = np.zeros((down.shape[0], across.shape[0]))
    for tap in (0, 1):
        places, weights = _taps(b, tap)
        total += np.floor(weights[:, np.newaxis] * summed[places] / 65536.0)
    return np.asarray(np.floor((total + 2.0) / 4.0) / 255.0, np.float32)


def _taps(matrix: Any, tap: int) -> tuple[AnyArray, AnyArray]:
    """Place and weight of each row's first or second entry; weight 0 where there is none."""
    first = matrix.indptr[:-1] + tap
    there = first < matrix.indptr[1:]
    entry = np.where(there, first, 0)
    return matrix.indices[entry], np.where(there, matrix.data[entry], 0.0)
