"""What leaves the page Batch: the table and the overlays, without file names unless asked for."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from xray_app.batch import Row, table_bytes
from xray_app.ui.batch.jobs import Job
from xray_app.ui.batch.records import Entry
from xray_app.ui.session.offers import FOR_SESSION

_UNPACKED = "This archive couldn't be unpacked; the page Batch says why."


def show_downloads(job: Job, entries: Sequence[Entry]) -> None:
    """Buttons for all rows, whatever the filters."""
    st.header("Take it with you")
    named = st.toggle(
        "Include my file names", key=f"batch_names_{job.key}", persist_state=FOR_SESSION
    )
    card, scheme = job.card, job.order.scheme
    rows = outgoing_rows(entries, named=named)
    with st.container(horizontal=True):
        st.download_button(
            "Table, CSV", lambda: table_bytes(".csv", rows, card, scheme),
            f"batch-{scheme}.csv", "text/csv",
            on_click="ignore", icon=":material/csv:", key="batch_csv",
        )  # fmt: skip
        st.download_button(
            "Table, Parquet", lambda: table_bytes(".parquet", rows, card, scheme),
            f"batch-{scheme}.parquet", "application/vnd.apache.parquet",
            on_click="ignore", icon=":material/table:", key="batch_parquet",
        )  # fmt: skip
        if any(entry.overlay for entry in entries):
            st.download_button(
                "Overlays, zip", lambda: overlays_zip(entries, scheme),
                f"overlays-{scheme}.zip", "application/zip",
                on_click="ignore", icon=":material/folder_zip:", key="batch_zip",
            )  # fmt: skip
    st.caption(
        ":material/shield_person: All rows, whatever the filters. A file's name may name a "
        "patient: unless you include the names, a number stands in the column name, and the "
        "overlays are always called by number and digest. The column id holds the SHA-256 digest "
        "of the file, by which your own system finds it again. The icon in the table's corner is "
        "another thing: it saves what is on the screen, names included. Predictions behind a "
        "closed gate are in the table: leave them out where gate_verdict is closed."
    )


def outgoing_rows(entries: Sequence[Entry], *, named: bool) -> list[Row]:
    """The rows as they leave the app: without ``named``, no file's name is anywhere in them."""
    if named:
        return [entry.row for entry in entries]
    return [
        replace(
            entry.row,
            name=f"image-{entry.number:04d}",
            error=_UNPACKED if entry.item.problem else entry.row.error,
        )
        for entry in entries
    ]


def overlays_zip(entries: Sequence[Entry], scheme: str) -> bytes:
    """The overlays as a ``.zip`` of PNG files, named by number, digest and scheme."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for entry in entries:
            if entry.overlay is not None:
                digest = (entry.row.id or "")[:12]
                archive.writestr(f"{entry.number:04d}-{digest}-{scheme}.png", entry.overlay)
    return out.getvalue()
