"""A result as DICOM objects: secondary capture, structured report, presentation state, PDF."""

import hashlib
import io
import zipfile
from dataclasses import dataclass

from pydicom import dcmread
from pydicom.dataset import Dataset

from xray_app.core import InputError, Radiograph
from xray_app.documents.content import Report
from xray_app.documents.dicom.capture import capture
from xray_app.documents.dicom.encapsulated import encapsulated_pdf
from xray_app.documents.dicom.identity import MANUFACTURER, MODEL_NAME, make_identity
from xray_app.documents.dicom.presentation import presentation_state, table_index, why_not
from xray_app.documents.dicom.report import structured_report
from xray_app.readers import reference_isolated, silenced
from xray_app.readers.dicom import check_deflated

NAMES = (
    "secondary-capture.dcm", "structured-report.dcm", "presentation-state.dcm", "report.dcm",
)  # fmt: skip
_OWN = ("Manufacturer", "ManufacturerModelName", "StudyInstanceUID", "PatientID")


@dataclass(frozen=True, slots=True)
class DicomExport:
    """The objects by file name, and a sentence on an object or an identifier that is missing."""

    files: dict[str, bytes]
    note: str


def dicom_export(
    report: Report, radiograph: Radiograph, source: bytes | None, pdf: bytes = b""
) -> DicomExport:
    """Make the objects.

    Args:
        report: what is exported.
        radiograph: what it is about.
        source: the bytes of the DICOM file that the radiograph was read from, to link the objects
            to it: they then carry the patient's and the study's identifiers. None for objects that
            name nobody.
        pdf: the report as a page of A4, to be among the objects; empty for none.

    Raises:
        InputError: ``source`` is not what the radiograph was read from.
        UnsupportedFile: the file can't be linked to.
        UnreadableFile, FileTooLarge: it can't be read.
    """
    if source is not None:
        _refuse_another(source, radiograph)
    found = None if source is None else reference_isolated(source, table_index(radiograph))
    identity = make_identity(report, found, pdf)
    with silenced():  # warnings may quote a patient's name
        image = capture(report, identity)
        objects = (
            image,
            structured_report(report, identity, image),
            presentation_state(radiograph, identity),
            encapsulated_pdf(pdf, identity) if pdf else None,
        )
    made = zip(NAMES, objects, strict=True)
    files = {name: _written(dataset) for name, dataset in made if dataset is not None}
    notes = (why_not(radiograph, identity), _left_out([] if found is None else found["left_out"]))
    return DicomExport(files, " ".join(filter(None, notes)))


def _refuse_another(source: bytes, radiograph: Radiograph) -> None:
    """Refuse a file that another image was read from: the objects would name another patient."""
    controls = radiograph.controls
    if controls is not None and hashlib.sha256(source).hexdigest() != controls.source:
        raise InputError(
            "Expected the file that the radiograph was read from to link to, received another, or "
            "one that has changed. Read it again."
        )


def _left_out(names: list[str]) -> str:
    if not names:
        return ""
    return (
        "Left out, because the file does not state them as one text in the characters that it "
        f"declares: {', '.join(names)}."
    )


def link_check(source: bytes) -> tuple[str, str]:
    """Why objects can't be linked to a file, and what a link leaves out; "" where there is none."""
    try:
        found = reference_isolated(source)
    except InputError as error:
        return str(error), ""
    return "", _left_out(found["left_out"])


def study_of_own(data: bytes) -> str:
    """UID of the study that an object belongs to, which this app made for an original study.

    Args:
        data: a file of the user's own; it is parsed here.

    Raises:
        InputError: it is another file, or was not linked to a study.
    """
    try:
        check_deflated(data)
        dataset = dcmread(io.BytesIO(data), specific_tags=list(_OWN), stop_before_pixels=True)
        made_by = str(dataset.Manufacturer), str(dataset.ManufacturerModelName)
        study, is_linked = str(dataset.StudyInstanceUID), bool(dataset.PatientID)
    except InputError:
        raise
    except Exception as error:  # a damaged file makes pydicom raise nearly anything
        raise _not_own() from error
    if made_by != (MANUFACTURER, MODEL_NAME) or not is_linked:
        raise _not_own()
    return study


def _not_own() -> InputError:
    return InputError(
        "Expected an object that `xray_app dicom --link` wrote, received another file. Nothing "
        "else is stored."
    )


def zipped(files: dict[str, bytes]) -> bytes:
    """The files in one ZIP, with a fixed date so that equal files give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _written(dataset: Dataset) -> bytes:
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
