"""Many radiographs through one scheme and one model: a table to look through and take away."""

import streamlit as st

from xray_app.batch import Item, check_scheme
from xray_app.core import XrayAppError
from xray_app.ui.batch.downloads import show_downloads
from xray_app.ui.batch.figures import labels_key, show_labels
from xray_app.ui.batch.jobs import Job
from xray_app.ui.batch.records import MAX_BYTES, MAX_FILES, Entry, JobView, Order
from xray_app.ui.batch.session_job import SessionJob, own_session_job
from xray_app.ui.batch.table import choose_entries, count_sentence, show_table
from xray_app.ui.navigation import page_of
from xray_app.ui.session.offers import FOR_SESSION
from xray_app.ui.session.resources import engine_for, model_key
from xray_app.ui.widgets.choices.lasting_upload import (
    hand_on,
    lasting_uploads,
    let_all_go,
    let_go,
)
from xray_app.ui.widgets.choices.source import Source, open_source
from xray_app.ui.widgets.sidebar import Selection, current_selection
from xray_app.ui.words import disclaimer, plain

_UPLOADS = "batch_uploads"


def _page() -> None:
    selection = current_selection()
    session_job = own_session_job()
    st.title("Many radiographs at once")
    disclaimer(selection.card)
    job = session_job.job
    if job is None:
        _show_start(selection, session_job)
        return
    view = job.view()
    if view.is_busy:
        _watch(job)
        return
    _show_results(selection, session_job, job, view)


def _show_start(selection: Selection, session_job: SessionJob) -> None:
    st.markdown(
        "Put in radiographs, or a zip of them. Each is scored with the model and the scheme that "
        "the sidebar names, and becomes a row of a table that you can look through, compare with "
        "labels and download. You may go to another page meanwhile."
    )
    uploads = lasting_uploads(
        "Radiographs, or a zip of them",
        _UPLOADS,
        f"At most {MAX_FILES} files and {MAX_BYTES // 1_000_000} MB, unpacked.",
    )
    overlays = st.toggle(
        "Also make overlays",
        key="batch_overlays",
        persist_state=FOR_SESSION,
        help="A heatmap over each radiograph, to download as a zip. Takes more time and memory.",
    )
    if st.button(
        "Start", type="primary", disabled=not uploads, icon=":material/play_arrow:",
        key="batch_start",
    ):  # fmt: skip
        items = tuple(Item(upload.name, data=upload.getvalue()) for upload in uploads)
        _start(selection, session_job, items, overlays=overlays)
    st.caption(
        ":material/shield_person: The files stay in this server's memory and are gone with “Clear” "
        "or two minutes after you leave. Nothing is written to its disk."
    )


def _start(
    selection: Selection,
    session_job: SessionJob,
    items: tuple[Item, ...],
    *,
    overlays: bool,
) -> None:
    try:
        order = Order(items, model_key(selection.card), selection.scheme.name, overlays)
        engine = engine_for(selection.card)
        check_scheme(engine.card, order.scheme)
        before = session_job.job  # whose rows stay until the new job is made
        job = Job(engine, order)
        session_job.start(job)
        if before is not None:  # the same files once more
            hand_on(labels_key(before), labels_key(job))
    except XrayAppError as error:
        st.error(plain(error), icon=":material/error:")
        return
    let_all_go(_UPLOADS)
    st.rerun()


def _clear(session_job: SessionJob) -> None:
    if session_job.job is not None:
        let_go(labels_key(session_job.job))
    session_job.clear()


@st.fragment(run_every=0.7)
def _watch(job: Job) -> None:
    view = job.view()
    if not view.is_busy:
        st.rerun()
    progress = view.progress
    if view.is_stopping:
        sentence = "Stopping after the images that are at work…"
    elif view.state == "waiting":
        sentence = f"Waiting: {view.before} before you. Other visitors' batches are at work."
    elif not progress.done:
        sentence = "Unpacking and decoding the first images…"
    else:
        sentence = progress.text()
    with st.container(key="batch_progress"):
        st.progress(progress.done / (progress.total or 1), sentence)
        st.button(
            "Cancel", on_click=job.cancel, icon=":material/stop:", key="batch_cancel",
            disabled=view.is_stopping,
        )  # fmt: skip
        rows = [entry.row for entry in view.entries]
        st.caption(
            (f"So far {count_sentence(rows, job.card)} " if rows else "")
            + "It goes on if you change the page; the result will be here."
        )


def _show_results(selection: Selection, session_job: SessionJob, job: Job, view: JobView) -> None:
    _show_end(view)
    scheme, card = job.order.scheme, job.card
    rows = [entry.row for entry in view.entries]
    if rows:
        st.markdown(
            f"**{count_sentence(rows, card)}** Model: {plain(card.title)}. Scheme: `{scheme}`."
        )
    _show_again(selection, session_job, job, is_whole=view.state == "done")
    if not rows:
        return
    entries, anyway = choose_entries(view.entries, card, job.key)
    trained = scheme == card.contract.scheme
    key = f"batch_table_{job.key}_{hash(tuple(e.number for e in entries))}_{anyway}"
    if entries:
        _show_selected(show_table(entries, card, trained, anyway, key))
    else:
        st.info("No row passes these filters.", icon=":material/filter_alt_off:")
    show_labels(job)
    show_downloads(job, view.entries)


def _show_end(view: JobView) -> None:
    done, total = view.progress.done, view.progress.total
    if view.state == "failed":
        how_far = f" It stopped after {done} of {total} rows." if done else ""
        st.error(plain(view.note + how_far), icon=":material/error:")
        return
    if view.state == "cancelled":
        st.warning(f"Cancelled after {done} of {total} rows.", icon=":material/stop_circle:")
    if view.note:
        st.warning(plain(view.note), icon=":material/info:")


def _show_again(selection: Selection, session_job: SessionJob, job: Job, *, is_whole: bool) -> None:
    name = selection.scheme.name
    asked = (model_key(selection.card), name)
    is_offered = not is_whole or asked != (job.order.model, job.order.scheme)
    with st.container(horizontal=True, vertical_alignment="center"):
        if is_offered and job.order.items and st.button(
            f"Score the same files under `{name}`", icon=":material/replay:", key="batch_again",
            type="primary",
        ):  # fmt: skip
            _start(selection, session_job, job.order.items, overlays=job.order.overlays)
        st.button(
            "Clear, for other files", on_click=_clear, args=(session_job,),
            icon=":material/delete:", key="batch_clear",
        )  # fmt: skip


def _show_selected(entry: Entry | None) -> None:
    can_open = entry is not None and entry.item.data is not None and entry.row.id is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Open in Diagnose", disabled=not can_open, icon=":material/radiology:",
            key="batch_open",
        ) and entry is not None:  # fmt: skip
            _open(entry)
        if entry is None:
            st.caption("Mark a row to open its radiograph.", width="content")
        elif not can_open:
            st.caption("There is nothing to open in this row.", width="content")


def _open(entry: Entry) -> None:
    row, data = entry.row, entry.item.data or b""
    open_source(Source(f"batch:{row.id}", row.name, data, is_sample=False), row.frame)
    st.switch_page(page_of("diagnose.py"))


_page()
