"""Curves of training, a figure for each regime, on one scale, so that they can be compared."""

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
_TITLES = {
    "validation_loss": "validation loss",
    "validation_auc": "validation AUC",
    "loss": "training loss",
    "gradient_norm": "gradient norm, first layer",
}


def curves(study: Study, regime: str, field: str) -> go.Figure:
    """One line a scheme, the mean over the seeds by epoch, with a band from lowest to highest.

    Args:
        study: any study.
        regime: one of its regimes; the figures of all have one vertical scale.
        field: a field of ``EpochRecord``.
    """
    figure = plot(_lines(study, regime, field))
    longest = max((len(run.epochs) for run in study.of(regime)), default=1)
    logarithmic = field != "validation_auc"
    figure.update_layout(
        height=340,
        margin={"l": 8, "r": 8, "t": 8, "b": 136},  # of all alike, so that the panels align
        xaxis={
            "title": {"text": "epoch", "standoff": 8},
            "dtick": max(1, longest // 6),
            "fixedrange": True,
        },
        yaxis={
            "title": _TITLES[field],
            "type": "log" if logarithmic else "linear",
            "range": _extent(study, field, logarithmic=logarithmic),
            "fixedrange": True,
        },
        legend={"orientation": "h", "yref": "container", "y": 0.27, "yanchor": "top"},
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


def _extent(study: Study, field: str, *, logarithmic: bool) -> list[float] | None:
    """Lowest to highest value of all regimes with a little room, as Plotly wants a range."""
    found = [getattr(epoch, field) for run in study.runs for epoch in run.epochs]
    values = np.array([v for v in found if v is not None and (v > 0 or not logarithmic)])
    if not len(values):
        return None
    ends = np.log10(values) if logarithmic else values
    room = 0.04 * float(np.ptp(ends)) or 0.04
    return [float(ends.min()) - room, float(ends.max()) + room]


def _lines(study: Study, regime: str, field: str) -> list[go.Scatter]:
    traces = []
    for i, scheme in enumerate(study.schemes):
        epochs, values = _by_epoch(study.of(regime, scheme), field)
        if not epochs:
            continue
        colour = _COLOURS[i % len(_COLOURS)]
        if len(values) > 1:
            traces.append(_band(epochs, values, colour, scheme))
        traces.append(
            go.Scatter(
                x=epochs,
                y=values.mean(axis=0).filled(np.nan),  # a gap
                name=scheme,
                legendgroup=scheme,
                mode="lines",
                line={"color": colour, "dash": _DASHES[i % len(_DASHES)], "width": 2},
                hovertemplate=f"{scheme}, epoch %{{x}}: %{{y:.3f}}<extra></extra>",
            )
        )
    return traces


def _by_epoch(runs: tuple[Run, ...], field: str) -> tuple[list[int], np.ma.MaskedArray]:
    """Epochs up to the last with a value, and values (seeds, epochs), the missing ones masked."""
    longest = max((len(run.epochs) for run in runs), default=0)
    values = np.full((len(runs), longest), np.nan)
    for row, run in zip(values, runs, strict=True):
        row[: len(run.epochs)] = [
            np.nan if (value := getattr(e, field)) is None else value for e in run.epochs
        ]
    known = np.flatnonzero(np.isfinite(values).any(axis=0))
    reached = int(known[-1]) + 1 if len(known) else 0
    return list(range(1, reached + 1)), np.ma.masked_invalid(values[:, :reached])


def _band(epochs: list[int], values: np.ma.MaskedArray, colour: str, scheme: str) -> go.Scatter:
    low, high = (ends.filled(np.nan) for ends in (values.min(axis=0), values.max(axis=0)))
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
