from .changes import MEANINGLESS, moved, resampled, stored_as_jpeg
from .colour import COLOUR_MAPS, COLOURS, OPACITY, blend
from .correction import CORRECTIONS, corrected
from .heatmap import heat_for_display, radiograph_for_display
from .histograms import describe, histogram, pooled, quantile
from .image_files import encode_jpeg, encode_png
from .resampling import display_at, display_within, resize

__all__ = [
    "COLOURS",
    "COLOUR_MAPS",
    "CORRECTIONS",
    "MEANINGLESS",
    "OPACITY",
    "blend",
    "corrected",
    "describe",
    "display_at",
    "display_within",
    "encode_jpeg",
    "encode_png",
    "heat_for_display",
    "histogram",
    "moved",
    "pooled",
    "quantile",
    "radiograph_for_display",
    "resampled",
    "resize",
    "stored_as_jpeg",
]
