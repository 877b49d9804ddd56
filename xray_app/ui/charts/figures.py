"""Plotly figures; colours of text and grid come from the page's theme.

Each is given to Plotly whole, as plain values: adding to a figure part by part takes four times as
long, and a page draws five.
"""

from importlib import import_module
from typing import Any

import numpy as np
import plotly.graph_objects as go

from xray_app.core import Histogram, Prediction
from xray_app.core.images import COLOUR_MAPS, DIFFERENCE
from xray_app.diagnosis import Stage

CHOSEN = "#0072B2"
REFERENCE = "#D55E00"
MUTED = "#8A979F"
_CHANNELS = ("#D55E00", "#009E73", "#0072B2")
_HEIGHT = 250
# Configuration of every chart: no tool bar, no logo.
PLAIN = {"displayModeBar": False, "displaylogo": False}


def plot(data: Any = None, layout: Any = None) -> go.Figure:
    """A Plotly figure.

    Plotly uses pandas where it finds it. While another visitor's run is importing it for the first
    time it is half there, and would break the figure; so it is waited for.
    """
    import_module("pandas")
    return go.Figure(data, layout)


def probability_bars(prediction: Prediction, labels: list[str], *, meaningful: bool) -> go.Figure:
    """Horizontal bars from 0 to 1, the predicted class in colour unless it means nothing."""
    values = [float(p) for p in prediction.probabilities]
    predicted = prediction.classes.index(prediction.predicted)
    colours = [CHOSEN if meaningful and i == predicted else MUTED for i in range(len(values))]
    bars = {
        "type": "bar",
        "x": values,
        "y": labels,
        "orientation": "h",
        "marker": {"color": colours},
        "text": [f"{v:.2f}" for v in values],
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:.3f}<extra></extra>",
    }
    layout = {
        "height": 40 + 34 * len(values),
        "margin": {"l": 0, "r": 36, "t": 4, "b": 4},
        "xaxis": {"range": [0, 1], "visible": False, "fixedrange": True},
        "yaxis": {"autorange": "reversed", "fixedrange": True, "ticksuffix": "  "},
        "bargap": 0.35,
    }
    return plot([bars], layout)


def stage_histogram(stage: Stage) -> go.Figure:
    """Outline of each channel's histogram, with the training reference dotted where there is one.

    Each outline is drawn relative to its own highest bin between the ends: a scheme that squeezes
    all pixels into one place would otherwise flatten the reference, and a black background
    everything else.
    """
    single = len(stage.channels) == 1
    outlines = [
        _outline(
            channel,
            "This scheme" if single else f"Channel {i + 1}",
            CHOSEN if single else _CHANNELS[i],
            filled=True,
        )
        for i, channel in enumerate(stage.channels)
    ]
    if stage.trained is not None:
        outlines.append(_outline(stage.trained, "As in training", REFERENCE, filled=False))
    layout = {
        "height": _HEIGHT,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 40},
        "xaxis": {"title": "pixel value"},
        "yaxis": {"visible": False, "fixedrange": True, "range": [0, 1.08]},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},  # grows upwards
        "showlegend": not single or stage.trained is not None,
        "hovermode": "x",
        "annotations": _point_at_a_narrow_range(stage),
    }
    return plot(outlines, layout)


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
    return plot([_outline(values, "Model input", CHOSEN, filled=True)], layout)


def _point_at_a_narrow_range(stage: Stage) -> list[dict[str, Any]]:
    """Name the place where a scheme squeezed all pixels: a spike is easily overlooked."""
    if stage.trained is None:
        return []
    low, high = stage.statistics.min, stage.statistics.max
    edges = stage.channels[0].edges
    if high - low > 0.1 * (edges[-1] - edges[0]):
        return []
    annotation = {
        "x": (low + high) / 2,
        "y": 0.3,  # low, where the reference and the legend seldom are
        "ax": 60 if low + high < edges[0] + edges[-1] else -60,
        "ay": 10,
        "text": f"all pixels under<br>this scheme:<br>{low:.3f} to {high:.3f}",
        "align": "left",
        "arrowcolor": CHOSEN,
        "arrowwidth": 2,
    }
    return [annotation]


def _outline(values: Histogram, name: str, colour: str, *, filled: bool) -> dict[str, Any]:
    centres = (values.edges[:-1] + values.edges[1:]) / 2
    inner = values.counts[1:-1]
    top = inner.max() if inner.any() else values.counts.max()
    fraction = 100.0 * values.counts / values.counts.sum()
    return {
        "type": "scatter",
        "x": centres,
        "y": values.counts / top,
        "customdata": fraction,
        "name": name,
        "mode": "lines",
        "fill": "tozeroy" if filled else None,
        "line": {"color": colour, "width": 2, "shape": "hvh", "dash": "solid" if filled else "dot"},
        "hovertemplate": "%{x:.4g}: %{customdata:.2f} % of pixels<extra>" + name + "</extra>",
    }


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
