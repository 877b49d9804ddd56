"""A first look: which orientation and placement, by rank correlation of small versions.

Ranks don't change under any monotone contrast step, so this comes before contrast and scale.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from xray_app.core.images import Placement
from xray_app.pipeline.search.fitting import (
    Values,
    rank_correlation,
    ranks,
    ranks_correlation,
)
from xray_app.pipeline.steps.images import Plane
from xray_app.pipeline.steps.placement import (
    FITS,
    ORIENTATIONS,
    place,
    placements,
)

_CELLS = 40
_PLAIN = 4  # placements that are tried in all orientations; the rest in the best ones, if sure
_ORIENTATIONS = 2
_SURE = 0.97
_ZOOMED = 3  # orientations in which every zoom is tried
_SMALL = 384  # longer side of the reduced image
_TURNED = ("turned clockwise", "turned counterclockwise", "transposed", "transversed")
_FLAT = 1e-9  # of the tensor's range; a padded border varies by less
Indices = NDArray[np.int64]
_ZOOMS = np.exp(np.linspace(0.0, np.log(2.0), 36))[1:]


@dataclass(frozen=True, slots=True)
class Pose:
    """An orientation and a placement, and how well they correlate with the tensor."""

    orientation: str
    placement: Placement
    correlation: float


@dataclass(frozen=True, slots=True, eq=False)
class _Reduced:
    """An image reduced by a whole factor, with the size that it had.

    ``sums`` are of all its pixels above and left of each corner.
    """

    pixels: Values
    shape: tuple[int, int]
    factor: int
    sums: Values

    def turned(self, name: str) -> "_Reduced":
        """The same in another orientation."""
        pixels = np.asarray(ORIENTATIONS[name].apply(self.pixels))
        shape = self.shape[::-1] if name in _TURNED else self.shape
        return _Reduced(pixels, shape, self.factor, _summed(pixels))


def reduced(image: Plane) -> _Reduced:
    """Reduce (H, W) by the mean over squares; what does not fill a square is left out."""
    factor = max(1, max(image.shape) // _SMALL)
    height, width = (side // factor * factor for side in image.shape)
    if factor == 1:
        pixels = image.astype(np.float64)
        return _Reduced(pixels, (image.shape[0], image.shape[1]), 1, _summed(pixels))
    blocks = np.add.reduceat(image[:height, :width], np.arange(0, height, factor), axis=0)
    blocks = np.add.reduceat(blocks, np.arange(0, width, factor), axis=1)
    pixels = blocks.astype(np.float64) / factor**2
    return _Reduced(pixels, (image.shape[0], image.shape[1]), factor, _summed(pixels))


def poses(image: Plane, target: Values) -> list[Pose]:
    """Orientations and placements, the best first.

    Args:
        image: (H, W), as stored.
        target: (height, width), the tensor's mean over channels.
    """
    small = reduced(image)
    found: list[Pose] = []
    cells = _cells_of(target)
    for name in ORIENTATIONS:
        upright = small.turned(name)
        for placement in islice(placements(upright.shape, target.shape), _PLAIN):
            score = _score(upright, placement, target, cells)
            found.append(Pose(name, placement, score))
    found.sort(key=lambda pose: -abs(pose.correlation))
    # Of a wide image in a square, stretched to all of it, any orientation looks like another.
    names = list(dict.fromkeys(pose.orientation for pose in found))
    is_sure = abs(found[0].correlation) > _SURE
    for name in names[:_ORIENTATIONS] if is_sure else names:
        upright = small.turned(name)
        for placement in islice(placements(upright.shape, target.shape), _PLAIN, None):
            score = _score(upright, placement, target, cells)
            found.append(Pose(name, placement, score))
    found.sort(key=lambda pose: -abs(pose.correlation))
    # A crop far from the whole image can look like any orientation of it.
    is_sure = abs(found[0].correlation) > _SURE
    names = [found[0].orientation]
    if not is_sure:
        few = [pose for name in ORIENTATIONS for pose in _zoomed(small, name, target, cells, 3)]
        few.sort(key=lambda pose: -abs(pose.correlation))
        names = list(dict.fromkeys(pose.orientation for pose in [*few, *found]))[:_ZOOMED]
    for name in names:
        found += _zoomed(small, name, target, cells)
    found.sort(key=lambda pose: -abs(pose.correlation))
    return found


def _zoomed(
    small: _Reduced, name: str, target: Values, cells: "_Cells", step: int = 1
) -> Iterator[Pose]:
    """Crops from sizes that no preset uses, every so many; the best zoom of each kind."""
    upright = small.turned(name)
    longest = max(target.shape)
    for fit in ("resize-crop", "stretch-crop"):
        sizes = sorted({round(longest * zoom) for zoom in _ZOOMS[::step]})
        tried = [
            Pose(name, placement, _score(upright, placement, target, cells))
            for placement in (
                place(FITS[fit], upright.shape, target.shape, float(size)) for size in sizes
            )
            if placement is not None
        ]
        if tried:
            yield max(tried, key=lambda pose: abs(pose.correlation))


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """The tensor's mean in a grid of cells, those means' ranks, and the cells' edges."""

    rows: Values
    columns: Values
    means: Values
    ranks: Values


def _cells_of(target: Values) -> _Cells:
    rows, columns = (np.linspace(0.0, side, min(_CELLS, side) + 1) for side in target.shape)
    means = _means(_summed(target), rows, columns)
    return _Cells(rows, columns, means, ranks(means.ravel()))


def _summed(image: Values) -> Values:
    """Sums of all pixels above and left of each corner, (H + 1, W + 1)."""
    return np.pad(image.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))


def _means(sums: Values, rows: Values, columns: Values) -> Values:
    """Mean of the image in each cell, from its sums; partly covered pixels count partly.

    Not by a product of matrices: BLAS would spread one as small as this over threads and wait.
    """
    (up, below), (left, right) = _between(rows, len(sums)), _between(columns, sums.shape[1])
    corners = sums[up[0][:, np.newaxis], left[0]] * (up[1][:, np.newaxis] * left[1])
    for (row, weight), (column, other) in ((up, right), (below, left), (below, right)):
        corners += sums[row[:, np.newaxis], column] * (weight[:, np.newaxis] * other)
    cells = np.diff(np.diff(corners, axis=0), axis=1)
    sizes = np.outer(_lengths(rows, len(sums)), _lengths(columns, sums.shape[1]))
    return np.asarray(cells / np.maximum(sizes, 1e-9))


def _between(edges: Values, corners: int) -> tuple[tuple[Indices, Values], tuple[Indices, Values]]:
    """The corners before and behind fractional places, and how much each of them counts."""
    places = np.clip(edges, 0.0, corners - 1.0)
    first = np.minimum(places.astype(np.int64), corners - 2)
    fraction = places - first
    return (first, 1.0 - fraction), (first + 1, fraction)


def _lengths(edges: Values, corners: int) -> Values:
    return np.diff(np.clip(edges, 0.0, corners - 1.0))


def _score(image: _Reduced, placement: Placement, target: Values, cells: _Cells) -> float:
    """Rank correlation over the cells that lie in the image; 0 where padding is not flat."""
    if placement.is_padded and not _is_flat_outside(target, placement):
        return 0.0
    rows, inside_rows = _seen(image, placement, cells.rows, 0)
    columns, inside_columns = _seen(image, placement, cells.columns, 1)
    seen = _means(image.sums, rows, columns)
    is_all = inside_rows.all() and inside_columns.all()
    if is_all and np.ptp(seen) > 0.0 and np.ptp(cells.means) > 0.0:
        return ranks_correlation(ranks(seen.ravel()), cells.ranks)
    inside = np.outer(inside_rows, inside_columns)
    return rank_correlation(seen[inside], cells.means[inside])


def _seen(
    image: _Reduced, placement: Placement, edges: Values, axis: int
) -> tuple[Values, NDArray[np.bool_]]:
    """Where the cells' edges lie in the reduced image, and which cells it fills."""
    part, size = placement.part[axis + 2], placement.size[axis]
    places = placement.part[axis] + (placement.start[axis] + edges) * (part / size)
    margin, whole = 0.5 * part / size, image.shape[axis]
    return places / image.factor, (places[:-1] > -margin) & (places[1:] < whole + margin)


def _is_flat_outside(target: Values, placement: Placement) -> bool:
    outside = np.ones(target.shape, bool)
    outside[placement.inside] = False
    values = target[outside]
    return bool(np.ptp(values) <= _FLAT * np.ptp(target))
