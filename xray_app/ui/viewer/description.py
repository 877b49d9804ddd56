"""A radiograph and a heatmap in the words of the viewer's script: plain values, as JSON."""

import base64
import zlib
from typing import Any

import numpy as np

from xray_app.anatomy import contours_of
from xray_app.core import FloatArray, Radiograph
from xray_app.core.images import (
    difference_for_display,
    heat_for_display,
    heat_palette,
)
from xray_app.diagnosis import Diagnosis
from xray_app.explain import hottest_region
from xray_app.presentation import (
    Preset,
    ViewedPixels,
    cell_outline,
    hottest_sentence,
    presets,
    spacing_sentence,
)
from xray_app.ui.viewer.component import media

_HEAT_PIXELS = 512  # the longer side: maps are far coarser
_LEVELS = 255  # an odd number has a middle, which is zero where two classes are compared


def pixels_for(radiograph: Radiograph, viewed: ViewedPixels, key: str, place: str) -> Any:
    """All that the windows need, with the addresses of the pixels.

    Args:
        radiograph: as the model gets it.
        viewed: its pixels.
        key: stands for the image, whatever its window.
        place: stands for the place on the page.
    """
    controls = radiograph.controls
    first, slope, table = _line_or_table(viewed)
    # One that was turned or inverted is seen as it is displayed, with square pixels.
    is_measurable = controls is not None or radiograph.stored.shape == radiograph.pixels.shape
    spacing = radiograph.spacing if is_measurable else None
    shown = presets(radiograph, viewed)
    hidden = viewed.hidden and media(viewed.hidden, "application/octet-stream", f"{place} hidden")
    return {
        "key": key,
        "values": media(viewed.data, "application/octet-stream", f"{place} pixels"),
        "hidden": hidden or None,
        "hiddenGray": round(255 * controls.shutter.gray) if controls and controls.shutter else 0,
        "width": viewed.width,
        "height": viewed.height,
        "wide": viewed.wide,
        "step": viewed.step,
        "count": len(viewed.values),
        "first": first,
        "slope": slope,
        "table": table,
        "exact": viewed.is_exact,
        "padding": viewed.padding,
        "inverted": bool(controls and controls.inverted),
        "presets": [_preset(preset) for preset in shown],
        "offered": [offer.name for offer in controls.offers] if controls else [],
        "model": controls.chosen if controls else shown[0].name,
        "usable": controls is not None,
        "spacing": spacing and {"rows": spacing.rows, "columns": spacing.columns},
        "ruler": spacing_sentence(spacing),
    }


def _line_or_table(viewed: ViewedPixels) -> tuple[float, float, str | None]:
    """Value of code 0 and step to the next, and the table where that does not give all values."""
    values = viewed.values
    slope = float(values[-1] - values[0]) / (len(values) - 1) if len(values) > 1 else 1.0
    line = values[0] + slope * np.arange(len(values))
    if np.allclose(values, line, rtol=1e-9, atol=1e-6 * abs(slope)):
        return float(values[0]), slope, None
    return float(values[0]), slope, _packed(values.astype("<f8").tobytes())


def _preset(preset: Preset) -> dict[str, Any]:
    gray = None if preset.gray is None else _packed(preset.gray.tobytes())
    ends = {"low": preset.low, "high": preset.high}
    return {"name": preset.name, "label": preset.label, **ends, "gray": gray}


def heat_for(diagnosis: Diagnosis, shape: tuple[int, int], opacity: float, colours: str) -> Any:
    """The heatmap in levels with the colour of each; None for an empty one.

    Args:
        diagnosis: what to draw.
        shape: height and width of the radiograph.
        opacity: in [0, 1], at the top of the scale.
        colours: a key of ``COLOUR_MAPS``.
    """
    saliency, scale, box = diagnosis.saliency, diagnosis.saliency_scale, diagnosis.box
    if saliency.is_empty or scale <= 0.0:
        return None
    reduced = min(1.0, _HEAT_PIXELS / max(shape))
    height, width = (max(1, round(side * reduced)) for side in shape)
    two_sided = saliency.negative is not None
    heat: FloatArray
    if two_sided:
        heat = (1.0 + difference_for_display(saliency, scale, height, width, box)) / 2.0
    else:
        heat = heat_for_display(saliency, scale, height, width, box)
    levels = np.rint((_LEVELS - 1) * heat).astype(np.uint8)
    palette = heat_palette(_LEVELS, opacity, None if two_sided else colours)
    return {
        "width": width,
        "height": height,
        "levels": _packed(levels.tobytes()),
        "colours": base64.b64encode(palette.tobytes()).decode(),
    }


def lung_lines(diagnosis: Diagnosis) -> list[list[list[float]]]:
    """The lungs' outlines, each a list of x and y in fractions; none where none are drawn."""
    lungs = diagnosis.lungs.lungs
    if lungs is None:
        return []
    found = contours_of(lungs, diagnosis.box)
    return [np.round(contour[:, ::-1], 4).astype(float).tolist() for contour in found]


def region_for(diagnosis: Diagnosis) -> dict[str, Any]:
    """The hottest region's outline, and what it holds."""
    region = hottest_region(diagnosis.saliency)
    outline = [] if region is None else cell_outline(region.cells, diagnosis.box)
    rounded = [[round(place, 4) for place in segment] for segment in outline]
    return {"region": rounded, "share": hottest_sentence(region)}


def _packed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data, 1)).decode()
