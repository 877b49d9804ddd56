"""The curves of a result's sensitivity: probability of each class while one thing moves."""

from typing import Any

import plotly.graph_objects as go

from xray_app.cards import ModelCard
from xray_app.diagnosis import Sweep
from xray_app.ui.charts.figures import MUTED, plot

# Okabe and Ito; told apart by dash as well.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def sweep_chart(card: ModelCard, sweep: Sweep) -> go.Figure:
    """One line a class, the region in which the class stays shaded, marks as dotted lines.

    Of many classes those that are most probable anywhere on the way are drawn.
    """
    lines = [
        {
            "type": "scatter",
            "x": sweep.values,
            "y": sweep.probabilities[:, i],
            "name": card.label(name),
            "mode": "lines+markers",
            "line": {
                "color": _COLOURS[i % len(_COLOURS)],
                "dash": _DASHES[i % len(_DASHES)],
                "width": 2,
            },
            "hovertemplate": f"{card.label(name)} %{{y:.2f}} at %{{x:.4g}}<extra></extra>",
        }
        for i, name in _drawn(card, sweep)
    ]
    low, high = sweep.stays
    region = {
        "type": "rect", "xref": "x", "yref": "paper", "x0": low, "x1": high, "y0": 0, "y1": 1,
        "fillcolor": "rgba(0, 158, 115, 0.12)", "line": {"width": 0}, "layer": "below",
    }  # fmt: skip
    marks = [("now", sweep.present), *((mark.label, mark.value) for mark in sweep.marks)]
    unit = f", {sweep.unit}" if sweep.unit else ""
    layout = {
        "height": 280,
        "margin": {"l": 8, "r": 8, "t": 24, "b": 40},
        "xaxis": {"title": f"{sweep.name}{unit}", "fixedrange": True},
        "yaxis": {"range": [-0.02, 1.02], "title": "probability", "fixedrange": True},
        "legend": {"orientation": "h", "y": 1.1, "yanchor": "bottom", "x": 0},  # grows upwards
        "shapes": [region, *(_line(value) for _, value in marks)],
        "annotations": [_label(label, value) for label, value in marks],
    }
    return plot(lines, layout)


def _drawn(card: ModelCard, sweep: Sweep) -> list[tuple[int, str]]:
    every = list(enumerate(card.class_names))
    highest = sweep.probabilities.max(axis=0)
    most = sorted(every, key=lambda pair: -highest[pair[0]])[: len(_COLOURS)]
    return sorted(most)


def sweep_text(card: ModelCard, sweep: Sweep) -> str:
    """The same in words with figures."""
    ends = "; ".join(
        f"{card.label(name)} {sweep.probabilities[0, i]:.2f} to {sweep.probabilities[-1, i]:.2f}"
        for i, name in _drawn(card, sweep)
    )
    low, high = sweep.stays
    return (
        f"Probability over the {sweep.name} from {sweep.values[0]:.4g} to {sweep.values[-1]:.4g}, "
        f"first to last: {ends}. The class stays from {low:.4g} to {high:.4g}."
    )


def _line(value: float) -> dict[str, Any]:
    return {
        "type": "line", "xref": "x", "yref": "paper", "x0": value, "x1": value, "y0": 0, "y1": 1,
        "line": {"dash": "dot", "width": 1, "color": MUTED},
    }  # fmt: skip


def _label(label: str, value: float) -> dict[str, Any]:
    return {
        "x": value, "y": 1.0, "xref": "x", "yref": "paper", "text": label, "showarrow": False,
        "yanchor": "bottom", "font": {"size": 11},
    }  # fmt: skip
