"""How alike two heatmaps of the same image and class are."""

from collections.abc import Sequence

import numpy as np

from xray_app.core import Saliency
from xray_app.core.images import heat_for_display

_SIDE = 224


def rank_correlation(one: Saliency, other: Saliency) -> float | None:
    """Spearman's rank correlation of the maps' cells, in [-1, 1] (scipy.stats.spearmanr).

    Returns:
        None where a map is uniform, as an empty one is: it has no ranks to compare.
    """
    from scipy.stats import spearmanr

    if np.ptp(one.map) == 0.0 or np.ptp(other.map) == 0.0:
        return None
    return float(spearmanr(one.map, other.map, axis=None).statistic)


def structural_similarity(one: Saliency, other: Saliency, scale: float) -> float | None:
    """SSIM of the maps as they are shown on one absolute scale, in [-1, 1] (Wang et al. 2004).

    Args:
        one: a map.
        other: a map of the same method, layer and class.
        scale: top of the absolute scale.

    Returns:
        None where both maps are empty.
    """
    return None if scale <= 0.0 else _ssim((one, scale), (other, scale))


def same_shape(one: Saliency, other: Saliency) -> float | None:
    """SSIM of the maps, each stretched to its own peak, in [-1, 1]: their shape, not their size.

    Returns:
        None where a map is empty.
    """
    if one.is_empty or other.is_empty:
        return None
    return _ssim((one, one.peak), (other, other.peak))


def mean_of(values: Sequence[float]) -> float | None:
    """Their mean to four digits; None if there are none."""
    return round(float(np.mean(values)), 4) if values else None


def _ssim(*scaled: tuple[Saliency, float]) -> float:
    from skimage.metrics import structural_similarity as ssim

    shown = (heat_for_display(saliency, scale, _SIDE, _SIDE) for saliency, scale in scaled)
    return float(ssim(*shown, data_range=1.0))
