"""Plotly figures of a result, for the pages and for notebooks.

Each is given to Plotly whole, as plain values: adding to a figure part by part takes four times as
long, and a page draws five. Colours of text and grid come from the page's or the notebook's theme.
"""

from base64 import b64encode
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from xray_app.cards import ModelCard
from xray_app.core import Histogram, Prediction
from xray_app.core.images import encode_png
from xray_app.diagnosis import Comparison, Grid, Stage
from xray_app.presentation.grid_words import short_label

CHOSEN = "#0072B2"
REFERENCE = "#D55E00"
MUTED = "#8A979F"
_CHANNELS = ("#D55E00", "#009E73", "#0072B2")
_HEIGHT = 250


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
        outline(
            channel,
            "This scheme" if single else f"Channel {i + 1}",
            CHOSEN if single else _CHANNELS[i],
            filled=True,
        )
        for i, channel in enumerate(stage.channels)
    ]
    if stage.trained is not None:
        outlines.append(outline(stage.trained, "As in training", REFERENCE, filled=False))
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


def outline(values: Histogram, name: str, colour: str, *, filled: bool) -> dict[str, Any]:
    """A trace of a histogram's outline, relative to its highest bin between the ends."""
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


def comparison_heatmap(card: ModelCard, comparison: Comparison, grid: Grid) -> go.Figure:
    """Contrast down, scale across; each cell's class and probability, coloured by the change.

    Args:
        card: the model's, for the classes' labels.
        comparison: of all schemes of the grid.
        grid: the schemes.
    """
    rows = [[comparison.row(scheme.name) for scheme in row] for row in grid.rows]
    cells = [[comparison.passes[row.scheme].prediction for row in line] for line in rows]
    labels = {name: card.label(name) for name in card.class_names}
    target = labels[comparison.trained.prediction.predicted]
    heat = {
        "type": "heatmap",
        "x": [column[0].scale.name for column in grid.columns],
        "y": [row[0].contrast.name for row in grid.rows],
        "z": [[row.probability for row in line] for line in rows],
        "zmin": 0.0,
        "zmax": 1.0,
        "colorscale": "Cividis",
        "colorbar": {"title": {"text": target}},
        "text": [
            [f"{short_label(p.predicted, labels)}<br>{p.top_probability:.2f}" for p in line]
            for line in cells
        ],
        "customdata": [[row.headline for row in line] for line in rows],
        "texttemplate": "%{text}",
        "hovertemplate": "%{y}+%{x}: %{text}<br>%{customdata}<extra></extra>",
        "xgap": 2,
        "ygap": 2,
    }
    layout = {
        "height": 110 + 52 * len(rows),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 40},
        "xaxis": {"title": "scale", "side": "bottom"},
        "yaxis": {"title": "contrast", "autorange": "reversed"},
    }
    return plot([heat], layout)


def comparison_bars(card: ModelCard, comparison: Comparison) -> go.Figure:
    """A bar a scheme: the probability of the class that is predicted as trained.

    Args:
        card: the model's, for the classes' labels.
        comparison: of any schemes; one whose prediction can't be relied on is gray.
    """
    rows = comparison.rows
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": [row.scheme for row in rows],
        "x": [row.probability for row in rows],
        "marker": {"color": [MUTED if r.verdict == "mismatch" else CHOSEN for r in rows]},
        "customdata": [row.headline for row in rows],
        "hovertemplate": "%{y}: %{x:.3f}<br>%{customdata}<extra></extra>",
    }
    target = card.label(comparison.trained.prediction.predicted)
    layout = {
        "height": 90 + 26 * len(rows),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 40},
        "xaxis": {"range": [0, 1], "title": f"probability of {target}"},
        "yaxis": {"autorange": "reversed", "ticksuffix": "  "},
    }
    return plot([bars], layout)


def reach_bars(spans: Mapping[str, tuple[float, float]], axis: str) -> go.Figure:
    """A bar a scheme from its lowest to its highest value.

    Args:
        spans: lowest and highest value by scheme.
        axis: what the values are.
    """
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": list(spans),
        "base": [low for low, _ in spans.values()],
        "x": [high - low for low, high in spans.values()],
        "customdata": [f"{low:.4g} to {high:.4g}" for low, high in spans.values()],
        "marker": {"color": CHOSEN, "line": {"color": CHOSEN, "width": 3}},
        "hovertemplate": "%{y}: %{customdata}<extra></extra>",
    }
    layout = {
        "height": 90 + 26 * len(spans),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 40},
        "xaxis": {"title": axis},
        "yaxis": {"autorange": "reversed", "ticksuffix": "  "},
    }
    return plot([bars], layout)


def image_figure(images: Mapping[str, NDArray[np.uint8]], caption: str = "") -> go.Figure:
    """Pictures (H, W) or (H, W, 3) uint8 beside each other under their titles; or none."""
    width, gap = 1.0 / max(1, len(images)), 0.02
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"height": 420, "margin": {"l": 8, "r": 8, "t": 40, "b": 40}}
    notes: list[dict[str, Any]] = []
    for i, (title, image) in enumerate(images.items()):
        number = "" if i == 0 else str(i + 1)
        source = f"data:image/png;base64,{b64encode(encode_png(image)).decode()}"
        traces.append(
            {"type": "image", "source": source, "xaxis": f"x{number}", "yaxis": f"y{number}"}
        )
        start = i * width
        layout[f"xaxis{number}"] = {
            "visible": False,
            "domain": [start + gap / 2, start + width - gap / 2],
            "anchor": f"y{number}",
        }
        layout[f"yaxis{number}"] = {
            "visible": False,
            "scaleanchor": f"x{number}",
            "autorange": "reversed",
            "anchor": f"x{number}",
        }
        notes.append(_note(title, start + width / 2, 1.02, "bottom"))
    if caption:
        notes.append(_note(caption, 0.5, -0.02, "top"))
    return plot(traces, layout | {"annotations": notes})


def _note(text: str, x: float, y: float, anchor: str) -> dict[str, Any]:
    return {
        "text": text, "x": x, "y": y, "xref": "paper", "yref": "paper", "xanchor": "center",
        "yanchor": anchor, "showarrow": False,
    }  # fmt: skip
