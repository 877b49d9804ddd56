"""Where the body is in a radiograph, and how much of a heatmap's evidence lies elsewhere.

Evidence out there is no finding. It may be something in the images that is not the disease, such as
a marker or a collimator's edge (Zech et al. 2018; DeGrave et al. 2021), or a habit of the network
that has nothing to do with the image (see ``artefacts``): where a map lies does not tell which. The
mask is simple and wrong at times: it does not tell a tube or a table from the body.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xray_app.core import FloatArray, Saliency

CORNER = 7
CORNERS = ("upper left", "upper right", "lower left", "lower right")
_BLUR = 2.0
_AIR = 0.5
Mask = NDArray[np.bool_]


def body_mask(display: FloatArray) -> Mask:
    """Tell the body from the air and the collimator's borders around it.

    The image is smoothed; what is brighter than half of Otsu's threshold (1979) may be body; the
    largest connected part of it, with its holes filled, since lungs are dark as well, is.

    Args:
        display: (H, W) float32 in [0, 1], bright is dense.

    Returns:
        (H, W) bool; all True for a uniform image, in which nothing can be told apart.

    >>> import numpy as np
    >>> display = np.zeros((60, 60), np.float32)
    >>> display[:, 20:40] = 0.8
    >>> body_mask(display)[30, [0, 30, 59]].tolist()
    [False, True, False]
    """
    from scipy import ndimage
    from skimage.filters import threshold_otsu

    smooth = ndimage.gaussian_filter(display, _BLUR)
    if np.ptp(smooth) < 1e-6:
        return np.ones(display.shape, bool)
    labels, count = ndimage.label(smooth > _AIR * threshold_otsu(smooth))
    if count == 0:
        return np.ones(display.shape, bool)
    sizes = np.bincount(labels.ravel())[1:]
    return without_holes(labels == 1 + int(sizes.argmax()))


def without_holes(mask: Mask) -> Mask:
    """Fill what does not reach the border, as ``ndimage.binary_fill_holes``, but faster.

    Cells that touch at a corner only are not connected, as in that function.

    Args:
        mask: (H, W) bool, never changed.

    Returns:
        (H, W) bool.

    >>> import numpy as np
    >>> ring = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], bool)
    >>> without_holes(ring)[1].tolist()
    [True, True, True]
    """
    from scipy import ndimage

    labels, _ = ndimage.label(~mask)
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    outside = np.zeros(labels.max() + 1, bool)
    outside[border] = True
    outside[0] = False
    found: Mask = ~outside[labels]
    return found


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a map's positive evidence lies, as fractions of all of it in [0, 1].

    Attributes:
        outside: outside the body.
        corners: in the four corner rectangles of a seventh of the height and width each, inside the
            body or not: no lung reaches there.
        outside_area: fraction of the image that is outside the body: what a map that is the same
            everywhere would have there.
    """

    outside: float
    corners: float
    outside_area: float


def place_evidence(saliency: Saliency, mask: Mask) -> Placement | None:
    """Measure where the evidence lies; each cell's is spread evenly over its pixels.

    Args:
        saliency: a map of any size.
        mask: (H, W) bool, True in the body.

    Returns:
        None for an empty map.

    >>> import numpy as np
    >>> saliency = Saliency("gradcam", "last", "normal", np.array([[1.0, 3.0]]), 3.0, "")
    >>> placement = place_evidence(saliency, mask=np.array([[False, True]]))
    >>> placement.outside, placement.outside_area
    (0.25, 0.5)
    """
    if saliency.is_empty:
        return None
    height, width = mask.shape
    rows = np.arange(height) * saliency.map.shape[0] // height
    columns = np.arange(width) * saliency.map.shape[1] // width
    evidence = saliency.map[rows][:, columns].astype(np.float64)
    total = float(evidence.sum())
    corners = _corners(height, width)
    return Placement(
        outside=float(evidence[~mask].sum()) / total,
        corners=float(evidence[corners].sum()) / total,
        outside_area=float((~mask).mean()),
    )


def corner_of(saliency: Saliency) -> str | None:
    """Name the corner cell that holds the strongest evidence; None if it lies elsewhere.

    >>> import numpy as np
    >>> corner_of(Saliency("gradcam", "last", "normal", np.array([[0, 0], [0, 1.0]]), 1.0, ""))
    'lower right'
    """
    if not saliency.peaks_in_corner:
        return None
    row, column = np.unravel_index(int(saliency.map.argmax()), saliency.map.shape)
    return CORNERS[2 * bool(row) + bool(column)]


def _corners(height: int, width: int) -> Mask:
    rows = np.arange(height) * CORNER // height
    columns = np.arange(width) * CORNER // width
    found: Mask = np.isin(rows, (0, CORNER - 1))[:, np.newaxis] & np.isin(columns, (0, CORNER - 1))
    return found
