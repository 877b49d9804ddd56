"""Pixels gathered into the cells of a map."""

import numpy as np

from xray_app.core import FloatArray
from xray_app.explain.ninths import cell_overlap

CELLS = 28


def to_cells(image: FloatArray) -> FloatArray:
    """Add up the pixels of each cell; a pixel between two cells counts for both, by its area.

    Args:
        image: (H, W) float32, not empty.

    Returns:
        (28, 28) float32, fewer cells where the image has fewer pixels. All are equally large, so
        an even image has even cells.

    >>> import numpy as np
    >>> cells = to_cells(np.ones((42, 56), np.float32))
    >>> cells.shape, cells[0, 0].item(), cells[1, 1].item()
    ((28, 28), 3.0, 3.0)
    """
    down, across = (cell_overlap(length, min(CELLS, length)) for length in image.shape)
    return np.asarray(down.T @ image.astype(np.float64) @ across, np.float32)
