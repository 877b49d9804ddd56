from .changes import MEANINGLESS, moved, resampled, stored_as_jpeg
from .colour import COLOUR_MAPS, COLOURS, DIFFERENCE, OPACITY, blend, blend_difference, heat_palette
from .correction import CORRECTIONS, corrected
from .geometry import FITS, KERNELS, Box, Fit, Geometry, fitted, refitted
from .geometry_effect import GeometryEffect, measure_geometry
from .heatmap import WHOLE, difference_for_display, heat_for_display, radiograph_for_display
from .histograms import describe, histogram, pooled, quantile
from .image_files import encode_jpeg, encode_png
from .kernels import (
    KEYS,
    Taps,
    Weights,
    area,
    cubic,
    lanczos,
    nearest,
    triangle,
    weighted,
)
from .packing import Codes, packed
from .resampling import display_within, resize

__all__ = [
    "COLOURS",
    "COLOUR_MAPS",
    "CORRECTIONS",
    "DIFFERENCE",
    "FITS",
    "KERNELS",
    "KEYS",
    "MEANINGLESS",
    "OPACITY",
    "WHOLE",
    "Box",
    "Codes",
    "Fit",
    "Geometry",
    "GeometryEffect",
    "Taps",
    "Weights",
    "area",
    "blend",
    "blend_difference",
    "corrected",
    "cubic",
    "describe",
    "difference_for_display",
    "display_within",
    "encode_jpeg",
    "encode_png",
    "fitted",
    "heat_for_display",
    "heat_palette",
    "histogram",
    "lanczos",
    "measure_geometry",
    "moved",
    "nearest",
    "packed",
    "pooled",
    "quantile",
    "radiograph_for_display",
    "refitted",
    "resampled",
    "resize",
    "stored_as_jpeg",
    "triangle",
    "weighted",
]
