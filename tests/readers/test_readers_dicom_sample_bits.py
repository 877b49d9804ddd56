"""Which bits of a coded sample are the image: High Bit and Bits Stored against the codestream's."""

import imagecodecs
import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders import RLELosslessEncoder
from pydicom.uid import JPEG2000, JPEG2000Lossless, JPEGLosslessSV1, JPEGLSLossless, RLELossless

from tests.readers.reader_files import RAMP, TWELVE, dicom
from xray_app.core.errors import UnreadableFile
from xray_app.readers import read_radiograph

OVERLAY = {(0x6000, 0x0100): ("US", 16), (0x6000, 0x0102): ("US", 15)}


def rle(array: np.ndarray) -> bytes:
    rows, columns = array.shape
    return bytes(
        RLELosslessEncoder.encode(
            array.tobytes(), index=0, rows=rows, columns=columns, samples_per_pixel=1,
            bits_allocated=16, bits_stored=16, pixel_representation=0, number_of_frames=1,
            photometric_interpretation="MONOCHROME2", encoding_plugin="pydicom",
        )
    )  # fmt: skip


def sv1(array: np.ndarray) -> bytes:
    return bytes(imagecodecs.ljpeg_encode(array, bitspersample=16))


def jls(array: np.ndarray) -> bytes:
    data = imagecodecs.jpegls_encode(array)
    at = data.index(b"\xff\xf7")
    assert data[at + 4] == 16
    return bytes(data)


def j2k(array: np.ndarray) -> bytes:
    return bytes(imagecodecs.jpeg2k_encode(array, codecformat="j2k", reversible=True, level=0))


CODECS = {
    "RLE": (RLELossless, rle),
    "lossless JPEG": (JPEGLosslessSV1, sv1),
    "JPEG-LS": (JPEGLSLossless, jls),
    "JPEG 2000": (JPEG2000Lossless, j2k),
}


def coded(codec: str, samples: np.ndarray, **tags: object) -> bytes:
    syntax, encode = CODECS[codec]
    frame = encode(samples.view(np.uint16))
    options = {"bits": 12, "syntax": syntax} | tags
    return bytes(dicom(samples, encapsulated=encapsulate([frame]), **options))


@pytest.mark.parametrize("codec", CODECS)
def test_an_image_that_begins_above_bit_zero(codec: str) -> None:
    data = coded(codec, TWELVE << 4, HighBit=15)
    np.testing.assert_array_equal(read_radiograph(data).stored, TWELVE)
    values = TWELVE.astype(np.int16) - 2048
    data = coded(codec, (values << 4).astype(np.int16), HighBit=15)
    np.testing.assert_array_equal(read_radiograph(data).stored, values)


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("mask", [0x0FFF, 0xFFFF], ids=["zeros above", "sign above"])
def test_signed_values_in_a_deeper_codestream(codec: str, mask: int) -> None:
    values = TWELVE.astype(np.int16) - 2048
    samples = (values.view(np.uint16) & mask).view(np.int16)
    np.testing.assert_array_equal(read_radiograph(coded(codec, samples)).stored, values)


@pytest.mark.parametrize("codec", list(CODECS)[1:])
def test_values_deeper_than_the_header_says_are_refused(codec: str) -> None:
    with pytest.raises(UnreadableFile, match="pixels of 12 bits as the header says, received val"):
        read_radiograph(coded(codec, TWELVE << 4))


@pytest.mark.parametrize("codec", CODECS)
def test_an_overlay_in_high_bits_is_no_part_of_the_image(codec: str) -> None:
    data = coded(codec, TWELVE | 0x8000, add=OVERLAY)
    np.testing.assert_array_equal(read_radiograph(data).stored, TWELVE)


def test_a_lossy_process_may_pass_the_scale_by_a_little() -> None:
    samples = np.array([[0, 2000, 4095, 4100]], np.uint16)
    data = coded("JPEG 2000", samples, syntax=JPEG2000)
    np.testing.assert_array_equal(read_radiograph(data).stored, [[0, 2000, 4095, 4095]])
    with pytest.raises(UnreadableFile, match="received values from 0 to 4100"):
        read_radiograph(coded("JPEG 2000", samples))


def test_a_codestream_deeper_than_the_allocated_bits_is_refused() -> None:
    frame = j2k(RAMP.astype(np.uint16) * 16)
    data = dicom(RAMP, syntax=JPEG2000Lossless, encapsulated=encapsulate([frame]))
    with pytest.raises(UnreadableFile, match="at most 8 bits as the header says, received 16"):
        read_radiograph(data)
