"""Where a gate is closed: the other installed models that know the image, each one click away."""

import streamlit as st

from xray_app.cards import ModelCard
from xray_app.core import GateReport, Radiograph
from xray_app.diagnosis import may_be_anothers
from xray_app.engines import models_of_others
from xray_app.presentation import known_by_sentence
from xray_app.ui.session.resources import known_to
from xray_app.ui.words import plain


def offer_other_models(card: ModelCard, radiograph: Radiograph, report: GateReport | None) -> None:
    """Say which other models know what the gate of this one stopped; no model changes unasked."""
    if not may_be_anothers(report) or not (others := models_of_others(card)):
        return
    known = [other for other in others if known_to(other, radiograph)]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f":material/info: {plain(known_by_sentence(known))}", width="content")
        for other in known:
            st.button(
                f"Use {plain(other.title)}",
                key=f"use_{other.name}",
                on_click=_use,
                args=(card, other),
                icon=":material/swap_horiz:",
            )


def _use(card: ModelCard, other: ModelCard) -> None:
    """Choose the model; who had the scheme of training chosen has the other's then."""
    st.session_state["model"] = other.name
    if st.session_state.get("scheme") == card.contract.scheme:
        st.session_state["scheme"] = other.contract.scheme
