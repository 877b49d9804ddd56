"""Resizing the part of an image that a placement takes, with what libraries do to the results."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from xray_app.core import AnyArray
from xray_app.pipeline.steps.images import Plane
from xray_app.pipeline.steps.recipe import Recipe
from xray_app.pipeline.steps.sampling import PILLOW_FILTERS, SAMPLINGS, sampling_matrix

Indices = NDArray[np.int64]
_REACH = 3.0  # pixels on either side that the widest of Pillow's kernels takes, before it widens
_AFTERWARDS = ("", "round", "floor", "clipped")  # value by value, on what was resized


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Where the rows of an image come from.

    Attributes:
        shape: height and width of the image.
        some: makes those rows of it, (h, W) float32 in [0, 1].
        as_bytes: makes all of it, rounded to bytes.
    """

    shape: tuple[int, int]
    some: Callable[[Indices], Plane]
    as_bytes: Callable[[], NDArray[np.uint8]]


def resized(image: Rows, recipe: Recipe, rows: Indices, *, is_rough: bool = False) -> Plane:
    """Make rows of the input, (len(rows), width of the image in it) float32.

    Args:
        image: that of the recipe's plane, laid, after a contrast step that comes before.
        recipe: with its placement, kernel and rounding.
        rows: of the input; each must show the image.
        is_rough: whether a few of Pillow's values may be another gray level, which is faster.
    """
    placement = recipe.placement
    across = placement.inside[1]
    first = placement.start[1] + across.start
    columns = slice(first, first + across.stop - across.start)
    rows = rows + placement.start[0]
    size, (height, width) = placement.size, placement.part[2:]
    if not len(rows):
        return np.zeros((0, columns.stop - columns.start), np.float32)
    if (height, width) == size:
        return np.ascontiguousarray(_part(image, recipe, rows)[:, columns])
    if recipe.rounding == "pillow":
        return _by_pillow(image, recipe, rows, is_rough)[:, columns]
    down = sampling_matrix(recipe.sampling, height, size[0])[rows]
    sideways = sampling_matrix(recipe.sampling, width, size[1])[columns]
    used = np.unique(down.indices).astype(np.int64)
    part = _part(image, recipe, used)
    if len(used) < height:
        from scipy.sparse import csr_array

        down.indices = np.searchsorted(used, down.indices).astype(down.indices.dtype)
        down = csr_array((down.data, down.indices, down.indptr), shape=(len(rows), len(used)))
    if recipe.rounding == "opencv":
        return _fixed_point(part, down, sideways)
    return np.asarray((sideways @ (down @ part).T).T, np.float32)


def without_rounding(recipe: Recipe) -> tuple[str, str]:
    """The rounding that is part of resizing, and the one that comes behind it; one is ""."""
    is_behind = recipe.rounding in _AFTERWARDS
    return ("", recipe.rounding) if is_behind else (recipe.rounding, "")


def rounded(values: Plane, rounding: str) -> Plane:
    """Round or clip what was resized, in [0, 1]; "" leaves it."""
    if rounding == "round":
        # A little more, since exact halves go up and float32 has them a little less.
        bytes_of = np.floor(np.clip(values * 255.0 + 0.5 + 5e-5, 0, 255))
        return np.asarray(bytes_of / np.float32(255.0), np.float32)
    if rounding == "floor":
        return np.asarray(np.floor(np.clip(values * 255.0 + 5e-5, 0, 255)) / 255.0, np.float32)
    return np.clip(values, 0.0, 1.0) if rounding == "clipped" else values


def _part(image: Rows, recipe: Recipe, rows: Indices) -> Plane:
    """Those rows of the part that is resized; beyond the image's edge is the padding."""
    top, left, _, width = recipe.placement.part
    tall, wide = image.shape
    places = rows + top
    inside = (places >= 0) & (places < tall)
    first, last = max(left, 0), min(left + width, wide)
    shown = (
        image.some(places[inside])[:, first:last]
        if inside.any()
        else np.zeros((0, last - first), np.float32)
    )
    if inside.all() and last - first == width:
        return np.asarray(shown, np.float32)
    part = np.full((len(rows), width), recipe.padding, np.float32)
    part[inside, first - left : last - left] = shown
    return part


def _by_pillow(image: Rows, recipe: Recipe, rows: Indices, is_rough: bool) -> Plane:
    """Pillow itself, since it rounds to bytes along each axis."""
    top, left, height, width = recipe.placement.part
    tall, wide = recipe.placement.size
    filter_of = PILLOW_FILTERS[SAMPLINGS[recipe.sampling].kernel]
    first, last = int(rows[0]), int(rows[-1]) + 1
    start, end = first * height / tall, last * height / tall
    margin = _REACH * max(1.0, height / tall) + 1.0
    used = slice(max(0, int(start - margin)), min(height, int(end + margin) + 1))
    if is_rough and 2 * (used.stop - used.start) < height:
        part = _part(image, recipe, np.arange(used.start, used.stop))
        box = (0.0, start - used.start, float(width), end - used.start)
        made = Image.fromarray(_as_bytes(part)).resize((wide, last - first), filter_of, box)
        rows = rows - first
    else:
        whole = (
            image.as_bytes()[top : top + height, left : left + width]
            if min(top, left) >= 0
            else _as_bytes(_part(image, recipe, np.arange(height)))
        )
        made = Image.fromarray(np.ascontiguousarray(whole)).resize((wide, tall), filter_of)
    return (np.asarray(made, np.float32) / np.float32(255.0))[rows]


def _as_bytes(part: Plane) -> NDArray[np.uint8]:
    return np.asarray(np.rint(part * np.float32(255.0)), np.uint8)


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
