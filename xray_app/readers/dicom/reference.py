"""What another DICOM object needs to refer to a file: the only reading of a patient's elements.

It happens on request alone, in the decoding process as all reading, and gives plain text. Objects
of one study must agree in these elements (PS3.3 C.7.1.1, C.7.2.1), so that a viewer files a linked
object under its patient; nothing else of a patient is read.
"""

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any

from xray_app.core import UnsupportedFile
from xray_app.readers.dicom import file as dicom_file
from xray_app.readers.dicom.facts import frame_count, text
from xray_app.readers.dicom.mending import mended
from xray_app.readers.dicom.windows import functional_group, table
from xray_app.readers.silence import silenced

if TYPE_CHECKING:
    from pydicom import Dataset

PATIENT = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex")
STUDY = ("StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName")
UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPClassUID", "SOPInstanceUID")
_WINDOW = ("VOILUTSequence", "VOILUTFunction", "PixelRepresentation")
_FRAMES = ("NumberOfFrames", "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
_UID = re.compile(r"[0-2](\.(0|[1-9]\d*))+")


def reference(data: bytes, table_index: int = 0) -> dict[str, Any]:
    """Read what a reference needs.

    Args:
        data: the bytes of a DICOM file.
        table_index: the VOI LUT to read as well, counted from 1; 0 for none.

    Returns:
        By keyword the text of each element of ``PATIENT``, ``STUDY`` and ``UIDS``, "" where it is
        absent or not as DICOM wants it; "VOILUTFunction" and "photometric", in capitals; "frames",
        a number; "is_enhanced", whether frames have functional groups; "table", a ``LookupTable``
        or None.

    Raises:
        UnsupportedFile: it is no DICOM file, or has no identity that can be referred to.
        FileTooLarge: it inflates to more than the limit.

    >>> from pydicom import examples
    >>> found = reference(examples.get_path("ct").read_bytes())
    >>> found["PatientID"], found["photometric"], found["frames"], found["table"]
    ('1CT1', 'MONOCHROME2', 1, None)
    """
    from pydicom import dcmread

    if not dicom_file.sniff(data):
        raise UnsupportedFile(
            "Expected a DICOM file to link to, received another kind. Leave the link out."
        )
    dicom_file.check_deflated(data)
    tags = [*PATIENT, *STUDY, *UIDS, *_WINDOW, *_FRAMES, "PhotometricInterpretation"]
    with silenced():
        dataset = dcmread(BytesIO(data), force=True, specific_tags=tags, stop_before_pixels=True)
        mended(dataset)
        found: dict[str, Any] = {name: _text(dataset, name) for name in (*PATIENT, *STUDY, *UIDS)}
        found |= {
            "VOILUTFunction": text(dataset, "VOILUTFunction"),
            "photometric": text(dataset, "PhotometricInterpretation"),
            "frames": frame_count(dataset),
            "is_enhanced": any(dataset.get(name) for name in _FRAMES[1:]),
            "table": _table(dataset, table_index),
        }
    if not all(_UID.fullmatch(found[name]) and len(found[name]) <= 64 for name in UIDS):
        raise UnsupportedFile(
            "Expected a DICOM file with UIDs of its study, series and image to link to, received "
            "one without. Leave the link out."
        )
    if not found["PatientID"] and dataset.get("PatientID"):
        raise UnsupportedFile(
            "Expected a Patient ID as DICOM allows, received one that can't be copied. Leave the "
            "link out."
        )
    return found


def _text(dataset: "Dataset", keyword: str) -> str:
    """The element's text; "" where copying it would make another file invalid."""
    from pydicom.config import RAISE
    from pydicom.datadict import dictionary_VR
    from pydicom.valuerep import validate_value

    value = dataset.get(keyword)
    written = "" if value is None else str(value).strip().rstrip("\0")
    try:
        validate_value(dictionary_VR(keyword), written, RAISE)
    except ValueError:
        return ""
    if keyword == "PatientSex" and written not in {"M", "F", "O"}:
        return ""
    return written if "\\" not in written and written.isprintable() else ""


def _table(dataset: "Dataset", index: int) -> object:
    if index == 0:
        return None
    source = functional_group(dataset, "FrameVOILUTSequence", 1)
    signed = int(dataset.get("PixelRepresentation") or 0) == 1
    return table(dataset, source.VOILUTSequence[index - 1], signed_input=signed)
