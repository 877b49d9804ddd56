"""Figures of the study: the train x inference matrix and the curves of training."""

from itertools import cycle

import numpy as np
import plotly.graph_objects as go

from xray_app.study import Run, Study
from xray_app.ui.charts.figures import plot

# Okabe and Ito, then Tol's muted, of which two are lighter here, to be seen on the dark background:
# as many as there are schemes, told apart by dash as well.
_COLOURS = (
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00",
    "#56B4E9", "#B5476E", "#999933", "#7B6CC4", "#44AA99", "#AA4499",
)  # fmt: skip
_DASHES = ("solid", "dash", "dot")
_LOWEST_AUC = 0.5


def matrix(study: Study, regime: str, metric: str) -> go.Figure:
    """Mean over the seeds of one metric: rows were trained with, columns are fed.

    The colours of an AUC start at 0.5, the figure of a coin; below it is no worse a model, only one
    that is wrong the other way round.
    """
    values = study.matrix(regime, metric)
    rows = [[np.nan if v is None else v for v in row] for row in values]
    # Without the zero a figure is legible on a phone, which has 26 pixels for it.
    text = [["" if v is None else f"{v:.2f}".removeprefix("0") for v in row] for row in values]
    heat = go.Heatmap(
        z=rows,
        x=list(study.schemes),
        y=list(study.schemes),
        text=text,
        texttemplate="%{text}",
        zmin=_LOWEST_AUC if metric == "auc" else 0.0,
        zmax=1.0,
        colorscale="Cividis",
        reversescale=metric == "ece",
        hovertemplate="trained with %{y}, fed %{x}: %{z:.3f}<extra></extra>",
        xgap=1,
        ygap=1,
        colorbar={
            "title": _title(metric),
            "thickness": 12,
            "orientation": "h",
            "y": 0.0,
            "yanchor": "top",
        },
    )
    figure = plot(heat)
    figure.update_layout(
        height=180 + 40 * len(study.schemes),
        margin={"l": 8, "r": 8, "t": 40, "b": 64},
        xaxis={"title": "fed at inference", "side": "top", "fixedrange": True, "tickangle": -45},
        yaxis={"autorange": "reversed", "fixedrange": True},
    )
    return figure


def curves(study: Study, regime: str, field: str) -> go.Figure:
    """One line a scheme, the mean over the seeds by epoch, with a band from lowest to highest.

    Args:
        study: any study.
        regime: one of its regimes.
        field: a field of ``EpochRecord``.
    """
    figure = plot()
    dashes = cycle(_DASHES)
    for i, scheme in enumerate(study.schemes):
        epochs, values = _by_epoch(study.of(regime, scheme), field)
        if not epochs:
            continue
        colour = _COLOURS[i % len(_COLOURS)]
        low, high = values.min(axis=0), values.max(axis=0)
        if len(values) > 1:
            figure.add_trace(_band(epochs, low, high, colour, scheme))
        figure.add_trace(
            go.Scatter(
                x=epochs,
                y=values.mean(axis=0),
                name=scheme,
                legendgroup=scheme,
                mode="lines",
                line={"color": colour, "dash": next(dashes), "width": 2},
                hovertemplate=f"{scheme}, epoch %{{x}}: %{{y:.3f}}<extra></extra>",
            )
        )
    figure.update_layout(
        height=420,
        margin={"l": 8, "r": 8, "t": 8, "b": 40},
        xaxis={"title": "epoch", "dtick": max(1, _longest(study, regime) // 10)},
        yaxis={"title": _title(field), "type": "log" if field == "gradient_norm" else "linear"},
        legend={"orientation": "h", "y": -0.2},
    )
    return figure


def ends(study: Study, regime: str, field: str) -> str:
    """What ``curves`` shows, in words: each scheme's first and last mean over the seeds."""
    found = ((scheme, _by_epoch(study.of(regime, scheme), field)) for scheme in study.schemes)
    lines = [
        f"{scheme} {values[:, 0].mean():.3g} to {values[:, -1].mean():.3g}"
        for scheme, (epochs, values) in found
        if epochs
    ]
    return "; ".join(lines) or "nothing was recorded"


def _by_epoch(runs: tuple[Run, ...], field: str) -> tuple[list[int], np.ndarray]:
    """Epochs that every seed reached, and values (seeds, epochs); a missing value is a gap."""
    runs = tuple(run for run in runs if run.epochs)
    if not runs:
        return [], np.empty((0, 0))
    length = min(len(run.epochs) for run in runs)
    rows = [[getattr(e, field) for e in run.epochs[:length]] for run in runs]
    values = np.array([[np.nan if v is None else v for v in row] for row in rows], np.float64)
    if np.isnan(values).all():
        return [], np.empty((0, 0))
    return [e.epoch for e in runs[0].epochs[:length]], values


def _band(
    epochs: list[int], low: np.ndarray, high: np.ndarray, colour: str, scheme: str
) -> go.Scatter:
    red, green, blue = bytes.fromhex(colour[1:])
    return go.Scatter(
        x=[*epochs, *reversed(epochs)],
        y=[*high, *reversed(low)],
        mode="lines",
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},0.15)",
        line={"width": 0},
        legendgroup=scheme,
        showlegend=False,
        hoverinfo="skip",
    )


def _longest(study: Study, regime: str) -> int:
    return max((len(run.epochs) for run in study.of(regime)), default=1)


def _title(name: str) -> str:
    titles = {
        "auc": "AUC",
        "ece": "ECE",
        "validation_auc": "validation AUC",
        "gradient_norm": "gradient norm, first layer",
    }
    return titles.get(name, name.replace("_", " "))
