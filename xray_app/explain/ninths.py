"""In which ninth of the picture a map's evidence lies: for who can't see the map."""

import numpy as np
from numpy.typing import NDArray

from xray_app.core import Saliency

_NAMES = (
    ("upper left", "upper middle", "upper right"),
    ("middle left", "centre", "middle right"),
    ("lower left", "lower middle", "lower right"),
)


def densest_ninth(saliency: Saliency) -> tuple[str, float] | None:
    """Name the ninth of the picture, three by three, that holds most of the positive evidence.

    Args:
        saliency: a map of any size; each cell's evidence is spread evenly over its area.

    Returns:
        The name, as seen on the picture, and its fraction of all evidence in (0, 1]; None for an
        empty map.

    >>> heat = np.float32([[0, 1], [0, 3]])
    >>> densest_ninth(Saliency("gradcam", "last", "normal", heat, 3.0, "logit"))[0]
    'lower right'
    """
    evidence = np.maximum(saliency.map, 0.0).astype(np.float64)
    total = evidence.sum()
    if not total > 0.0:
        return None
    ninths = (
        cell_overlap(evidence.shape[0], 3).T @ evidence @ cell_overlap(evidence.shape[1], 3) / total
    )
    row, column = divmod(int(ninths.argmax()), 3)
    return _NAMES[row][column], float(ninths[row, column])


def cell_overlap(cells: int, parts: int) -> NDArray[np.float64]:
    """(cells, parts): the fraction of each cell that lies in each of as many parts of a side.

    >>> cell_overlap(2, 4).tolist()
    [[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]
    """
    ends = np.linspace(0.0, cells, parts + 1)
    starts = np.arange(cells, dtype=np.float64)[:, np.newaxis]
    overlap = np.minimum(starts + 1.0, ends[1:]) - np.maximum(starts, ends[:-1])
    fractions: NDArray[np.float64] = np.maximum(overlap, 0.0)
    return fractions
