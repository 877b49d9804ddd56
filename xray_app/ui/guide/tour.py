"""The guided tour: a card above the page that names the step, says what was measured, leads on.

The step stands in the address, and each is a link: a link, unlike a switch of the page, takes along
what a visitor uploaded. Whoever changes something on the way, or goes to another page, keeps a line
that leads back to the step.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from xray_app.core import UnknownChoice
from xray_app.engines import default_model, find_card
from xray_app.ui.guide.shortcuts import offer_keys, pressed_by
from xray_app.ui.guide.steps import SAMPLE, STEPS, Step
from xray_app.ui.key_script import GO_ON
from xray_app.ui.navigation import page_of
from xray_app.ui.widgets.choices.source import (
    close_sample,
    close_source,
    open_source,
    sample_source,
)
from xray_app.ui.widgets.sidebar import ADDRESS, current_selection
from xray_app.ui.words import plain

PARAMETER = "tour"
_LEFT, _RAN = "tour_left", "tour_ran"


def offer_tour() -> None:
    """A link that starts it, where no tour is under way."""
    if _number() is None:
        with st.container(key="tour_start", width="content"):
            _link(1, "Tour in five steps", "tour")


def take_from_address() -> None:
    """Take over the step that the address names, if it is another than the one under way.

    To be called before the sidebar is drawn.
    """
    asked = st.query_params.get(PARAMETER)
    if st.session_state.pop(_LEFT, False) or asked in (None, str(_number())):
        return
    known = [str(number) for number in range(1, len(STEPS) + 1)]
    if asked not in known:
        unknown = UnknownChoice.of("step of the tour", asked, known)
        st.warning(plain(unknown), icon=":material/link_off:")
        return
    _show(int(asked))


@contextmanager
def guide(page: StreamlitPage) -> Iterator[None]:
    """Draw the keys, and the tour's card; what that says comes after the page, from its results."""
    st.session_state[_RAN] = True
    offer_keys(page)
    number = _number()
    if number is None:
        yield
        return
    step = STEPS[number - 1]
    seen = _is_seen(step, page)
    with st.container(border=True, key="tour"):
        st.markdown(f"**Tour, step {number} of {len(STEPS)}: {step.title}**")
        text = st.empty()
        _draw_links(number, seen=seen)
    if seen:
        text.caption("…")
    yield
    if seen:
        selection = current_selection()
        text.markdown(step.tell(selection.card, selection.choices))


def _draw_links(number: int, *, seen: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if not seen:
            _link(number, "Back to this step", "undo")
        elif number < len(STEPS):
            with pressed_by(GO_ON):
                _link(number + 1, f"Next: {STEPS[number].title}", "arrow_forward")
        if seen and number > 1:
            _link(number - 1, "Back", "arrow_back")
        st.button(
            "Leave" if number < len(STEPS) else "End", key="tour_leave", type="tertiary",
            icon=":material/close:", on_click=_leave,
        )  # fmt: skip


def _link(number: int, label: str, icon: str) -> None:
    st.page_link(
        page_of(STEPS[number - 1].file),
        label=label,
        icon=f":material/{icon}:",
        query_params={PARAMETER: str(number)},
        width="content",
    )


def _number() -> int | None:
    number: int | None = st.session_state.get(ADDRESS, {}).get(PARAMETER)
    return number


def _is_seen(step: Step, page: StreamlitPage) -> bool:
    if page.url_path != page_of(step.file).url_path:
        return False
    selection = current_selection()
    return not step.on_sample or (
        selection.source.key == sample_source(SAMPLE).key
        and selection.scheme.name == step.scheme_of(selection.card)
    )


def _show(number: int) -> None:
    """Choose in the sidebar what the step shows; whatever else a new visitor's link names stays."""
    step = STEPS[number - 1]
    close_source()
    st.session_state[ADDRESS] = {PARAMETER: number}
    chosen = {
        "model": default_model(),
        "scheme": step.scheme_of(find_card(default_model())),
        "sample": SAMPLE,
    }
    for key, value in chosen.items():
        if _RAN in st.session_state or key not in st.query_params:
            st.session_state[key] = value
    if step.on_sample and st.session_state.get("uploads"):
        open_source(sample_source(SAMPLE))


def _leave() -> None:
    close_sample()
    st.session_state[ADDRESS] = {}
    st.session_state[_LEFT] = True
