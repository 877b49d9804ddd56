"""The region round a map's peak, and how much of the evidence lies in it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xray_app.core import Saliency
from xray_app.explain.ninths import cell_overlap

_MOST_CELLS = 28  # a side; the maps of single pixels have no regions before they are averaged


@dataclass(frozen=True, slots=True, eq=False)
class HottestRegion:
    """Connected cells that hold at least half as much as the one with the most.

    Attributes:
        cells: (h, w) bool, over what the model's input shows.
        evidence: its fraction of all positive evidence, in (0, 1].
        area: its fraction of the input, in (0, 1]: what a map that is the same everywhere would
            have there.
    """

    cells: NDArray[np.bool_]
    evidence: float
    area: float


def hottest_region(saliency: Saliency) -> HottestRegion | None:
    """Find the region round the peak: full width at half maximum, as a peak's width is measured.

    Cells that touch at a corner only are not connected. A map of more than 28 cells a side is
    averaged to 28 first.

    Args:
        saliency: a map of any size; of a difference of two classes, what speaks for the first.

    Returns:
        None for an empty map.

    >>> heat = np.float32([[4, 2, 0], [0, 0, 0], [1, 0, 3]])
    >>> found = hottest_region(Saliency("gradcam", "last", "normal", heat, 4.0, "logit"))
    >>> found.cells.astype(int).tolist(), found.evidence
    ([[1, 1, 0], [0, 0, 0], [0, 0, 0]], 0.6)
    """
    from scipy import ndimage

    cells = np.maximum(saliency.map, 0.0).astype(np.float64)
    total = float(cells.sum())
    if saliency.is_empty or not total > 0.0:
        return None
    down, across = (cell_overlap(n, min(n, _MOST_CELLS)) for n in cells.shape)
    cells = down.T @ cells @ across
    labels, _ = ndimage.label(cells >= cells.max() / 2.0)
    region = labels == labels[np.unravel_index(int(cells.argmax()), cells.shape)]
    return HottestRegion(region, float(cells[region].sum()) / total, float(region.mean()))
