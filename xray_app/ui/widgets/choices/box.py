"""A box of the sidebar: its choice follows from page to page, and keys go to the next one."""

from collections.abc import Callable, Sequence

import streamlit as st

from xray_app.core.text import distinct_names
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
    shown = told_apart(options, format_func)
    keep_choice(key, options, shown)
    return st.selectbox(
        label, options, key=key, format_func=shown, help=help_text, persist_state=FOR_SESSION
    )


def told_apart(options: Sequence[str], format_func: Callable[[str], str]) -> Callable[[str], str]:
    """What ``format_func`` says of each option, repeated labels numbered on.

    The browser sends the label back and not the option: of two that are called the same,
    Streamlit would always take the last.
    """
    labels = distinct_names(map(format_func, options))
    return dict(zip(options, labels, strict=True)).__getitem__
