"""The image before it is resized: laid, one plane of it, after the contrast step that comes first.

Of a large image a few rows cost less than all, so it is made as it is asked for.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xray_app.core import AnyArray
from xray_app.pipeline.steps.clahe import LocalCurves, Tiles
from xray_app.pipeline.steps.contrast import (
    NO_CONTRAST,
    local_curves,
    local_tiles,
    point_curve,
)
from xray_app.pipeline.steps.curves import Curve, Levels, levels_of
from xray_app.pipeline.steps.images import DEPTHS, Plane, Source, is_table, plane_of
from xray_app.pipeline.steps.placement import ORIENTATIONS
from xray_app.pipeline.steps.recipe import Recipe

Indices = NDArray[np.int64]
_KEPT = 10  # of each kind
_KEPT_BYTES = 100_000_000  # of each kind; the last one is kept whatever it has
_AROUND = 24  # rows


@dataclass(frozen=True, slots=True, eq=False)
class WholeImage:
    """Makes rows of an image as recipes ask for them, and keeps what it made last."""

    source: Source
    _stored: dict[Any, AnyArray] = field(default_factory=dict)
    _curves: dict[Any, Curve] = field(default_factory=dict)
    _tiles: dict[Any, Tiles] = field(default_factory=dict)
    _whole: dict[Any, Plane] = field(default_factory=dict)
    _pieces: dict[Any, tuple[Indices, Plane]] = field(default_factory=dict)
    _levels: dict[Any, Levels] = field(default_factory=dict)
    _statistics: dict[Any, tuple[float, float]] = field(default_factory=dict)

    def shape(self, recipe: Recipe) -> tuple[int, int]:
        """Height and width of the image, laid as the recipe says."""
        height, width = self._pixels(recipe).shape[:2]
        return height, width

    def whole(self, recipe: Recipe) -> Plane:
        """All rows (H, W) float32, from black 0 to white 1."""
        key = _key(recipe)
        if key not in self._whole:
            if recipe.first.is_local:
                made = self._local(recipe).whole()
            else:
                made = np.asarray(self._curve(recipe)(self.stored(recipe)), np.float32)
            keep(self._whole, key, made)
        return self._whole[key]

    def rows(self, recipe: Recipe, rows: Indices) -> Plane:
        """Some rows of it; after scikit-image's CLAHE up to a gain and an offset.

        Where it ends, and so its gain, is not known before all of it is done.
        """
        key = _key(recipe)
        if len(rows) == self.shape(recipe)[0]:
            return _taken(self.whole(recipe), rows)
        if key in self._whole:
            return _taken(self._whole[key], rows)
        if recipe.first.is_local:
            return self._piece(recipe, rows)
        if recipe.first != NO_CONTRAST:
            return np.asarray(self._curve(recipe)(_taken(self.stored(recipe), rows)), np.float32)
        some = plane_of(_taken(self._pixels(recipe), rows), recipe.plane, recipe.depth)
        return np.asarray(point_curve(some, self._white(recipe), NO_CONTRAST)(some))

    def _piece(self, recipe: Recipe, rows: Indices) -> Plane:
        """After CLAHE, with rows around those asked for: the next kernel will ask for them."""
        key = _key(recipe)
        kept, piece = self._pieces.get(key, (rows[:0], None))
        if piece is None or not np.isin(rows, kept).all():
            near = rows[:, np.newaxis] + np.arange(-_AROUND, _AROUND + 1)
            kept = np.unique(np.clip(near, 0, self.shape(recipe)[0] - 1))
            curves = self._local(recipe)
            piece = curves.rows(kept) / np.float32(curves.white)
            keep(self._pieces, key, (kept, piece))
        return np.asarray(piece[np.searchsorted(kept, rows)])

    def bytes_of(self, recipe: Recipe) -> NDArray[np.uint8]:
        """All rows, rounded to bytes."""
        key = "bytes", *_key(recipe)
        if key not in self._stored:
            plane = self.stored(recipe)
            if is_table(plane) and not recipe.first.is_local:
                table = self._curve(recipe)(np.arange(np.iinfo(plane.dtype).max + 1))
                made = np.take(_as_bytes(table), plane)
            else:
                made = _as_bytes(self.whole(recipe))
            keep(self._stored, key, made)
        return self._stored[key]

    def stored(self, recipe: Recipe) -> AnyArray:
        """The plane (H, W), laid, in its own values."""
        key = recipe.plane, recipe.depth, recipe.orientation
        if key not in self._stored:
            plane = plane_of(self._pixels(recipe), recipe.plane, recipe.depth)
            plane = np.ascontiguousarray(plane)
            keep(self._stored, key, plane)
        return self._stored[key]

    def ends(self, recipe: Recipe) -> tuple[float, float]:
        """Lowest and highest value of the plane before any contrast step, in [0, 1]."""
        key = "ends", recipe.plane, recipe.depth
        if key not in self._statistics:
            keep(self._statistics, key, self._counted(recipe).ends)
        return self._statistics[key]

    def mean_and_std(self, recipe: Recipe) -> tuple[float, float]:
        """Mean and deviation of all pixels, after the contrast step."""
        key = "mean", *_key(recipe)
        if key not in self._statistics:
            whole = self.whole(recipe)
            found = float(whole.mean(dtype=np.float64)), float(whole.std(dtype=np.float64))
            keep(self._statistics, key, found)
        return self._statistics[key]

    def _pixels(self, recipe: Recipe) -> AnyArray:
        """The image (H, W) or (H, W, 3) as stored, laid."""
        return ORIENTATIONS[recipe.orientation].apply(self.source.pixels)

    def _white(self, recipe: Recipe) -> float:
        return DEPTHS[recipe.depth].white if recipe.depth else self.source.white

    def _curve(self, recipe: Recipe) -> Curve:
        key = recipe.plane, recipe.depth, recipe.first
        if key not in self._curves:
            plane, white = self.stored(recipe), self._white(recipe)
            levels = self._counted(recipe) if recipe.first.knows_image else None
            keep(self._curves, key, point_curve(plane, white, recipe.first, levels))
        return self._curves[key]

    def _counted(self, recipe: Recipe) -> Levels:
        key = recipe.plane, recipe.depth
        if key not in self._levels:
            keep(self._levels, key, levels_of(self.stored(recipe), self._white(recipe)))
        return self._levels[key]

    def _local(self, recipe: Recipe) -> LocalCurves:
        # Of the laid image: its tiles are not the same when it is turned.
        key = recipe.plane, recipe.depth, recipe.orientation, recipe.first.tiling
        if key not in self._tiles:
            tiles = local_tiles(recipe.first, self.stored(recipe), self._white(recipe))
            keep(self._tiles, key, tiles)
        return local_curves(recipe.first, self._tiles[key])


def _taken(image: AnyArray, rows: Indices) -> AnyArray:
    """Rows of an image; a view where they lie side by side."""
    first, last = int(rows[0]), int(rows[-1]) + 1
    return image[first:last] if last - first == len(rows) else image[rows]


def _as_bytes(values: AnyArray) -> NDArray[np.uint8]:
    return np.asarray(np.rint(values * np.float32(255.0)), np.uint8)


def _key(recipe: Recipe) -> tuple[object, ...]:
    return recipe.plane, recipe.depth, recipe.orientation, recipe.first


def keep(cache: dict[Any, Any], key: object, value: object, most: int = _KEPT) -> None:
    """Remember a value, and drop those that were remembered first: too many, or too large."""
    cache[key] = value
    while len(cache) > most or (len(cache) > 1 and sum(map(_size, cache.values())) > _KEPT_BYTES):
        cache.pop(next(iter(cache)))


def _size(value: object) -> int:
    """Bytes of the arrays that a value is or has."""
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, tuple):
        return sum(map(_size, value))
    if isinstance(value, Tiles):
        return _size((value.bins, value.counts))
    return _size((value.values, value.counts)) if isinstance(value, Levels) else 0
