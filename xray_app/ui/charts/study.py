"""The train x inference matrix of a study."""

import numpy as np
import plotly.graph_objects as go

from xray_app.study import Study
from xray_app.ui.charts.figures import plot

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
            "title": {"text": _title(metric), "side": "bottom"},
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


def _title(name: str) -> str:
    return {"auc": "AUC", "ece": "ECE"}.get(name, name)
