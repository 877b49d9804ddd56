"""An uploader whose file is still there after a look at another page.

Streamlit forgets what the uploader of a page holds once that page is left, and no argument of it
keeps the file; the file itself stays in the server's memory for the session in any case.
"""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from xray_app.ui.session.uploads import forget
from xray_app.ui.words import plain


def lasting_upload(
    place: DeltaGenerator,
    label: str,
    key: str,
    suffixes: Sequence[str] | None = None,
    help_text: str | None = None,
) -> UploadedFile | None:
    """Draw it, and below it the file that it held when the page was left.

    Args:
        place: where.
        label: of the uploader.
        key: of the uploader, and of its file in the session.
        suffixes: of the files that are taken, without dots; None for all.
        help_text: beside the label.

    Returns:
        The file that it holds or held.
    """
    file = place.file_uploader(
        label, type=suffixes, key=key, help=help_text, on_change=let_go, args=(key,)
    )
    if file is not None:
        st.session_state[_kept(key)] = file
        return file
    kept: UploadedFile | None = st.session_state.get(_kept(key))
    if kept is not None:
        with place.container(horizontal=True, vertical_alignment="center"):
            st.caption(f":material/attach_file: Still here: {plain(kept.name)}", width="content")
            # By key: a callback that held the file would hold it for the whole visit.
            st.button(
                "Let it go", key=f"drop_{key}", type="tertiary", icon=":material/close:",
                on_click=let_go, args=(key,),
            )  # fmt: skip
    return kept


def let_go(key: str) -> None:
    """Forget the file that the uploader of this key held, unless it still holds it."""
    kept: UploadedFile | None = st.session_state.pop(_kept(key), None)
    held: UploadedFile | None = st.session_state.get(key)
    if kept is not None and (held is None or held.file_id != kept.file_id):
        forget([kept])


def hand_on(key: str, other: str) -> None:
    """Let the uploader ``other`` have what the one of ``key`` held."""
    kept: UploadedFile | None = st.session_state.pop(_kept(key), None)
    if kept is not None:
        st.session_state[_kept(other)] = kept


def _kept(key: str) -> str:
    return f"kept_{key}"
