"""Small files that ask for much, and files that are not what they claim."""

import struct
import time
import zlib

import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEG2000Lossless, RLELossless

from tests.readers.reader_files import RAMP, dicom, lut_item, png_chunk
from xray_app.core.errors import FileTooLarge, InputError, UnreadableFile, UnsupportedFile
from xray_app.readers import ReadOptions, read_isolated, read_radiograph

resource = pytest.importorskip("resource", reason="memory is measured as POSIX does")
PREAMBLE = bytes(128) + b"DICM"
META = b"\x02\x00\x10\x00UI\x14\x001.2.840.10008.1.2.1\0"


def element(group, number, vr, body):
    tag = struct.pack("<HH", group, number) + vr
    if vr in (b"OB", b"OW", b"SQ"):
        return tag + b"\0\0" + struct.pack("<I", len(body)) + body
    return tag + struct.pack("<H", len(body)) + body


def refused_quickly(data, error, match, *, seconds=3.0, megabytes=400):
    """The error comes soon, and without the memory that the file asks for."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    with pytest.raises(error, match=match) as caught:
        read_radiograph(data)
    assert time.perf_counter() - start < seconds
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < megabytes * 1024
    with pytest.raises(error) as apart:
        read_isolated(data)
    assert str(apart.value) == str(caught.value)


def test_rle_that_claims_eight_gigabytes():
    header = (1).to_bytes(4, "little") + (64).to_bytes(4, "little") + bytes(56)
    frame = encapsulate([header + b"\xfb\0" * 9])
    data = dicom(RAMP, syntax=RLELossless, encapsulated=frame, Rows=65535, Columns=65535)
    assert len(data) < 1_500
    refused_quickly(data, FileTooLarge, "received an image of 65535 x 65535")


def test_deflated_zeros_of_two_gigabytes():
    whole = dicom(RAMP, syntax=DeflatedExplicitVRLittleEndian)
    start = 144 + int.from_bytes(whole[140:144], "little")
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = b"".join(deflate.compress(bytes(2**24)) for _ in range(16))
    tail = deflate.compress(bytes(2**24)) + deflate.flush()
    bomb = whole[:start] + body + tail
    assert len(bomb) < 400_000
    refused_quickly(bomb, FileTooLarge, "once inflated", megabytes=900)


def test_codestream_larger_than_its_header():
    size = struct.pack(">HIIIIIIIIHBBB", 0, 12_000, 12_000, 0, 0, 12_000, 12_000, 0, 0, 1, 7, 1, 1)
    frame = b"\xff\x4f\xff\x51" + (len(size) + 2).to_bytes(2) + size + b"\xff\xd9"
    data = dicom(RAMP, syntax=JPEG2000Lossless, encapsulated=encapsulate([frame]))
    assert len(data) < 1_000
    refused_quickly(data, UnreadableFile, "received 12000 x 12000")


@pytest.mark.parametrize("tag", [b"\x08\x00\x15\x11", b"\x28\x00\x10\x30"])
def test_two_thousand_nested_sequences(tag):
    # as a sequence that is skipped, and as a VOI LUT Sequence, which is read
    opened = (tag + b"SQ\0\0\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff") * 2_000
    closed = (b"\xfe\xff\x0d\xe0\0\0\0\0" + b"\xfe\xff\xdd\xe0\0\0\0\0") * 2_000
    image = dicom(RAMP)
    rows = image.index(b"\x28\x00\x10\x00US")
    data = image[:rows] + opened + closed + image[rows:]
    start = time.perf_counter()
    try:
        np.testing.assert_array_equal(read_radiograph(data).stored, RAMP)
    except InputError as error:
        assert "Expected" in str(error)
    assert time.perf_counter() - start < 5.0


def test_frames_that_are_not_there():
    data = dicom(RAMP, NumberOfFrames=2_000_000_000)
    radiograph = read_radiograph(data)
    np.testing.assert_array_equal(radiograph.pixels, RAMP)
    assert radiograph.controls.frames == 1
    said = "Number of Frames is 2000000000; the file holds 1"
    assert any(said in step.detail for step in radiograph.steps)
    with pytest.raises(InputError, match="from 1 to 1, received 1999999999"):
        read_radiograph(data, options=ReadOptions(frame=1_999_999_999))


def test_double_inversion():
    once = read_radiograph(dicom(RAMP, PhotometricInterpretation="MONOCHROME1"))
    both = read_radiograph(
        dicom(RAMP, PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="INVERSE")
    )
    np.testing.assert_array_equal(once.pixels, 255.0 - RAMP)
    np.testing.assert_array_equal(both.pixels, once.pixels)


def test_a_disputed_identity_says_which_reading_was_taken():
    radiograph = read_radiograph(
        dicom(RAMP, PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="IDENTITY")
    )
    np.testing.assert_array_equal(radiograph.pixels, 255.0 - RAMP)
    assert any("IDENTITY, which contradicts it" in step.detail for step in radiograph.steps)


def test_table_of_8_bits_under_12_does_not_wrap():
    array = np.array([[0, 255, 256, 2048, 4095]], np.uint16)
    item = lut_item(np.arange(4096) >> 4, 0, 8)
    pixels = read_radiograph(dicom(array, bits=12, VOILUTSequence=[item])).pixels
    np.testing.assert_allclose(pixels, (array >> 4) * (4095 / 255), rtol=1e-6)


@pytest.mark.parametrize(
    "data",
    [
        b"Findings: no consolidation. " * 99,
        PREAMBLE,
        PREAMBLE + META,
        PREAMBLE + b"no elements at all, only words that go on and on",
        b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100" + b"Findings: none. " * 99,
    ],
)
def test_text_is_not_forced_to_be_dicom(data):
    with pytest.raises((UnsupportedFile, UnreadableFile), match="Expected"):
        read_radiograph(data)


@pytest.mark.parametrize("bits", [0, 17, 255])
def test_tables_of_no_depth(bits):
    item = lut_item([1, 2], 0, 8)
    item.LUTDescriptor = [2, 0, bits]
    radiograph = read_radiograph(dicom(RAMP, VOILUTSequence=[item]))
    np.testing.assert_array_equal(radiograph.pixels, read_radiograph(dicom(RAMP)).pixels)
    assert any("VOI LUT" in notice for notice in radiograph.notices)


def test_png_whose_data_inflate_to_more_than_its_header_says():
    rows = zlib.compress(bytes(2**27), 9)  # 128 MB for a header of 16 x 16
    header = struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header)
    data += png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        assert read_radiograph(data).pixels.shape == (16, 16)
    except InputError as error:
        assert "Expected" in str(error)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


@pytest.mark.parametrize("frame", [b"\0\0" * 20, b"not a codestream at all.."])
def test_compressed_pixels_without_a_header(frame):
    data = dicom(RAMP, syntax=JPEG2000Lossless, encapsulated=encapsulate([frame]))
    with pytest.raises(UnreadableFile, match="Expected"):
        read_radiograph(data)
