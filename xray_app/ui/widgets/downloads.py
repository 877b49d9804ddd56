"""What a visitor can take away of one result; all but the smallest are made when asked for."""

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from xray_app.core import Radiograph, json_text
from xray_app.core.images import encode_png
from xray_app.diagnosis import Diagnosis
from xray_app.documents import Report, Setting, make_report
from xray_app.presentation import diagnosis_to_dict, overlay
from xray_app.ui.session.cached_work import READERS, once
from xray_app.ui.session.resources import model_key
from xray_app.ui.widgets.pacs_store import show_store
from xray_app.ui.widgets.sidebar import Selection
from xray_app.ui.words import plain

_LINK = "Link to the original study (contains identifiers)"
_LINK_HELP = (
    "Without it the DICOM files name nobody and belong to a study of their own. With it they carry "
    "the patient's name, ID, birth date and sex and the study's identifiers, as the original does, "
    "refer to it, and hold the window used as a presentation state."
)


def show_downloads(selection: Selection, radiograph: Radiograph, diagnosis: Diagnosis) -> None:
    """A button for each form, and for a DICOM file the choice to link to it."""
    # A file's name may name a patient; what leaves the app carries a digest of the pixels' file.
    name = f"radiograph-{radiograph.digest[:12]}"
    stem = f"{name}-{diagnosis.scheme}"

    def report() -> Report:
        origin = "AI-generated sample" if selection.source.is_sample else ""
        setting = Setting(datetime.now(UTC), selection.opacity, selection.colour_map, origin)
        return make_report(radiograph, diagnosis, selection.card, setting)

    def png() -> bytes:
        return encode_png(overlay(radiograph, diagnosis, selection.opacity, selection.colour_map))

    # At once: among many visitors, Streamlit may drop a file made later before it is fetched.
    values = diagnosis_to_dict(diagnosis, name) | {"notices": list(radiograph.notices)}
    result = json_text(values)

    def pdf() -> bytes:
        from xray_app.documents.pdf import report_to_pdf

        return report_to_pdf(report())

    def html() -> str:
        from xray_app.documents.html import report_to_html

        return report_to_html(report())

    with st.container(horizontal=True, key="downloads"):
        _button("Report, PDF", pdf, f"{stem}.pdf", "application/pdf", "description")
        _button("Report, HTML", html, f"{stem}.html", "text/html", "html")
        _button("Overlay, PNG", png, f"{stem}.png", "image/png", "image")
        _button("Result, JSON", result, f"{stem}.json", "application/json", "data_object")
        dicom_place = st.container(width="content")
    source = _link_to(selection, radiograph)

    def dicom() -> bytes:
        from xray_app.documents.dicom import zipped

        return zipped(_objects(report(), radiograph, source))

    with dicom_place:
        linked = "-linked" if source is not None else ""
        _button("DICOM, zip", dicom, f"{stem}{linked}.zip", "application/zip", "folder_zip")
    result_key = (*model_key(selection.card), radiograph.digest, selection.choices)
    show_store(selection.source, result_key, lambda data: _objects(report(), radiograph, data))


def _objects(report: Report, radiograph: Radiograph, source: bytes | None) -> dict[str, bytes]:
    from xray_app.documents.dicom import dicom_export
    from xray_app.documents.pdf import report_to_pdf

    return dicom_export(report, radiograph, source, report_to_pdf(report)).files


def _button(
    label: str, data: Callable[[], bytes] | Callable[[], str] | str, file: str, mime: str, icon: str
) -> None:
    st.download_button(
        label, data, file, mime, on_click="ignore", icon=f":material/{icon}:"
    )  # fmt: skip


def _link_to(selection: Selection, radiograph: Radiograph) -> bytes | None:
    """The bytes to link to: only of a DICOM file, and only if asked for and possible."""
    if radiograph.file_format != "DICOM":
        return None
    key = f"link_{selection.source.key}"
    if not st.checkbox(_LINK, key=key, help=_LINK_HELP):
        return None
    from xray_app.documents.dicom import link_check

    data = selection.source.data
    reason, missing = once(("link", selection.source.key), lambda: link_check(data), READERS)
    if reason:
        st.warning(plain(reason), icon=":material/link_off:")
        return None
    st.caption(f":material/warning: The DICOM files will name the patient. {missing}")
    return data
