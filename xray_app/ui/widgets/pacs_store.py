"""Storing a result in the study that its radiograph was fetched from: one click, confirmed."""

from collections.abc import Callable, Hashable
from datetime import datetime

import streamlit as st

from xray_app.pacs import Place, is_configured, pacs_settings
from xray_app.ui.session.cached_work import READERS, once
from xray_app.ui.widgets.choices.source import Source
from xray_app.ui.words import plain

_OPENED, _STORED = "pacs_opened", "pacs_stored"


def remember_place(source_key: str, place: Place) -> None:
    """Keep where in the PACS the open radiograph comes from, for this visit."""
    st.session_state[_OPENED] = (source_key, place)


def show_store(
    source: Source, result_key: Hashable, objects: Callable[[bytes], dict[str, bytes]]
) -> None:
    """Offer to store the result; nothing for a radiograph that was not opened from the PACS.

    Args:
        source: of the radiograph.
        result_key: stands for the result, which is stored once.
        objects: makes the DICOM objects, linked to the file whose bytes it is given.
    """
    key, place = st.session_state.get(_OPENED, ("", None))
    if place is None or key != source.key or not is_configured():
        return
    done = st.session_state.setdefault(_STORED, {})
    if result_key in done:
        st.success(done[result_key], icon=":material/cloud_done:")
        return
    with st.popover("Store in the PACS…", icon=":material/cloud_upload:"):
        _ask(source, place, result_key, objects)


def _ask(
    source: Source,
    place: Place,
    result_key: Hashable,
    objects: Callable[[bytes], dict[str, bytes]],
) -> None:
    from xray_app.documents.dicom import link_check
    from xray_app.pacs import store

    settings = pacs_settings()
    reason, missing = once(("link", source.key), lambda: link_check(source.data), READERS)
    if reason:
        st.warning(plain(reason), icon=":material/link_off:")
        return
    st.markdown(
        f"Into the same study at **{plain(settings.host)}**: the heatmap, the structured report, "
        "the window used and the report as PDF. Each says that it is **for research only** and "
        "unverified, and carries the patient's identifiers as the original does. It can't be "
        "taken back from here."
    )
    if missing:
        st.caption(plain(missing))
    if st.button("Store", key="pacs_store", type="primary", icon=":material/cloud_upload:"):
        done = st.session_state[_STORED]
        with st.spinner("Storing…"):
            count = store(settings, place.study, list(objects(source.data).values()))
            # Before any call of Streamlit, where a second click may end this run.
            done[result_key] = _receipt(count)
        st.rerun()


def _receipt(count: int) -> str:
    now = datetime.now().astimezone()
    return f"Stored in the PACS at {now:%H:%M}: {count} objects, in the same study."
