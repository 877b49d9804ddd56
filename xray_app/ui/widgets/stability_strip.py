"""On request: what the model says of the same image, changed in ways that mean nothing."""

import streamlit as st

from xray_app.cards import ModelCard
from xray_app.core import Radiograph
from xray_app.diagnosis import ClassStability
from xray_app.presentation import stability_sentence
from xray_app.ui.session.resources import model_key, stability_of
from xray_app.ui.words import plain

_ASKED = "stability_asked"


def show_stability(card: ModelCard, radiograph: Radiograph) -> None:
    """A button, and once it was clicked a sentence and a strip of all changes."""
    key = (*model_key(card), radiograph.digest)
    asked = st.session_state.setdefault(_ASKED, set())
    if key not in asked:
        st.button(
            "Would it say the same of a slightly changed copy?",
            key="stability",
            on_click=asked.add,
            args=(key,),
            icon=":material/compare:",
            type="tertiary",
        )
        return
    found = stability_of(card, radiograph)
    box = st.warning if found.flips else st.success
    box(
        plain(stability_sentence(card, found)),
        icon=":material/change_circle:" if found.flips else ":material/check_circle:",
    )
    _show_strip(card, found)


def _show_strip(card: ModelCard, found: ClassStability) -> None:
    st.caption(f"Probability of {plain(card.label(found.predicted).lower())} after each change:")
    with st.container(horizontal=True, gap="small", key="stability_strip"):
        for version in found.versions:
            with st.container(border=True, width=128, gap=None):
                st.markdown(f"**{version.probability:.2f}**")
                st.caption(version.change)
                if version.flips:
                    st.caption(f":material/change_circle: {plain(card.label(version.predicted))}")
