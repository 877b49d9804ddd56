"""One of two models on the radiograph: gate, verdict, prediction, heatmap."""

import streamlit as st

from xray_app.core import Radiograph
from xray_app.diagnosis import Diagnosis, ModelSide
from xray_app.gate import OUTSIDE, is_outside
from xray_app.presentation import (
    certainty,
    heat_caption,
    is_meaningful,
    lungs_note,
    map_worth_of,
    outlined,
    overlay_on,
    where_sentence,
)
from xray_app.ui.charts import figures
from xray_app.ui.session.resources import display_of
from xray_app.ui.widgets.explanation_choice import checked
from xray_app.ui.widgets.gate_view import show_gate
from xray_app.ui.widgets.sidebar import Selection
from xray_app.ui.words import plain, show_verdict


def show_side(
    letter: str,
    side: ModelSide,
    result: Diagnosis | None,
    selection: Selection,
    radiograph: Radiograph,
) -> bool:
    """Draw all but the heatmap.

    Args:
        letter: "A" or "B".
        side: the model.
        result: what is shown; None where its card lacks figures for the scheme.
        selection: what is chosen in the sidebar.
        radiograph: the same for both.

    Returns:
        Whether the prediction may be shown.
    """
    card = side.card
    st.header(f"{letter}: {plain(card.title)}")
    st.caption(f"Knows {plain(card.training_data.population)}.")
    result_key = f"{card.name} {radiograph.digest}"
    shown = show_gate(side.trained.gate, selection.source.key, result_key, letter)
    if result is None:
        st.info("Its card states no mean and deviation, which this scheme needs.")
        return shown
    show_verdict(result.contract, result.scheme)
    if shown:
        _show_prediction(letter, side, result)
    return shown


def _show_prediction(letter: str, side: ModelSide, result: Diagnosis) -> None:
    card, prediction = side.card, result.prediction
    said = f"{plain(card.label(prediction.predicted))} {prediction.top_probability:.2f}"
    meaningful = is_meaningful(result)
    st.subheader(said if meaningful else f":gray[~~{said}~~]")
    labels = [card.label(name) for name in prediction.classes]
    st.plotly_chart(
        figures.probability_bars(prediction, labels, meaningful=meaningful),
        config=figures.PLAIN | {"staticPlot": True},
        key=f"two_probabilities_{letter}",
        alt=f"Probabilities of {letter}: "
        + ", ".join(
            f"{name} {value:.2f}"
            for name, value in zip(labels, prediction.probabilities, strict=True)
        ),
    )
    if is_outside(result.gate):
        st.caption(f":material/block: This is {OUTSIDE}.")
    elif meaningful:
        st.caption(plain(certainty(card, result)))


def show_map(
    letter: str, side: ModelSide, result: Diagnosis, selection: Selection, radiograph: Radiograph
) -> None:
    """Draw the heatmap on the radiograph; arguments as for ``show_side``."""
    image = overlay_on(display_of(radiograph), result, selection.opacity, selection.colour_map)
    if selection.outlines and result.lungs.lungs:
        image = outlined(image, result.lungs.lungs, result.box)
    caption, saliency = heat_caption(side.card, result), result.saliency
    where = lungs_note(saliency, result.lungs) or where_sentence(saliency)
    st.image(image, alt=f"Heatmap of {letter}. {caption}. {where}", width="stretch")
    top, unit = result.saliency_scale, saliency.unit
    scale = f" Colours up to {top:.3g} {unit}." if top > 0.0 else ""
    worth = map_worth_of(result, checked(side.card))
    st.caption(plain(f"{letter}: {caption}. {where}{scale}{f' {worth}' if worth else ''}"))
