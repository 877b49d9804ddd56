from .changes import MEANINGLESS, moved, resampled, stored_as_jpeg
from .colour import COLOUR_MAPS, COLOURS, DIFFERENCE, OPACITY, blend, blend_difference, heat_palette
from .correction import CORRECTIONS, corrected
from .geometry import FITS, KERNELS, Fit, Geometry, fitted, refitted
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
from .placement import Box, Place, Placement, centre_crop, crop, pad, resize_crop, stretch
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
    "Place",
    "Placement",
    "Taps",
    "Weights",
    "area",
    "blend",
    "blend_difference",
    "centre_crop",
    "corrected",
    "crop",
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
    "pad",
    "pooled",
    "quantile",
    "radiograph_for_display",
    "refitted",
    "resampled",
    "resize",
    "resize_crop",
    "stored_as_jpeg",
    "stretch",
    "triangle",
    "weighted",
]
