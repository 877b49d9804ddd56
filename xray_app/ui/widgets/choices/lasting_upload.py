"""An uploader whose file is still there after a look at another page.

Streamlit forgets what the uploader of a page holds once that page is left, and no argument of it
keeps the file; the file itself stays in the server's memory for the session in any case.
"""

from collections.abc import Callable, Sequence

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
    place_in_session = f"kept_{key}"
    file = place.file_uploader(
        label, type=suffixes, key=key, help=help_text, on_change=_dropper(place_in_session)
    )
    if file is not None:
        st.session_state[place_in_session] = file
        return file
    kept: UploadedFile | None = st.session_state.get(place_in_session)
    if kept is not None:
        with place.container(horizontal=True, vertical_alignment="center"):
            st.caption(f":material/attach_file: Still here: {plain(kept.name)}", width="content")
            st.button(
                "Let it go", key=f"drop_{key}", type="tertiary", icon=":material/close:",
                on_click=_dropper(place_in_session, kept),
            )  # fmt: skip
    return kept


def _dropper(place_in_session: str, *files: UploadedFile) -> Callable[[], None]:
    def drop() -> None:
        st.session_state.pop(place_in_session, None)
        forget(files)

    return drop
