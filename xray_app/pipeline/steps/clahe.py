"""CLAHE as scikit-image and as OpenCV compute it, of any rows of an image alone.

Their functions do a whole image at once, which of a large radiograph takes a second; a search asks
thousands of times, and mostly for a few rows. So the tiles' histograms are counted once, and pixels
are mapped where they are wanted. Equal to scikit-image 0.26 and OpenCV 5.0 bit for bit (tests).

Sources: Zuiderveld, Graphics Gems IV, 1994; scikit-image ``exposure/_adapthist.py``; OpenCV
``imgproc/src/clahe.cpp``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xray_app.core import AnyArray
from xray_app.pipeline.steps.images import Plane, is_table

Counts = NDArray[np.int64]
Bins = NDArray[np.uint8]
_GRAYS = 2**14  # scikit-image's
_BIN = 1 + _GRAYS // 256  # levels of scikit-image in one bin
_BINS = 256
_SKIMAGE_TILES = 8
_SKIMAGE_LIMIT = 0.01
_AT_ONCE = 200_000  # pixels that are mapped at a time, so that they stay in the processor's cache


@dataclass(frozen=True, slots=True, eq=False)
class Tiles:
    """An image cut into tiles, and how often each bin is in each of them.

    Attributes:
        bins: (H, W), the bin of each pixel.
        size: height and width of a tile; the last may reach beyond the edge.
        counts: (rows of tiles, columns of tiles, bins).
    """

    bins: Bins
    size: tuple[int, int]
    counts: Counts


@dataclass(frozen=True, slots=True, eq=False)
class _Axis:
    """For each pixel along an axis the two tiles between which it lies, and how far."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    fraction: NDArray[np.float64] | NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class LocalCurves:
    """A gray curve for each tile, between which pixels are interpolated."""

    tiles: Tiles
    maps: NDArray[np.float64] | NDArray[np.float32]
    axes: tuple[_Axis, _Axis]
    is_skimage: bool

    @property
    def white(self) -> float:
        """The highest level that there can be."""
        return _GRAYS - 1.0 if self.is_skimage else 255.0

    def rows(self, wanted: Counts) -> Plane:
        """Those rows (h, W) of the image in scikit-image's or OpenCV's own levels, float32."""
        found = np.empty((len(wanted), self.tiles.bins.shape[1]), np.float32)
        step = max(1, _AT_ONCE // found.shape[1])
        for first in range(0, len(wanted), step):
            found[first : first + step] = self._mapped(wanted[first : first + step])
        return found

    def whole(self) -> Plane:
        """The image (H, W) float32 in [0, 1]; scikit-image stretches it to black and white."""
        levels = self.rows(np.arange(self.tiles.bins.shape[0]))
        if not self.is_skimage:
            return levels / np.float32(255.0)
        low, high = float(levels.min()), float(levels.max())
        if low == high:
            return np.clip(levels, 0.0, 1.0)
        return np.asarray((levels - low) / (high - low), np.float32)

    def _mapped(self, rows: Counts) -> Plane:
        down, across = self.axes
        bins = self.tiles.bins[rows].astype(np.intp)
        width, flat = self.maps.shape[1], self.maps.reshape(-1)
        size = self.maps.shape[2]

        def taken(tile_rows: Counts, tile_columns: Counts) -> AnyArray:
            first = (tile_rows[rows, np.newaxis] * width + tile_columns) * size
            return np.asarray(np.take(flat, first + bins, mode="clip"))  # faster than "raise"

        below, right = down.fraction[rows, np.newaxis], across.fraction
        weights = ((1 - below, below), (1 - right, right))
        corners = [
            (taken(tile_rows, tile_columns), weights[0][i], weights[1][j])
            for i, tile_rows in enumerate((down.first, down.second))
            for j, tile_columns in enumerate((across.first, across.second))
        ]
        return _skimage_sum(corners) if self.is_skimage else _opencv_sum(corners)


Corner = tuple[AnyArray, AnyArray, AnyArray]


def _skimage_sum(corners: list[Corner]) -> Plane:
    total = np.zeros(corners[0][0].shape, np.float32)
    for levels, down, across in corners:
        total += (levels * (across * down)).astype(np.float32)
    return np.floor(total)


def _opencv_sum(corners: list[Corner]) -> Plane:
    rows = [
        left * across + right * more
        for (left, _, across), (right, _, more) in (corners[:2], corners[2:])
    ]
    return np.asarray(np.rint(rows[0] * corners[0][1] + rows[1] * corners[2][1]), np.float32)


def skimage_tiles(plane: AnyArray, white: float) -> Tiles:
    """The tiles of ``skimage.exposure.equalize_adapthist``.

    Args:
        plane: (H, W) of values from 0 to ``white``.
        white: what stands for full white.
    """
    size = tuple(max(1, side // _SKIMAGE_TILES) for side in plane.shape)
    beyond = tuple(-side % tile for side, tile in zip(plane.shape, size, strict=True))
    return _tiles(_skimage_bins(plane, white), (size[0], size[1]), beyond)


def _skimage_bins(plane: AnyArray, white: float) -> Bins:
    low, high = plane.min(), plane.max()
    if is_table(plane):
        levels = np.arange(int(np.iinfo(plane.dtype).max) + 1)
        return np.take(_binned(levels, white, low, high), plane)
    return _binned(plane, white, low, high)


def _binned(values: AnyArray, white: float, low: float, high: float) -> Bins:
    """Sixteen bits, then from the darkest to the brightest pixel 2**14 levels, then bins."""

    def deep(x: AnyArray) -> AnyArray:
        display = np.clip(np.asarray(x, np.float32) / np.float32(white), 0.0, 1.0)
        return np.asarray(np.rint(display * np.float32(65535.0)), np.float64)

    first, last = (float(deep(np.asarray(end))) for end in (low, high))
    levels = deep(values)
    if first < last:
        levels = (levels - first) / (last - first) * (_GRAYS - 1)
    levels = np.clip(np.rint(levels), 0, _GRAYS - 1).astype(np.uint16)
    return np.asarray(levels // np.uint16(_BIN), np.uint8)


def _tiles(bins: Bins, size: tuple[int, int], beyond: tuple[int, ...]) -> Tiles:
    whole = np.pad(bins, [(0, more) for more in beyond], mode="reflect")
    rows, columns = whole.shape[0] // size[0], whole.shape[1] // size[1]
    counts = np.empty((rows, columns * _BINS), np.int64)
    offsets = np.repeat(np.arange(columns) * _BINS, size[1])
    for row in range(rows):
        places = whole[row * size[0] : (row + 1) * size[0]] + offsets
        counts[row] = np.bincount(places.reshape(-1), minlength=columns * _BINS)
    return Tiles(bins, size, counts.reshape(rows, columns, _BINS))


def skimage_curves(tiles: Tiles, limit: float = _SKIMAGE_LIMIT) -> LocalCurves:
    """The curves of ``skimage.exposure.equalize_adapthist(clip_limit=limit)``, 14 bits."""
    pixels = tiles.size[0] * tiles.size[1]
    counts = _skimage_clipped(tiles.counts, max(1, int(limit * pixels)))
    maps = np.floor(np.minimum(counts.cumsum(axis=-1) * ((_GRAYS - 1) / pixels), _GRAYS - 1))
    axes = tuple(
        _skimage_axis(*each)
        for each in zip(tiles.bins.shape, tiles.size, tiles.counts.shape[:2], strict=True)
    )
    return LocalCurves(tiles, maps, (axes[0], axes[1]), is_skimage=True)


def _skimage_axis(length: int, tile: int, count: int) -> _Axis:
    places = np.arange(length) + tile // 2
    second = np.minimum(places // tile, count - 1)
    return _Axis(np.maximum(places // tile - 1, 0), second, places % tile / tile)


def _skimage_clipped(counts: Counts, limit: int) -> Counts:
    """``clip_histogram`` of all tiles at once: what exceeds the limit goes to the other bins."""
    clipped = np.minimum(counts, limit)
    excess = (counts - clipped).sum(axis=-1)
    size = counts.shape[-1]
    more = (excess // size)[..., np.newaxis]
    is_low = clipped < limit - more
    excess -= np.count_nonzero(is_low, axis=-1) * more[..., 0]
    clipped = np.where(is_low, clipped + more, clipped)
    filled = np.where(clipped >= limit - more, limit, clipped)
    excess -= (filled - clipped).sum(axis=-1)
    clipped = filled
    flat, left = clipped.reshape(-1, size), excess.reshape(-1)
    _spread(flat, left, limit)
    return flat.reshape(counts.shape)


def _spread(counts: Counts, excess: Counts, limit: int) -> None:
    """What is left goes one by one to bins below the limit; changes ``counts`` (tiles, bins)."""
    bins = np.arange(counts.shape[1])
    active = np.flatnonzero(excess > 0)
    while len(active):
        before = excess[active]
        for first in bins:
            under = counts[active] < limit
            step = np.maximum(1, np.count_nonzero(under, axis=1) // excess[active])
            taken = under & (bins >= first) & ((bins - first) % step[:, np.newaxis] == 0)
            counts[active] += taken
            excess[active] -= np.count_nonzero(taken, axis=1)
            is_left = excess[active] > 0
            active, before = active[is_left], before[is_left]
            if not len(active):
                return
        active = active[excess[active] < before]


def opencv_tiles(plane: AnyArray, white: float, count: int) -> Tiles:
    """The tiles of ``cv2.createCLAHE(tileGridSize=(count, count))`` of bytes.

    Args:
        plane: (H, W) of values from 0 to ``white``; rounded to bytes if it has none.
        white: what stands for full white.
        count: tiles along either axis.
    """
    if plane.dtype != np.uint8 or white != 255.0:
        plane = np.rint(np.clip(np.asarray(plane, np.float64) / white, 0.0, 1.0) * 255.0)
    bins = np.asarray(plane, np.uint8)
    is_even = not any(side % count for side in bins.shape)
    beyond = tuple(0 if is_even else count - side % count for side in bins.shape)
    size = tuple((side + more) // count for side, more in zip(bins.shape, beyond, strict=True))
    return _tiles(bins, (size[0], size[1]), beyond)


def opencv_curves(tiles: Tiles, limit: float) -> LocalCurves:
    """The curves of ``cv2.createCLAHE(clipLimit=limit)`` of bytes, levels 0 to 255."""
    pixels = tiles.size[0] * tiles.size[1]
    counts = _opencv_clipped(tiles.counts, max(1, int(limit * pixels / _BINS)))
    scale = np.float32(255.0) / np.float32(pixels)
    maps = np.rint(counts.cumsum(axis=-1).astype(np.float32) * scale)
    axes = tuple(
        _opencv_axis(*each)
        for each in zip(tiles.bins.shape, tiles.size, tiles.counts.shape[:2], strict=True)
    )
    return LocalCurves(tiles, np.minimum(maps, np.float32(255.0)), (axes[0], axes[1]), False)


def _opencv_axis(length: int, tile: int, count: int) -> _Axis:
    places = np.arange(length, dtype=np.float32) * (np.float32(1.0) / np.float32(tile))
    places -= np.float32(0.5)
    first = np.floor(places).astype(np.int64)
    second = np.minimum(first + 1, count - 1)
    return _Axis(np.maximum(first, 0), second, places - first.astype(np.float32))


def _opencv_clipped(counts: Counts, limit: int) -> Counts:
    clipped = np.minimum(counts, limit)
    excess = (counts - clipped).sum(axis=-1)
    clipped += (excess // _BINS)[..., np.newaxis]
    rest = (excess % _BINS)[..., np.newaxis]
    step = np.maximum(1, _BINS // np.maximum(rest, 1))
    bins = np.arange(_BINS)
    return np.asarray(clipped + ((bins % step == 0) & (bins // step < rest)))
