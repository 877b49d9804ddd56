from .affine import Affine, Channels, fit_affine
from .contract import measure_contract
from .contrast import CONTRASTS, adjust_contrast
from .scale import IMAGENET_MEAN, IMAGENET_STD, SCALES, DatasetStatistics, zscore_like
from .schemes import (
    PRESETS,
    Scheme,
    normalize,
    normalize_each,
    paired,
    parse_scheme,
    scheme_grid,
)

__all__ = [
    "CONTRASTS",
    "IMAGENET_MEAN",
    "IMAGENET_STD",
    "PRESETS",
    "SCALES",
    "Affine",
    "Channels",
    "DatasetStatistics",
    "Scheme",
    "adjust_contrast",
    "fit_affine",
    "measure_contract",
    "normalize",
    "normalize_each",
    "paired",
    "parse_scheme",
    "scheme_grid",
    "zscore_like",
]
