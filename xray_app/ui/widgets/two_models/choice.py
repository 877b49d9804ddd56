"""Which model stands beside the one of the sidebar, and what both are fed."""

from collections.abc import Sequence

import streamlit as st

from xray_app.cards import ModelCard
from xray_app.engines import find_card, list_models
from xray_app.presentation.two_models import LETTERS
from xray_app.ui.session.offers import FOR_SESSION
from xray_app.ui.session.own_model import own_model
from xray_app.ui.widgets.choices.box import told_apart
from xray_app.ui.widgets.sidebar import SECOND, WITH

_FED, _TRAINED = "two_fed", "trained"


def choose_second(first: ModelCard) -> ModelCard | None:
    """Any other installed model, or the visitor's own; None where there is no other."""
    cards = {name: find_card(name) for name in list_models()}
    own = own_model().card
    if own is not None:  # first, since who brought one wants to see it
        cards = {own.name: own} | cards
    cards.pop(first.name, None)
    if not cards:
        return None
    if st.session_state.get(SECOND) not in cards:
        st.session_state[SECOND] = next(iter(cards))
    chosen: str = st.selectbox(
        "Second model, B",
        tuple(cards),
        key=SECOND,
        format_func=told_apart(list(cards), lambda name: cards[name].title),
        persist_state=FOR_SESSION,
        help="A is the model of the sidebar. Your own joins the list once it is in use on the page "
        "Inside the model.",
    )
    _keep_in_address(cards[chosen])
    return cards[chosen]


def _keep_in_address(second: ModelCard) -> None:
    """At once, not only in the next run; the sidebar, which writes the rest, keeps it."""
    if second.brought is None and st.query_params.get(WITH) != second.name:
        st.query_params[WITH] = second.name


def choose_fed(first: ModelCard, second: ModelCard, schemes: Sequence[str]) -> str | None:
    """The scheme that both are fed; None where each is fed as it was trained."""
    owners = {
        name: [
            letter
            for letter, card in zip(LETTERS, (first, second), strict=True)
            if card.contract.scheme == name
        ]
        for name in schemes
    }

    def label(name: str) -> str:
        if name == _TRAINED:
            return "Each as it was trained"
        of = f"as {' and '.join(owners[name])}" if owners[name] else "as in the sidebar"
        return f"Both `{name}`, {of}"

    options = (_TRAINED, *schemes)
    if st.session_state.get(_FED) not in options:
        st.session_state[_FED] = _TRAINED
    chosen: str = st.radio(  # which goes on in another line where there is little room
        "Fed", options, key=_FED, format_func=label, horizontal=True, persist_state=FOR_SESSION
    )
    return None if chosen == _TRAINED else chosen
