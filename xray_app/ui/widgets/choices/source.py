"""Where the radiograph comes from: an upload, a sample, or another page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from xray_app.core import FileTooLarge, InputError
from xray_app.core.text import distinct_names
from xray_app.readers import MAX_FILE_BYTES, READERS, is_archive
from xray_app.samples import list_samples, read_sample, sample_label
from xray_app.ui.session.resources import files_in
from xray_app.ui.session.uploads import MAX_VISITOR_BYTES
from xray_app.ui.widgets.choices.box import select
from xray_app.ui.words import plain

# One zip is held to that as well, so all together to twice as much.
_MAX_INFLATED = MAX_FILE_BYTES
_OPENED, _BEFORE = "opened", "opened_before"
# The uploads of this script run; those that were there when another page opened a radiograph.
_UPLOADS, _FORGOTTEN, _THEN = "uploads_now", "uploads_forgotten", "uploads_then"


@dataclass(frozen=True, slots=True)
class Source:
    """Where the radiograph comes from.

    ``key`` stands for the bytes of ``data``; ``error`` says why there is nothing to read in them,
    and waits for the page, so that the rest of the sidebar is drawn all the same. ``origin`` says
    where another page took it from.
    """

    key: str
    label: str
    data: bytes
    is_sample: bool
    error: InputError | None = None
    origin: str = "the batch"


def open_source(source: Source, frame: int = 1) -> None:
    """Make a radiograph that another page holds the current one, until the visitor changes it."""
    before: Source | None = st.session_state.get(_OPENED)
    if before is not None and before.key != source.key:
        st.session_state[_BEFORE] = before
    st.session_state[_OPENED] = source
    uploads = st.session_state.get("uploads") or []
    st.session_state[_FORGOTTEN], st.session_state[_THEN] = uploads, _ids(uploads)
    st.session_state[f"frame_{source.key}"] = frame  # also 1, after a look at another


def close_source() -> None:
    """Go back to the radiograph that the sidebar's own boxes choose."""
    for name in (_OPENED, _BEFORE, _FORGOTTEN):
        st.session_state.pop(name, None)


def close_sample() -> None:
    """Close a sample that the tour opened; what the visitor opened stays."""
    opened: Source | None = st.session_state.get(_OPENED)
    if opened is not None and opened.is_sample:
        close_source()


def sample_source(name: str) -> Source:
    """The sample of this name."""
    return Source(f"sample:{name}", f"{sample_label(name)} (AI-generated)", read_sample(name), True)


def choose_source() -> Source:
    """Draw the uploader and the box of what there is to choose from."""
    formats = ", ".join(reader.label for reader in READERS.values())
    uploads = st.file_uploader(
        "Radiograph",
        accept_multiple_files=True,
        key="uploads",
        help=f"Read here: {formats}, or a zip of them. At most "
        f"{MAX_VISITOR_BYTES // 1_000_000} MB of files at a time, on all pages together.",
        on_change=_take_change,
    )
    st.session_state[_UPLOADS] = uploads or st.session_state.get(_FORGOTTEN, [])
    opened: Source | None = st.session_state.get(_OPENED)
    if opened is not None:
        st.caption(f"{_where(opened)}: {plain(opened.label)}")
        st.button("Let it go", key="let_go", on_click=close_source, icon=":material/close:")
        return opened
    files = _uploaded_files()
    if not files:
        name = select("or an AI-generated sample", list_samples(), "sample", sample_label)
        return sample_source(name)
    shown = next(iter(files))
    if len(files) > 1:
        shown = select("Shown", tuple(files), "shown", lambda key: files[key].label)
    return files[shown]


def _take_change() -> None:
    """Show what was uploaded or taken away, in place of what another page opened.

    ``st.switch_page`` makes the server forget what the uploader holds, and the browser sends it
    again with the next click: that is no change.
    """
    st.session_state.pop(_FORGOTTEN, None)
    if _ids(st.session_state["uploads"]) != st.session_state.pop(_THEN, None):
        close_source()


def _ids(uploads: Sequence[UploadedFile]) -> set[str]:
    return {upload.file_id for upload in uploads}


def _where(opened: Source) -> str:
    if opened.is_sample:
        return ":material/tour: Of the tour"
    return f":material/input: Opened from {opened.origin}"


def sources_beside(current: Source) -> dict[str, Source]:
    """What else the visitor has, by key: what was open before, other uploads, the samples."""
    before: Source | None = st.session_state.get(_BEFORE)
    files = {before.key: before} if before is not None else {}
    files |= _uploaded_files()
    files |= {sample.key: sample for sample in map(sample_source, list_samples())}
    return {key: file for key, file in files.items() if key != current.key and file.error is None}


def _uploaded_files() -> dict[str, Source]:
    """What is uploaded, by key; what is in zips is unpacked by the bounded cache, and not kept."""
    uploads: Sequence[UploadedFile] = st.session_state.get(_UPLOADS, [])
    found: dict[str, Source] = {}
    inflated = 0
    for upload in uploads:
        files = _unpacked(upload, inflated)
        inflated += sum(len(file.data) for key, file in files.items() if key != upload.file_id)
        found |= files
    return _told_apart(found)


def _told_apart(files: Mapping[str, Source]) -> dict[str, Source]:
    """The files with repeated names numbered on, alike wherever they are named."""
    names = distinct_names(file.label for file in files.values())
    renamed = zip(files.items(), names, strict=True)
    return {key: replace(file, label=name) for (key, file), name in renamed}


def _unpacked(upload: UploadedFile, inflated: int) -> dict[str, Source]:
    """The upload by a key that stands for its bytes; a zip counts as the files in it.

    ``inflated`` is how many bytes came out of the zips before it: many small ones can fill the
    server's memory.
    """
    data = upload.getvalue()
    if not is_archive(data):
        return {upload.file_id: Source(upload.file_id, upload.name, data, False)}
    try:
        _check_room(inflated)
        files = files_in(upload.file_id, upload.name, data)
    except InputError as error:
        return {upload.file_id: Source(upload.file_id, upload.name, data, False, error)}
    keys = (f"{upload.file_id}/{place}" for place in range(len(files)))
    return {key: Source(key, *file, False) for key, file in zip(keys, files, strict=True)}


def _check_room(inflated: int) -> None:
    if inflated >= _MAX_INFLATED:
        raise FileTooLarge(
            f"Expected at most {_MAX_INFLATED // 1_000_000} MB in all zips together, received "
            f"{inflated / 1e6:.0f} MB in those before this one; take some away."
        )
