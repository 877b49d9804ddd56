"""Keys for what is done a hundred times: the buttons that they press, and the list of them.

Whoever dictates, or rests a hand on the keyboard, can turn the single keys off (WCAG 2.1.4).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from xray_app.core.images import OPACITY
from xray_app.ui.key_script import AREAS, COMPARE, GO_ON, HELP, KEYS, OFF, ON
from xray_app.ui.navigation import page_of
from xray_app.ui.session.offers import choose_next
from xray_app.ui.widgets.sidebar import current_selection

_OFF, _COVERED = "keys_are_off", "opacity_before"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """What one key does; ``press`` is the callback of its button."""

    does: str
    press: Callable[[], None]


def _as_trained() -> None:
    st.session_state["scheme"] = current_selection().card.contract.scheme


def _overlay() -> None:
    opacity = st.session_state.get("opacity", OPACITY)
    if opacity:
        st.session_state[_COVERED] = opacity
    st.session_state["opacity"] = 0.0 if opacity else st.session_state.get(_COVERED, OPACITY)


_RADIOGRAPH = ("shown", "sample")
SHORTCUTS = {
    "key_next": Shortcut("Next radiograph", partial(choose_next, *_RADIOGRAPH)),
    "key_previous": Shortcut("Previous radiograph", partial(choose_next, *_RADIOGRAPH, step=-1)),
    "key_scheme": Shortcut("Next scheme", partial(choose_next, "scheme")),
    "key_trained": Shortcut("The scheme of training", _as_trained),
    "key_overlay": Shortcut("Heatmap on and off", _overlay),
    "key_explanation": Shortcut("Next explanation", partial(choose_next, "explanation")),
}
LISTED = {
    **{KEYS[name]: each.does for name, each in SHORTCUTS.items()},
    COMPARE: "Compare schemes, and back to Diagnose",
    GO_ON: "Next step of the tour",
    HELP: "This list",
}


def _are_on() -> bool:
    return not st.session_state.get(_OFF, False)


def pressed_by(key: str) -> AbstractContextManager[object]:
    """A container whose link or button one of the keys of ``AREAS`` clicks."""
    return st.container(key=AREAS[key], width="content")


def offer_keys(page: StreamlitPage) -> None:
    """Draw the button that lists the keys, and what the keys press."""
    with st.sidebar:
        with pressed_by(HELP):
            asked = st.button(
                "Keyboard shortcuts (?)" if _are_on() else "Keyboard shortcuts, turned off",
                key="list_keys",
                type="tertiary",
                icon=":material/keyboard:",
            )
        with st.container(key=ON if _are_on() else OFF):
            for name, each in SHORTCUTS.items():
                st.button(each.does, key=name, on_click=each.press)
            with pressed_by(COMPARE):
                compare = page_of("compare.py")
                is_there = page.url_path == compare.url_path
                st.page_link(page_of("diagnose.py") if is_there else compare)
    if asked:
        _list_keys()


@st.dialog("Keyboard shortcuts", icon=":material/keyboard:")
def _list_keys() -> None:
    st.table(
        {"Key": [f"`{key}`" for key in LISTED], "What it does": list(LISTED.values())},
        border="horizontal",
        hide_index=True,
    )
    st.caption(
        "They do nothing while a text field or a list has the focus: click beside it, or press Tab "
        "until a button or a link has it. The viewer has keys of its own, listed under it."
    )
    if st.button("Turn them off" if _are_on() else "Turn them on", key="turn_keys"):
        st.session_state[_OFF] = _are_on()
        st.rerun()
