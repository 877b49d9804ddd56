"""Plotly figures of the pages; colours of text and grid come from the page's theme.

Those that notebooks show too are made in ``presentation`` and handed on.
"""

import numpy as np
import plotly.graph_objects as go

from xray_app.core import Histogram
from xray_app.core.images import COLOUR_MAPS, DIFFERENCE
from xray_app.presentation import (
    CHOSEN,
    MUTED,
    REFERENCE,
    outline,
    plot,
    probability_bars,
    stage_histogram,
)

__all__ = [
    "CHOSEN",
    "MUTED",
    "PLAIN",
    "REFERENCE",
    "colour_scale",
    "plot",
    "probability_bars",
    "small_histogram",
    "stage_histogram",
]

# Configuration of every chart: no tool bar, no logo.
PLAIN = {"displayModeBar": False, "displaylogo": False}


def small_histogram(values: Histogram, height: int = 84) -> go.Figure:
    """Outline of a model input's values, with the ends of its range and nothing else."""
    ends = [values.statistics.min, values.statistics.max]
    layout = {
        "height": height,
        "margin": {"l": 4, "r": 4, "t": 2, "b": 20},
        "xaxis": {"tickvals": ends, "ticktext": [f"{end:.3g}" for end in ends]},
        "yaxis": {"visible": False, "range": [0, 1.08]},
        "showlegend": False,
    }
    return plot([outline(values, "Model input", CHOSEN, filled=True)], layout)


def colour_scale(colour_map: str, top: float, unit: str, *, two_sided: bool = False) -> go.Figure:
    """The overlay's scale up to ``top``, as a horizontal bar with ticks in its unit.

    It begins at 0; that of the difference of two classes, ``two_sided``, at -``top``.
    """
    levels = np.linspace(-top if two_sided else 0.0, top, 128)
    colours = DIFFERENCE if two_sided else COLOUR_MAPS[colour_map]
    # As rgb(): Streamlit takes the darkest hexadecimal codes for its theme's placeholders.
    stops = [
        [i / (len(colours) - 1), f"rgb{tuple(bytes.fromhex(colour[1:]))}"]
        for i, colour in enumerate(colours)
    ]
    bar = {
        "type": "heatmap",
        "x": levels,
        "z": levels[np.newaxis],
        "colorscale": stops,
        "showscale": False,
        "hovertemplate": "%{x:.3g}<extra></extra>",
    }
    layout = {
        "height": 84,
        "margin": {"l": 8, "r": 8, "t": 2, "b": 58},
        "xaxis": {"title": {"text": unit, "standoff": 14}, "fixedrange": True, "nticks": 5},
        "yaxis": {"visible": False, "fixedrange": True},
    }
    return plot([bar], layout)
