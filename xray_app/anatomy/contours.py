"""The outlines of lungs, to draw them over a radiograph of any size."""

import numpy as np

from xray_app.anatomy.lungs import Lungs
from xray_app.core import FloatArray
from xray_app.core.images import WHOLE, Box

Contour = FloatArray
_SMOOTH = 1.0  # pixels; a mask of 128 a side is in steps
_RIM = 4


def contours_of(lungs: Lungs, box: Box = WHOLE) -> list[Contour]:
    """Closed outlines, each (n, 2) float32 of row and column in fractions of the radiograph.

    Args:
        lungs: as the model's input shows them.
        box: the rectangle of the radiograph that the input shows, in fractions.

    >>> import numpy as np
    >>> right, left = np.zeros((32, 32), bool), np.zeros((32, 32), bool)
    >>> right[8:24, 4:12] = left[8:24, 20:28] = True
    >>> [contour.min(axis=0).round(3).tolist() for contour in contours_of(Lungs(right, left))]
    [[0.25, 0.125], [0.25, 0.625]]
    """
    from scipy.ndimage import gaussian_filter
    from skimage.measure import find_contours

    found = []
    for lung in (lungs.right, lungs.left):
        height, width = lung.shape
        # A rim of nothing closes outlines at the edge; pixel centres lie at halves.
        smooth = gaussian_filter(np.pad(lung.astype(np.float32), _RIM), _SMOOTH)
        longest = max(find_contours(smooth, 0.5), key=len)
        place = np.clip(longest + 0.5 - _RIM, 0.0, lung.shape) / (height, width)
        within = place * (box.height, box.width) + (box.top, box.left)
        found.append(within.astype(np.float32))
    return found
