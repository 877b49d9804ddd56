"""What the sidebar's boxes offer in this script run, so that a key can go to the next choice.

A choice that a callback made is the server's alone: on another page Streamlit would forget it, but
for ``persist_state``.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

FOR_SESSION: Literal["session"] = "session"  # for ``persist_state`` of each box of the sidebar
_KEY, _LABELS = "offers", "offered_labels"


def clear_offers() -> None:
    """Forget them, at the start of a script run: not every box is drawn each time."""
    st.session_state[_KEY] = {}


def offer(key: str, options: Sequence[str]) -> None:
    """Keep what the box of this key offers."""
    st.session_state[_KEY][key] = tuple(options)


def keep_choice(key: str, options: Sequence[str], label: Callable[[str], str]) -> None:
    """Send a box's choice to the browser again where its label has changed, before drawing it.

    The browser keeps and sends back the label, which may be another for another model; a label
    that is none of the box's any more would stand for no choice.
    """
    chosen = next((each for each in options if each == st.session_state.get(key)), None)
    if chosen is None:
        return
    labels: dict[tuple[str, str], str] = st.session_state.setdefault(_LABELS, {})
    before, labels[key, chosen] = labels.get((key, chosen)), label(chosen)
    if before not in (None, labels[key, chosen]):
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
