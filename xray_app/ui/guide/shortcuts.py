"""Keys for what is done a hundred times: the buttons that they press, and the list of them.

Streamlit runs a button's shortcut also where the button isn't seen, and not while somebody types.
Whoever dictates, or rests a hand on the keyboard, can turn the single keys off (WCAG 2.1.4).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from xray_app.core.images import OPACITY
from xray_app.ui.help_key import AREAS, COMPARE, GO_ON, HELP, HELP_SCRIPT
from xray_app.ui.navigation import page_of
from xray_app.ui.session.offers import choose_next
from xray_app.ui.widgets.sidebar import current_selection

HIDDEN = "shortcuts"  # the key of the container that only the keyboard reaches
_OFF, _COVERED = "keys_are_off", "opacity_before"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One key; ``press`` is the callback of its button."""

    key: str
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
    "next": Shortcut("N", "Next radiograph", partial(choose_next, *_RADIOGRAPH)),
    "previous": Shortcut("P", "Previous radiograph", partial(choose_next, *_RADIOGRAPH, step=-1)),
    "scheme": Shortcut("S", "Next scheme", partial(choose_next, "scheme")),
    "trained": Shortcut("T", "The scheme of training", _as_trained),
    "overlay": Shortcut("O", "Heatmap on and off", _overlay),
    "explanation": Shortcut("E", "Next explanation", partial(choose_next, "explanation")),
}
LISTED = {
    **{each.key: each.does for each in SHORTCUTS.values()},
    COMPARE: "Compare schemes, and back to Diagnose",
    GO_ON: "Next step of the tour",
    HELP: "This list",
}


def _are_on() -> bool:
    return not st.session_state.get(_OFF, False)


def pressed_by(key: str) -> AbstractContextManager[object]:
    """A container whose link or button one of the keys of ``AREAS`` clicks, unless turned off."""
    return st.container(key=AREAS[key] if _are_on() else f"not_{AREAS[key]}", width="content")


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
        with st.container(key=HIDDEN):
            st.html(f"<script>{HELP_SCRIPT}</script>", unsafe_allow_javascript=True)
            for name, each in SHORTCUTS.items():
                key = each.key if _are_on() else None
                st.button(each.does, key=f"key_{name}", on_click=each.press, shortcut=key)
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
        "They do nothing while a text field, a list, a slider or a switch has the focus: click "
        "beside it, or press Tab until a button or a link has it."
    )
    if st.button("Turn them off" if _are_on() else "Turn them on", key="turn_keys"):
        st.session_state[_OFF] = _are_on()
        st.rerun()
