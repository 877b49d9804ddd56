"""What is drawn over a radiograph as lines, and said beside it."""

import numpy as np
from numpy.typing import NDArray

from xray_app.core.images import WHOLE, Box
from xray_app.explain import HottestRegion

Segment = tuple[float, float, float, float]


def cell_outline(cells: NDArray[np.bool_], box: Box = WHOLE) -> list[Segment]:
    """Segments round the cells that are True, each x, y to x, y in fractions of the radiograph.

    Args:
        cells: (h, w) bool, over what the model's input shows.
        box: the rectangle of the radiograph that the input shows, in fractions.

    >>> cell_outline(np.array([[True]]))
    [(0.0, 0.0, 0.0, 1.0), (1.0, 0.0, 1.0, 1.0), (0.0, 0.0, 1.0, 0.0), (0.0, 1.0, 1.0, 1.0)]
    """
    (rows, columns), ringed = cells.shape, np.pad(cells, 1)
    upright = np.argwhere(ringed[1:-1, 1:] != ringed[1:-1, :-1])
    level = np.argwhere(ringed[1:, 1:-1] != ringed[:-1, 1:-1])
    ends = [(c, r, c, r + 1) for r, c in upright] + [(c, r, c + 1, r) for r, c in level]

    def across(column: int) -> float:
        return float(np.clip(box.left + column / columns * box.width, 0.0, 1.0))

    def down(row: int) -> float:
        return float(np.clip(box.top + row / rows * box.height, 0.0, 1.0))

    return [(across(a), down(b), across(c), down(d)) for a, b, c, d in ends]


def hottest_sentence(region: HottestRegion | None) -> str:
    """Say how much of the evidence lies in the hottest region; "" for an empty map.

    >>> hottest_sentence(HottestRegion(np.array([[True, False]]), 0.75, 0.5))[-56:]
    'of the positive evidence, on 50 % of what the model saw.'
    """
    if region is None:
        return ""
    return (
        f"The outlined cells, each at half of the peak or more, hold {100 * region.evidence:.0f} % "
        f"of the positive evidence, on {100 * region.area:.0f} % of what the model saw."
    )
