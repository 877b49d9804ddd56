"""Pixels gathered into the cells of a map."""

import numpy as np
from numpy.typing import NDArray

from xray_app.core import FloatArray

CELLS = 28


def to_cells(image: FloatArray) -> FloatArray:
    """Add up the pixels of each cell.

    Args:
        image: (H, W) float32, not empty.

    Returns:
        (28, 28) float32, fewer cells where the image has fewer pixels. Cells of an image whose
        side is no multiple of 28 differ by a pixel.

    >>> import numpy as np
    >>> cells = to_cells(np.ones((56, 56), np.float32))
    >>> cells.shape, cells[0, 0].item()
    ((28, 28), 4.0)
    """
    rows, columns = (_edges(length) for length in image.shape)
    wide = image.astype(np.float64)
    sums = np.add.reduceat(np.add.reduceat(wide, rows, axis=0), columns, axis=1)
    return np.asarray(sums, np.float32)


def _edges(length: int) -> NDArray[np.int64]:
    cells = min(CELLS, length)
    return np.arange(cells, dtype=np.int64) * length // cells
