"""The outlines of lungs, to draw them over a radiograph of any size."""

import numpy as np

from xray_app.anatomy.lungs import Lungs
from xray_app.core import FloatArray
from xray_app.core.images import WHOLE, Box

Contour = FloatArray


def contours_of(lungs: Lungs, box: Box = WHOLE) -> list[Contour]:
    """Closed outlines, each (n, 2) float32 of row and column in fractions of the radiograph.

    Args:
        lungs: as the model's input shows them.
        box: the rectangle of the radiograph that the input shows, in fractions.

    >>> import numpy as np
    >>> right, left = np.zeros((8, 8), bool), np.zeros((8, 8), bool)
    >>> right[2:6, 1:3] = left[2:6, 5:7] = True
    >>> [contour.min(axis=0).tolist() for contour in contours_of(Lungs(right, left))]
    [[0.25, 0.125], [0.25, 0.625]]
    """
    from skimage.measure import find_contours

    found = []
    for lung in (lungs.right, lungs.left):
        height, width = lung.shape
        # A rim of nothing closes outlines at the edge; pixel centres lie at halves.
        outlines = find_contours(np.pad(lung.astype(np.float32), 1), 0.5)
        longest = max(outlines, key=len)
        place = (longest - 0.5) / (height, width)
        within = place * (box.height, box.width) + (box.top, box.left)
        found.append(within.astype(np.float32))
    return found
