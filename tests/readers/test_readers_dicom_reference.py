"""What is read of a patient, on request alone, so that another object can refer to a file."""

import zlib
from io import BytesIO

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from tests.readers.reader_files import RAMP, dicom, lut_item, png
from xray_app.core.errors import FileTooLarge, UnreadableFile, UnsupportedFile
from xray_app.readers import reference_isolated
from xray_app.readers.dicom.reference import PATIENT, STUDY, UIDS, reference
from xray_app.readers.limits import MAX_FILE_BYTES

IDENTITY = {
    "StudyInstanceUID": "1.2.3.4", "SeriesInstanceUID": "1.2.3.5", "SOPInstanceUID": "1.2.3.6",
}  # fmt: skip


def file(**tags: object) -> bytes:
    return bytes(dicom(RAMP, **(IDENTITY | tags)))


def test_it_is_read_in_another_process_and_is_the_same() -> None:
    data = file(PatientBirthDate="20200101", PatientSex="F")
    found = reference_isolated(data)
    assert found == reference(data)
    assert found["PatientName"] == "Doe^Jane"
    assert found["PatientBirthDate"] == "20200101"
    assert {k: found[k] for k in IDENTITY} == IDENTITY
    assert "General Hospital" not in str(found)
    assert set(found) == {
        *PATIENT, *STUDY, *UIDS, "VOILUTFunction", "photometric", "frames", "is_enhanced", "table",
        "left_out",
    }  # fmt: skip


def test_a_name_in_another_script() -> None:
    data = file(SpecificCharacterSet="ISO_IR 192", PatientName="Yamada^Tarou=山田^太郎")
    assert reference_isolated(data)["PatientName"] == "Yamada^Tarou=山田^太郎"


@pytest.mark.parametrize(
    ("keyword", "raw"),
    [
        ("PatientBirthDate", b"1.1.2020"),
        ("PatientBirthDate", b"19500231"),  # a day that no month has
        ("PatientBirthDate", b"19500101-19501231"),  # for queries only: PS3.5 6.2
        ("StudyDate", b"20200101-20200102"),
        ("StudyTime", b"101010-"),
        ("StudyTime", b"99:99:99"),
        ("PatientSex", b"female"),
        ("AccessionNumber", b"A" * 40),
        ("StudyID", b"tab\there"),
    ],
)
def test_what_would_make_another_file_invalid_is_left_out(keyword: str, raw: bytes) -> None:
    data = file(**{keyword: ""})
    dataset = dcmread(BytesIO(data))
    tag = Tag(tag_for_keyword(keyword) or 0)
    raw += b" " * (len(raw) % 2)
    dataset[tag] = RawDataElement(tag, dictionary_VR(keyword), len(raw), raw, 0, False, True, True)
    buffer = BytesIO()
    dataset.save_as(buffer)
    assert raw in buffer.getvalue()
    assert reference_isolated(buffer.getvalue())[keyword] == ""


def with_raw(keyword: str, raw: bytes, **tags: object) -> bytes:
    """A file in which an element's bytes are just these."""
    dataset = dcmread(BytesIO(file(**tags)))
    tag = Tag(tag_for_keyword(keyword) or 0)
    raw += b" " * (len(raw) % 2)
    dataset[tag] = RawDataElement(tag, dictionary_VR(keyword), len(raw), raw, 0, False, True, True)
    buffer = BytesIO()
    dataset.save_as(buffer)
    assert raw in buffer.getvalue()
    return buffer.getvalue()


GBK = "张三^李四".encode("gbk")


@pytest.mark.parametrize(
    ("keyword", "raw", "tags", "label"),
    [
        ("PatientName", b"Doe^A\\Doe^B", {}, "Patient's Name"),
        ("AccessionNumber", b"AC\\12", {}, "Accession Number"),
        ("StudyID", b"S\\1", {}, "Study ID"),
        ("PatientName", GBK, {}, "Patient's Name"),
        ("PatientName", GBK, {"SpecificCharacterSet": "ISO_IR 192"}, "Patient's Name"),
        ("PatientName", "Müller".encode("latin-1"), {}, "Patient's Name"),
    ],
)
def test_what_is_not_one_text_in_declared_characters_is_left_out_and_named(
    keyword: str, raw: bytes, tags: dict[str, object], label: str
) -> None:
    found = reference_isolated(with_raw(keyword, raw, **tags))
    assert found[keyword] == ""
    assert found["left_out"] == [label]


@pytest.mark.parametrize("raw", [b"A\\B", b"\xd5\xc5", b"\\", b"A" * 65])
def test_an_identifier_is_refused_rather_than_invented(raw: bytes) -> None:
    with pytest.raises(UnsupportedFile, match="one Patient ID in the character set"):
        reference_isolated(with_raw("PatientID", raw))


def test_declared_characters_are_copied() -> None:
    found = reference_isolated(with_raw("PatientName", GBK, SpecificCharacterSet="GB18030"))
    assert found["PatientName"] == "张三^李四"
    assert found["left_out"] == []


@pytest.mark.parametrize("keyword", ["StudyInstanceUID", "SeriesInstanceUID"])
def test_without_an_identity_there_is_nothing_to_refer_to(keyword: str) -> None:
    with pytest.raises(UnsupportedFile, match="Leave the link out"):
        reference_isolated(file(**{keyword: ""}))


def test_another_kind_of_file() -> None:
    with pytest.raises(UnsupportedFile, match="Expected a DICOM file"):
        reference_isolated(png(RAMP))
    with pytest.raises(UnreadableFile, match="empty"):
        reference_isolated(b"")


def test_the_table_in_use_is_read() -> None:
    entries = np.arange(256)[::-1]
    data = file(VOILUTSequence=[lut_item(RAMP.ravel(), 0, 8), lut_item(entries, 0, 8)])
    table = reference_isolated(data, 2)["table"]
    assert (table.first, table.bits) == (0, 8)
    assert table.entries.tolist() == entries.tolist()


def test_deflated_data_are_inflated_within_the_limit() -> None:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    block, body = bytes(10_000_000), b""
    for _ in range(MAX_FILE_BYTES // len(block) + 1):
        body += compressor.compress(block)
    body += compressor.flush()
    meta = b"\x02\x00\x10\x00UI\x16\x001.2.840.10008.1.2.1.99"
    length = b"\x02\x00\x00\x00UL\x04\x00" + len(meta).to_bytes(4, "little")
    with pytest.raises(FileTooLarge, match="inflated"):
        reference_isolated(bytes(128) + b"DICM" + length + meta + body)
