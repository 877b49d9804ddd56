"""Uploaders whose files are still there after a look at another page.

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
    file = place.file_uploader(
        label, type=suffixes, key=key, help=help_text, on_change=let_go, args=(key,)
    )
    if file is not None:
        st.session_state[_kept(key)] = file
        return file
    kept = upload_of(key)
    if kept is not None:
        _offer_to_let_go(place, key, kept.name, "Let it go", let_go)
    return kept


def upload_of(key: str) -> UploadedFile | None:
    """The file that ``lasting_upload`` of this key holds or held, for a callback to look up."""
    kept: UploadedFile | None = st.session_state.get(_kept(key))
    return kept


def lasting_uploads(label: str, key: str, help_text: str | None = None) -> list[UploadedFile]:
    """As ``lasting_upload``, of any number of files: those that are put in later join the others.

    Returns:
        The files that it holds or held, until they are taken away or let go.
    """
    held = st.file_uploader(
        label, accept_multiple_files=True, key=key, help=help_text,
        on_change=_drop_taken_away, args=(key,),
    )  # fmt: skip
    kept = _kept_files(key)
    kept |= {file.file_id: file for file in held}
    st.session_state[_shown(key)] = {file.file_id for file in held}
    before = len(kept) - len(held)
    if before:
        names = f"{before} file{'s' if before > 1 else ''} from before"
        let_go_label = "Let them go" if before > 1 else "Let it go"
        _offer_to_let_go(st.container(), key, names, let_go_label, _drop_from_before)
    return list(kept.values())


def let_all_go(key: str) -> None:
    """Forget all files that ``lasting_uploads`` of this key holds or held."""
    forget(_kept_files(key).values())
    for name in (_kept(key), _shown(key)):
        st.session_state.pop(name, None)


def _drop_taken_away(key: str) -> None:
    """Called at a change by the visitor alone, and not where the page was left."""
    held = {file.file_id for file in st.session_state[key]}
    for gone in st.session_state.get(_shown(key), set()) - held:
        _kept_files(key).pop(gone, None)  # Streamlit itself has forgotten it


def _drop_from_before(key: str) -> None:
    kept, held = _kept_files(key), st.session_state.get(_shown(key), set())
    forget([kept.pop(name) for name in set(kept) - held])


def _kept_files(key: str) -> dict[str, UploadedFile]:
    files: dict[str, UploadedFile] = st.session_state.setdefault(_kept(key), {})
    return files


def _offer_to_let_go(
    place: DeltaGenerator, key: str, what: str, label: str, drop: Callable[[str], None]
) -> None:
    with place.container(horizontal=True, vertical_alignment="center"):
        st.caption(f":material/attach_file: Still here: {plain(what)}", width="content")
        # By key: a callback that held the file would hold it for the whole visit.
        st.button(
            label, key=f"drop_{key}", type="tertiary", icon=":material/close:", on_click=drop,
            args=(key,),
        )  # fmt: skip


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


def _shown(key: str) -> str:
    return f"shown_{key}"
