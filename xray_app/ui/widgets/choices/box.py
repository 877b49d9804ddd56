"""A box of the sidebar: its choice follows from page to page, and keys go to the next one."""

from collections.abc import Callable, Sequence

import streamlit as st

from xray_app.ui.session.offers import FOR_SESSION, keep_choice, offer

CUSTOM = "custom"  # leads to further boxes, so no key stops at it


def select(
    label: str,
    options: Sequence[str],
    key: str,
    format_func: Callable[[str], str] = str,
    help_text: str | None = None,
) -> str:
    """Draw one; ``key`` is of the visitor's session as well."""
    offer(key, [option for option in options if option != CUSTOM])
    keep_choice(key, options, format_func)
    return st.selectbox(
        label, options, key=key, format_func=format_func, help=help_text, persist_state=FOR_SESSION
    )
