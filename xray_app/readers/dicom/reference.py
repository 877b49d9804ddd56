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
from xray_app.readers.dicom.windows import functional_group, may_be_negative, table
from xray_app.readers.silence import silenced

if TYPE_CHECKING:
    from pydicom import Dataset

PATIENT = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex")
STUDY = ("StudyDate", "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName")
UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPClassUID", "SOPInstanceUID")
_WINDOW = ("VOILUTSequence", "VOILUTFunction", "PixelRepresentation", "BitsStored")
_MODALITY = ("ModalityLUTSequence", "RescaleSlope", "RescaleIntercept")
_FRAMES = ("NumberOfFrames", "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
_UID = re.compile(r"[0-2](\.(0|[1-9]\d*))+")


def reference(data: bytes, table_index: int = 0) -> dict[str, Any]:
    """Read what a reference needs.

    Args:
        data: the bytes of a DICOM file.
        table_index: the VOI LUT to read as well, counted from 1; 0 for none.

    Returns:
        By keyword the text of each element of ``PATIENT``, ``STUDY`` and ``UIDS``, "" where it is
        absent or not as DICOM wants it; "left_out", the names of those that the file states and
        that can't be copied; "VOILUTFunction" and "photometric", in capitals; "frames",
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
    tags = [*PATIENT, *STUDY, *UIDS, *_WINDOW, *_MODALITY, *_FRAMES]
    tags += ["SpecificCharacterSet", "PhotometricInterpretation"]
    with silenced():
        dataset = dcmread(BytesIO(data), force=True, specific_tags=tags, stop_before_pixels=True)
        stated = [n for n in (*PATIENT, *STUDY) if not _is_empty(dataset.get_item(n))]
        found: dict[str, Any] = {name: _text(dataset, name) for name in (*PATIENT, *STUDY, *UIDS)}
        mended(dataset)
        found |= {
            "left_out": [_label(name) for name in stated if not found[name]],
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
    if "PatientID" in stated and not found["PatientID"]:
        raise UnsupportedFile(
            "Expected one Patient ID in the character set that the DICOM file declares, received "
            "one that can't be copied. Leave the link out."
        )
    return found


def uids(data: bytes) -> dict[str, str]:
    """Read the UIDs alone: which image of which series of which study a file is.

    Args:
        data: the bytes of a DICOM file.

    Returns:
        By keyword the text of each element of ``UIDS``; "" where it is absent or no UID.

    Raises:
        UnsupportedFile: it is no DICOM file.
        FileTooLarge: it inflates to more than the limit.

    >>> from pydicom import examples
    >>> uids(examples.get_path("ct").read_bytes())["SOPClassUID"]  # CT Image Storage
    '1.2.840.10008.5.1.4.1.1.2'
    """
    from pydicom import dcmread

    if not dicom_file.sniff(data):
        raise UnsupportedFile("Expected a DICOM file, received another kind. Send the original.")
    dicom_file.check_deflated(data)
    with silenced():
        dataset = dcmread(
            BytesIO(data), force=True, specific_tags=list(UIDS), stop_before_pixels=True
        )
        found = {name: str(dataset.get(name) or "").strip(" \0") for name in UIDS}
    return {name: value if is_uid_like(value) else "" for name, value in found.items()}


def is_uid_like(text: str) -> bool:
    """Whether a text is numbers between dots, as a UID is (PS3.5 9.1).

    Zeros in front of a number are let through, which archives hold though DICOM forbids them.

    >>> is_uid_like("1.2.840.10008.1.1"), is_uid_like("1.02"), is_uid_like("../instances")
    (True, True, False)
    """
    return len(text) <= 64 and re.fullmatch(r"\d+(\.\d+)*", text, re.ASCII) is not None


def _text(dataset: "Dataset", keyword: str) -> str:
    """The element's one text; "" where copying it would invent it, or make a file invalid.

    A wrong identifier is worse than none. So it must be a single value, and its bytes must be text
    in a character set that the file declares (PS3.5 6.1.2; without one, ASCII).
    """
    from pydicom.config import RAISE
    from pydicom.datadict import dictionary_VR
    from pydicom.multival import MultiValue
    from pydicom.valuerep import DA, TM, validate_value

    parsed = {"DA": DA, "TM": TM}  # validation lets ranges pass, and days that no month has
    if not _is_in_declared_characters(dataset, keyword):
        return ""
    value = dataset.get(keyword)
    if isinstance(value, (MultiValue, list, tuple)):
        return ""
    written = "" if value is None else str(value).strip().rstrip("\0")
    try:
        validate_value(dictionary_VR(keyword), written, RAISE)
        parsed.get(dictionary_VR(keyword), str)(written)
    except ValueError:
        return ""
    if keyword == "PatientSex" and written not in {"M", "F", "O"}:
        return ""
    return written if "\\" not in written and written.isprintable() else ""


def _is_in_declared_characters(dataset: "Dataset", keyword: str) -> bool:
    """Whether an element's bytes, as they stand in the file, can be read without a guess."""
    from pydicom.charset import convert_encodings, decode_bytes
    from pydicom.config import RAISE, settings
    from pydicom.dataelem import RawDataElement
    from pydicom.valuerep import TEXT_VR_DELIMS

    element = dataset.get_item(keyword)
    raw = element.value if isinstance(element, RawDataElement) else None
    if raw is None or (raw.isascii() and b"\x1b" not in raw):
        return True
    declared = dataset.get("SpecificCharacterSet")
    if not declared:
        return False
    before, settings.reading_validation_mode = settings.reading_validation_mode, RAISE
    try:
        decode_bytes(raw, convert_encodings(declared), TEXT_VR_DELIMS)
    except (LookupError, ValueError):
        return False
    finally:
        settings.reading_validation_mode = before
    return True


def _is_empty(element: Any) -> bool:
    value = None if element is None else element.value
    return not (value.strip(b" \0") if isinstance(value, bytes) else str(value or "").strip())


def _label(keyword: str) -> str:
    from pydicom.datadict import dictionary_description, tag_for_keyword

    return dictionary_description(tag_for_keyword(keyword) or 0)


def _table(dataset: "Dataset", index: int) -> object:
    if index == 0:
        return None
    source = functional_group(dataset, "FrameVOILUTSequence", 1)
    signed = may_be_negative(dataset, 1)
    return table(dataset, source.VOILUTSequence[index - 1], signed_input=signed)
