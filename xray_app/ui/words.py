"""Sentences and states that every page shows alike."""

from contextlib import AbstractContextManager

import streamlit as st

from xray_app.cards import ModelCard


def disclaimer(card: ModelCard) -> None:
    """The line that no page goes without."""
    st.caption(
        ":material/science: Research and teaching only, not a medical device. This model was "
        f"trained on {card.training_data.population}."
    )


def loading() -> AbstractContextManager[None]:
    """The visible state while a model is at work."""
    return st.spinner(
        "The model is at work. A finer layer needs TensorFlow, which loads the first time.",
        show_time=True,
    )
