"""Figures of the page "Inside the model"."""

import plotly.graph_objects as go

from xray_app.inspection import SchemeReach
from xray_app.ui.charts.figures import CHOSEN, MUTED, REFERENCE, plot

_COLOURS = {"matches": CHOSEN, "contrast": CHOSEN, "mismatch": REFERENCE}


def reach_chart(reaches: tuple[SchemeReach, ...], training: tuple[float, float]) -> go.Figure:
    """One bar a scheme: what the radiograph spans at the first convolution.

    The band is what training spanned; a bar much narrower than the band is an image that is gone.
    """
    figure = plot()
    figure.add_vrect(
        x0=training[0], x1=training[1], fillcolor=MUTED, opacity=0.22, line_width=0, layer="below"
    )
    for reach in reaches:
        colour = _COLOURS[reach.verdict]
        figure.add_trace(
            go.Scatter(
                x=reach.image,
                y=[reach.scheme] * 2,
                mode="lines+markers",
                line={"color": colour, "width": 7},
                # A tick at each end keeps the narrowest bar visible.
                marker={"symbol": "line-ns", "size": 13, "line": {"color": colour, "width": 3}},
                hovertemplate=f"{reach.scheme}: %{{x:.4g}}<extra>{reach.headline}</extra>",
                showlegend=False,
            )
        )
    figure.update_layout(
        height=70 + 30 * len(reaches),
        margin={"l": 8, "r": 8, "t": 8, "b": 44},
        xaxis={"title": "value at the first convolution", "fixedrange": True, "zeroline": False},
        yaxis={"autorange": "reversed", "fixedrange": True, "ticksuffix": "  "},
    )
    return figure
