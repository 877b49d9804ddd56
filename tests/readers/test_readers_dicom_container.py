"""DICOM as a container: preamble, transfer syntaxes, what is missing, and traps."""

import zlib
from contextlib import nullcontext
from io import BytesIO

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    MPEG2MPML,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
    generate_uid,
)

from tests.readers.reader_files import DEEP, RAMP, dicom, saved
from xray_app.core.errors import FileTooLarge, UnreadableFile, UnsupportedFile
from xray_app.readers import limits, read_radiograph
from xray_app.readers.dicom import check_deflated


def bare(array, syntax):
    """The data set alone: no preamble and no file meta information."""
    dataset = pydicom.dcmread(BytesIO(dicom(array)))
    out = BytesIO()
    implicit, little = syntax.is_implicit_VR, syntax.is_little_endian
    if not little:
        dataset.PixelData = array.astype(array.dtype.newbyteorder(">")).tobytes()
    del dataset.file_meta
    pydicom.dcmwrite(out, dataset, implicit_vr=implicit, little_endian=little)
    return out.getvalue()


@pytest.mark.parametrize(
    "syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_without_preamble_and_meta(syntax):
    radiograph = read_radiograph(bare(DEEP, syntax))
    np.testing.assert_array_equal(radiograph.stored, DEEP)
    assert radiograph.technical["Transfer Syntax"] == syntax.name


def test_without_preamble_but_with_meta():
    radiograph = read_radiograph(dicom(DEEP)[132:])
    np.testing.assert_array_equal(radiograph.stored, DEEP)


def test_deflated(monkeypatch):
    data = dicom(DEEP, syntax=DeflatedExplicitVRLittleEndian)
    np.testing.assert_array_equal(read_radiograph(data).stored, DEEP)
    start = 144 + int.from_bytes(data[140:144], "little")
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = data[:start] + deflate.compress(bytes(300_000)) + deflate.flush()
    monkeypatch.setattr("xray_app.readers.dicom.file.MAX_FILE_BYTES", 200_000)
    assert len(bomb) < limits.MAX_FILE_BYTES
    with pytest.raises(FileTooLarge, match="inflated"):
        read_radiograph(bomb)


def test_deflated_and_cut_short_or_damaged():
    noise = np.random.default_rng(5).integers(0, 65536, (64, 64), dtype=np.uint16)
    data = dicom(noise, syntax=DeflatedExplicitVRLittleEndian)
    start = 144 + int.from_bytes(data[140:144], "little")
    for cut in (start, start + 3, len(data) // 2, len(data) - 8):
        with pytest.raises(UnreadableFile, match="whole deflated DICOM file"):
            read_radiograph(data[:cut])
    damaged = data[:start] + b"\xff" * 16 + data[start + 16 :]  # a block of the reserved type 3
    for check in (read_radiograph, check_deflated):
        with pytest.raises(UnreadableFile, match="whole deflated DICOM file"):
            check(damaged)


@pytest.mark.parametrize(("limit", "fits"), [(1000, True), (999, False)])
def test_deflated_to_just_the_limit(monkeypatch, limit, fits):
    start = 144
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    head = (bytes(64) + b"1.2.840.10008.1.2.1.99").ljust(start, b"\0")
    data = head + deflate.compress(bytes(1000)) + deflate.flush()
    monkeypatch.setattr("xray_app.readers.dicom.file.MAX_FILE_BYTES", limit)
    with nullcontext() if fits else pytest.raises(FileTooLarge, match="inflated"):
        check_deflated(data)


@pytest.mark.parametrize("drop", ["PixelData", "Rows", "Columns"])
def test_dicom_without_an_image(drop):
    with pytest.raises(UnsupportedFile, match="Expected a DICOM image"):
        read_radiograph(dicom(RAMP, drop=[drop]))


def test_empty_pixel_data():
    with pytest.raises(UnsupportedFile, match="without Pixel Data"):
        read_radiograph(dicom(RAMP, PixelData=b""))


def test_too_little_pixel_data():
    with pytest.raises(UnreadableFile):
        read_radiograph(dicom(RAMP, Rows=17))


def test_unsupported_transfer_syntax_is_named():
    data = dicom(RAMP, syntax=MPEG2MPML, encapsulated=encapsulate([b"\0\0\1\xb3"]))
    with pytest.raises(UnsupportedFile, match="transfer syntax MPEG2 Main Profile"):
        read_radiograph(data)


def test_unknown_transfer_syntax_is_named():
    known, unknown = b"1.2.840.10008.1.2.1\0", b"1.2.840.99999.1.2.1\0"
    with pytest.raises(UnsupportedFile, match=r"transfer syntax 1\.2\.840\.99999"):
        read_radiograph(dicom(RAMP).replace(known, unknown, 1))


@pytest.mark.parametrize("photometric", ["HSV", "", "CIELAB"])
def test_unknown_photometric_interpretation_is_named(photometric):
    with pytest.raises(UnsupportedFile, match=photometric or "none"):
        read_radiograph(dicom(RAMP, PhotometricInterpretation=photometric))


def test_samples_per_pixel():
    with pytest.raises(UnsupportedFile, match="samples"):
        read_radiograph(dicom(RAMP, SamplesPerPixel=4))


def test_rle_that_claims_gigabytes():
    header = (1).to_bytes(4, "little") + (64).to_bytes(4, "little") + bytes(56)
    data = dicom(
        RAMP,
        syntax=RLELossless,
        encapsulated=encapsulate([header + b"\xfb\0" * 9]),
        Rows=65535,
        Columns=65535,
    )
    assert len(data) < 1500
    with pytest.raises(FileTooLarge, match="65535 x 65535"):
        read_radiograph(data)


def test_deeply_nested_sequences_end_in_one_sentence():
    inner = Dataset()
    inner.SOPInstanceUID = generate_uid()
    for _ in range(150):
        outer = Dataset()
        outer.ReferencedSeriesSequence = [inner]
        outer["ReferencedSeriesSequence"].is_undefined_length = True
        inner = outer
    inner.file_meta = FileMetaDataset()
    inner.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    inner.SOPClassUID, inner.SOPInstanceUID = generate_uid(), generate_uid()
    with pytest.raises((UnsupportedFile, UnreadableFile)):
        read_radiograph(saved(inner))
