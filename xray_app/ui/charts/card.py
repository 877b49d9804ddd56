"""Figures of the page Model card: ROC, reliability, confusion."""

import math
from collections.abc import Sequence

import plotly.graph_objects as go

from xray_app.cards import Evaluation, ModelCard
from xray_app.core import ReliabilityBin, wilson_interval
from xray_app.core.text import figure_text
from xray_app.ui.charts.figures import CHOSEN, MUTED, REFERENCE, plot

_HEIGHT = 340


def roc_curve(evaluation: Evaluation, card: ModelCard) -> go.Figure:
    """The ROC curve with the chosen threshold on it and the published point beside it."""
    false_rates, true_rates = zip(*evaluation.roc, strict=True)
    figure = plot(_chance("a coin"))
    figure.add_trace(
        go.Scatter(
            x=false_rates,
            y=true_rates,
            mode="lines",
            name="this model",
            line={"color": CHOSEN, "width": 2, "shape": "linear"},
            hovertemplate="1 − specificity %{x:.3f}, sensitivity %{y:.3f}<extra></extra>",
        )
    )
    figures = {name: interval.value for name, interval in evaluation.figures.items()}
    figure.add_trace(_point(figures, f"threshold {evaluation.threshold:.2f}", CHOSEN, "circle"))
    published = card.published.figures if card.published else {}
    if {"sensitivity", "specificity"} <= set(published):
        figure.add_trace(_point(published, "published", REFERENCE, "diamond"))
    _square(figure, "1 − specificity", "sensitivity")
    return figure


def reliability_diagram(
    shown: Sequence[tuple[str, tuple[ReliabilityBin, ...]]], x_title: str, y_title: str
) -> go.Figure:
    """How often the model is right for how sure it is, with 95 % intervals (Wilson 1927).

    A marker's area is the fraction of the images in its bin.

    Args:
        shown: names and bins, one or two of them; the last is the one in use.
        x_title: what the model says.
        y_title: what is so.
    """
    figure = plot(_chance("perfect"))
    styles = ((REFERENCE, "diamond-open"), (CHOSEN, "circle"))[-len(shown) :]
    for (name, bins), (colour, symbol) in zip(shown, styles, strict=True):
        ends = [wilson_interval(b.fraction, b.images) for b in bins]
        total = sum(b.images for b in bins)
        figure.add_trace(
            go.Scatter(
                x=[b.confidence for b in bins],
                y=[b.fraction for b in bins],
                customdata=[b.images for b in bins],
                mode="lines+markers",
                name=name,
                line={"color": colour, "width": 1},
                cliponaxis=False,  # markers at 0 and 1 are whole
                error_y={
                    "array": [max(0.0, e[1] - b.fraction) for e, b in zip(ends, bins, strict=True)],
                    "arrayminus": [
                        max(0.0, b.fraction - e[0]) for e, b in zip(ends, bins, strict=True)
                    ],
                    "thickness": 1,
                    "width": 3,
                },
                marker={
                    "symbol": symbol,
                    "size": [5 + 28 * (b.images / total) ** 0.5 for b in bins],
                    "opacity": 0.8,
                },
                hovertemplate="sure %{x:.2f}, right %{y:.2f}, %{customdata} images<extra></extra>",
            )
        )
    _square(figure, x_title, y_title)
    return figure


def confusion_matrix(evaluation: Evaluation, card: ModelCard) -> go.Figure:
    """Counts by true and predicted class, coloured by the fraction of the true class.

    A class without images has no fractions.
    """
    labels = [card.label(name).replace(" ", "<br>") for name in evaluation.classes]
    fractions = [[n / (sum(row) or math.nan) for n in row] for row in evaluation.confusion]
    text = [
        [f"{n}<br>{figure_text(fraction, '.0%')}" for n, fraction in zip(row, of_row, strict=True)]
        for row, of_row in zip(evaluation.confusion, fractions, strict=True)
    ]
    figure = plot(
        go.Heatmap(
            z=fractions,
            x=labels,
            y=labels,
            text=text,
            texttemplate="%{text}",
            colorscale="Cividis",
            zmin=0.0,
            zmax=1.0,
            showscale=False,
            xgap=2,
            ygap=2,
            hovertemplate="truly %{y}, called %{x}: %{text}<extra></extra>",
        )
    )
    figure.update_layout(
        height=_HEIGHT,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={"title": "called", "fixedrange": True},
        yaxis={"title": "truth", "autorange": "reversed", "fixedrange": True},
    )
    return figure


def _chance(name: str) -> go.Scatter:
    return go.Scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name=name,
        line={"color": MUTED, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )


def _point(figures: dict[str, float], name: str, colour: str, symbol: str) -> go.Scatter:
    return go.Scatter(
        x=[1.0 - figures["specificity"]],
        y=[figures["sensitivity"]],
        mode="markers",
        name=name,
        marker={"color": colour, "size": 11, "symbol": symbol},
        hovertemplate=f"{name}: sensitivity %{{y:.3f}}, 1 − specificity %{{x:.3f}}<extra></extra>",
    )


def _square(figure: go.Figure, x_title: str, y_title: str) -> None:
    figure.update_layout(
        height=_HEIGHT,
        margin={"l": 8, "r": 8, "t": 8, "b": 40},
        xaxis={"title": x_title, "range": [-0.02, 1.02], "fixedrange": True},
        yaxis={"title": y_title, "range": [-0.02, 1.04], "fixedrange": True},
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},  # off the data
    )
