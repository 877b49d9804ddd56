from .changes import MEANINGLESS, moved, resampled, stored_as_jpeg
from .colour import COLOUR_MAPS, COLOURS, DIFFERENCE, OPACITY, blend, blend_difference
from .correction import CORRECTIONS, corrected
from .heatmap import difference_for_display, heat_for_display, radiograph_for_display
from .histograms import describe, histogram, pooled, quantile
from .image_files import encode_jpeg, encode_png
from .resampling import display_at, display_within, resize

__all__ = [
    "COLOURS",
    "COLOUR_MAPS",
    "CORRECTIONS",
    "DIFFERENCE",
    "MEANINGLESS",
    "OPACITY",
    "blend",
    "blend_difference",
    "corrected",
    "describe",
    "difference_for_display",
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
