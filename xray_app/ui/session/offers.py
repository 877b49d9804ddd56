"""What the sidebar's boxes offer in this script run, so that a key can go to the next choice.

A choice that a callback made is the server's alone: on another page Streamlit would forget it, but
for ``persist_state``.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

FOR_SESSION: Literal["session"] = "session"  # for ``persist_state`` of each box of the sidebar
_KEY, _DRAWN = "offers", "offers_drawn"  # of the last sidebar that was whole, and of this one
_LABELS = "offered_labels"


def begin_offers() -> None:
    """Begin anew with a script run: not every box is drawn each time."""
    st.session_state[_DRAWN] = {}


def offer(key: str, options: Sequence[str]) -> None:
    """Keep what the box of this key offers."""
    st.session_state[_DRAWN][key] = tuple(options)


def end_offers() -> None:
    """Let keys choose from them; one that interrupts a run before this uses the ones before."""
    st.session_state[_KEY] = st.session_state[_DRAWN]


def keep_choice(key: str, options: Sequence[str], label: Callable[[str], str]) -> None:
    """Send a box's choice to the browser again where its label has changed, before drawing it.

    The browser keeps and sends back the label, which may be another for another model; a label
    that is none of the box's any more would stand for no choice.
    """
    chosen = next((each for each in options if each == st.session_state.get(key)), None)
    if chosen is None:
        return
    labels: dict[str, tuple[str, str]] = st.session_state.setdefault(_LABELS, {})
    before, labels[key] = labels.get(key), (chosen, label(chosen))
    if before is not None and before[0] == chosen and before != labels[key]:
        st.session_state[key] = chosen


def choose_next(*keys: str, step: int = 1) -> None:
    """Move the first of these boxes that was drawn on by ``step``, past the end to the start.

    To be called before the boxes are drawn, that is, in a callback.
    """
    offers: dict[str, tuple[str, ...]] = st.session_state.get(_KEY, {})
    key = next((key for key in keys if key in offers), None)
    if key is None:
        return
    options = offers[key]
    chosen = st.session_state.get(key)
    place = options.index(chosen) + step if chosen in options else 0
    st.session_state[key] = options[place % len(options)]
