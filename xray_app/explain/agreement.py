"""How alike two heatmaps of the same image and class are."""

from collections.abc import Sequence

import numpy as np

from xray_app.core import Saliency
from xray_app.core.images import heat_for_display

# Pixels along a side, at which SSIM's windows of 7 x 7 are laid over the maps.
_GRID_SIDE = 112  # a grid compares 35 of them, at a fourth of the work
_IMAGE_SIDE = 224  # the size of the images, as Adebayo et al. 2018 do


def rank_correlation(one: Saliency, other: Saliency) -> float | None:
    """Return Spearman's rank correlation of the maps' cells, in [-1, 1] (scipy.stats.spearmanr).

    Args:
        one: a map.
        other: a map of the same size.

    Returns:
        None where a map is uniform, as an empty one is: it has no ranks to compare.

    >>> import numpy as np
    >>> cells = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    >>> one = Saliency("gradcam", "last", "normal", cells, 4.0, "")
    >>> other = Saliency("layercam", "last", "normal", cells[::-1, ::-1], 4.0, "")
    >>> round(rank_correlation(one, one), 6), round(rank_correlation(one, other), 6)
    (1.0, -1.0)
    """
    from scipy.stats import rankdata

    if np.ptp(one.map) == 0.0 or np.ptp(other.map) == 0.0:
        return None
    # Pearson's of the ranks; ``spearmanr`` computes a p-value as well, in five times the time.
    return float(np.corrcoef(rankdata(one.map), rankdata(other.map))[0, 1])


def structural_similarity(one: Saliency, other: Saliency, scale: float) -> float | None:
    """Return the SSIM of the maps on one absolute scale (Wang et al. 2004), at 112 pixels a side.

    Args:
        one: a map.
        other: a map of the same method, layer and class.
        scale: top of the absolute scale.

    Returns:
        A number in [-1, 1]; None where both maps are empty.

    >>> import numpy as np
    >>> cells = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    >>> one = Saliency("gradcam", "last", "normal", cells, 4.0, "")
    >>> half = Saliency("gradcam", "last", "normal", cells / 2, 2.0, "")
    >>> structural_similarity(one, half, scale=4.0) < structural_similarity(one, one, scale=4.0)
    True
    """
    if one.is_empty and other.is_empty:
        return None
    return _ssim((one, scale), (other, scale), _GRID_SIDE)


def same_shape(one: Saliency, other: Saliency) -> float | None:
    """Return the SSIM of the maps, each stretched to its own peak, at 224 pixels a side.

    It is that of their shape, not of their size.

    Args:
        one: a map.
        other: a map of the same image and class.

    Returns:
        A number in [-1, 1]; None where a map is empty.

    >>> import numpy as np
    >>> cells = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)
    >>> one = Saliency("gradcam", "last", "normal", cells, 4.0, "")
    >>> half = Saliency("gradcam", "last", "normal", cells / 2, 2.0, "")
    >>> round(same_shape(one, half), 6)
    1.0
    """
    if one.is_empty or other.is_empty:
        return None
    return _ssim((one, one.peak), (other, other.peak), _IMAGE_SIDE)


def mean_of(values: Sequence[float]) -> float | None:
    """Return the mean to four decimals; None if there are no values.

    >>> mean_of([0.5, 1.0])
    0.75
    """
    return round(float(np.mean(values)), 4) if values else None


def _ssim(one: tuple[Saliency, float], other: tuple[Saliency, float], side: int) -> float:
    from skimage.metrics import structural_similarity as ssim

    shown = (heat_for_display(saliency, top, side, side) for saliency, top in (one, other))
    return float(ssim(*shown, data_range=1.0))
