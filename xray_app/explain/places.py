"""Pixels gathered into the cells of a map."""

import numpy as np
from numpy.typing import NDArray

from xray_app.core.records import FloatArray

CELLS = 28


def to_cells(images: FloatArray, *, average: bool) -> FloatArray:
    """Average or add up the pixels of each cell.

    Args:
        images: (N, H, W) float32.
        average: whether a cell is the mean of its pixels, or their sum.

    Returns:
        (N, 28, 28) float32, fewer cells where the image has fewer pixels. Cells of an image whose
        side is no multiple of 28 differ by a pixel.
    """
    rows, columns = (_edges(length) for length in images.shape[1:])
    wide = images.astype(np.float64)
    sums = np.add.reduceat(np.add.reduceat(wide, rows, axis=1), columns, axis=2)
    if average:
        sums /= np.outer(_sizes(rows, images.shape[1]), _sizes(columns, images.shape[2]))
    return sums.astype(np.float32)


def _edges(length: int) -> NDArray[np.int64]:
    cells = min(CELLS, length)
    return np.arange(cells, dtype=np.int64) * length // cells


def _sizes(edges: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    return np.diff(np.append(edges, length))
