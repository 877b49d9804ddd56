"""Heatmaps over radiographs: of one result, and of a whole comparison on one sheet."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from xray_app.anatomy import Lungs, contours_of
from xray_app.core import FloatArray, Radiograph, Saliency
from xray_app.core.images import (
    COLOURS,
    OPACITY,
    WHOLE,
    Box,
    blend,
    blend_difference,
    difference_for_display,
    heat_for_display,
    radiograph_for_display,
    resize,
)
from xray_app.core.text import DISCLAIMER
from xray_app.diagnosis import Comparison, Diagnosis

_OUTLINE = (64, 224, 208)  # seen on dark, on bright, and on every colour map
_TILE, _LINE, _MARGIN, _COLUMNS = 224, 20, 12, 4


def overlay(
    radiograph: Radiograph,
    diagnosis: Diagnosis,
    opacity: float = OPACITY,
    colour_map: str = COLOURS,
) -> NDArray[np.uint8]:
    """The heatmap over the radiograph, (H, W, 3) uint8 with the radiograph's aspect ratio."""
    return overlay_on(radiograph_for_display(radiograph), diagnosis, opacity, colour_map)


def overlay_on(
    display: FloatArray, diagnosis: Diagnosis, opacity: float, colour_map: str
) -> NDArray[np.uint8]:
    """As ``overlay``, on what ``radiograph_for_display`` gave."""
    scale, box = diagnosis.saliency_scale, diagnosis.box
    return heated(display, diagnosis.saliency, scale, opacity, colour_map, box)


def heated(
    display: FloatArray,
    saliency: Saliency,
    scale: float,
    opacity: float,
    colour_map: str,
    box: Box = WHOLE,
) -> NDArray[np.uint8]:
    """A heatmap over an image of any size; the difference of two classes in two colours.

    ``box`` is the rectangle that the model's input shows of the image, in fractions.
    """
    height, width = display.shape
    if saliency.negative is not None:
        difference = difference_for_display(saliency, scale, height, width, box)
        return blend_difference(display, difference, opacity)
    heat = heat_for_display(saliency, scale, height, width, box)
    return blend(display, heat, opacity, colour_map)


def outlined(image: NDArray[np.uint8], lungs: Lungs, box: Box = WHOLE) -> NDArray[np.uint8]:
    """Outline the lungs on an image of any size.

    Args:
        image: (H, W) or (H, W, 3) uint8, never changed.
        lungs: as the model's input shows them.
        box: the rectangle of the image that the input shows, in fractions.

    Returns:
        (H, W, 3) uint8.
    """
    height, width = image.shape[:2]
    drawn = Image.fromarray(image).convert("RGB")
    pen = ImageDraw.Draw(drawn)
    thick = max(1, round(max(height, width) / 400))
    for contour in contours_of(lungs, box):
        points = [(float(x) * width, float(y) * height) for y, x in contour]
        pen.line(points, fill=_OUTLINE, width=thick, joint="curve")
    return np.asarray(drawn)


def tile(
    display: FloatArray, saliency: Saliency, scale: float, opacity: float, colour_map: str
) -> NDArray[np.uint8]:
    """One heatmap over the radiograph, (224, 224, 3) uint8."""
    return heated(resize(display, _TILE, _TILE), saliency, scale, opacity, colour_map)


def contact_sheet(
    comparison: Comparison,
    opacity: float,
    colour_map: str,
    order: Sequence[str] | None = None,
    columns: int = _COLUMNS,
) -> NDArray[np.uint8]:
    """Tile every scheme's heatmap with its name, verdict and prediction, (H, W, 3) uint8.

    All heatmaps are on the comparison's one scale.

    Args:
        comparison: what to draw.
        opacity: in [0, 1].
        colour_map: a key of ``COLOUR_MAPS``.
        order: the schemes in the order of the tiles; default: that of the comparison.
        columns: tiles in a row.
    """
    shown = [comparison.row(name) for name in order or comparison.passes]
    rows = math.ceil(len(shown) / columns)
    cell_width, cell_height = _TILE + _MARGIN, _TILE + 3 * _LINE + _MARGIN
    size = columns * cell_width + _MARGIN, rows * cell_height + _MARGIN + _LINE
    sheet = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=13)
    for i, row in enumerate(shown):
        x = _MARGIN + (i % columns) * cell_width
        y = _MARGIN + (i // columns) * cell_height
        saliency = comparison.passes[row.scheme].saliency
        scale = comparison.saliency_scale
        image = tile(comparison.display, saliency, scale, opacity, colour_map)
        sheet.paste(Image.fromarray(image), (x, y))
        top = comparison.passes[row.scheme].prediction.top_probability
        trained = " (as trained)" if row.scheme == comparison.trained_scheme else ""
        lines = (f"{row.scheme}{trained}", row.headline, f"{row.predicted} {top:.2f}")
        for n, line in enumerate(lines):
            draw.text((x, y + _TILE + 2 + n * _LINE), line, fill="black", font=font)
    draw.text((_MARGIN, size[1] - _LINE - 4), DISCLAIMER, fill="black", font=font)
    return np.asarray(sheet)
