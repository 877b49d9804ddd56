"""Real compressed DICOM files: those that ship inside pydicom's wheel."""

from io import BytesIO
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate, get_frame
from pydicom.uid import JPEG2000Lossless, JPEGExtended12Bit

from tests.readers.reader_files import RAMP, dicom, jpeg2000_of
from xray_app.core.errors import InputError, UnreadableFile
from xray_app.readers import read_radiograph

FOLDER = Path(pydicom.__file__).parent / "data/test_files"


def read(name):
    return read_radiograph((FOLDER / name).read_bytes(), name)


@pytest.mark.parametrize(
    "name",
    [
        "MR_small_RLE.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "MR_small_bigendian.dcm",
        "MR_small_implicit.dcm",
        "MR_small_padded.dcm",
    ],
)
def test_lossless_codecs_agree_with_the_uncompressed_file(name):
    expected = pydicom.dcmread(FOLDER / "MR_small.dcm")
    stored = np.frombuffer(expected.PixelData, "<i2").reshape(64, 64)
    radiograph = read(name)
    np.testing.assert_array_equal(radiograph.stored, stored)
    np.testing.assert_array_equal(radiograph.pixels, read("MR_small.dcm").pixels)
    assert radiograph.stored.dtype == np.int16  # in the machine's own byte order


@pytest.mark.parametrize(
    ("name", "syntax", "shape"),
    [
        ("SC_rgb_jpeg_dcmtk.dcm", "JPEG Baseline (Process 1)", (100, 100)),
        ("SC_rgb_dcmtk_+eb+cy+s4.dcm", "JPEG Baseline (Process 1)", (100, 100)),
        ("SC_rgb_jpeg_gdcm.dcm", "JPEG Lossless, Non-Hierarchical", (100, 100)),
        ("JPGExtended.dcm", "JPEG Extended (Process 2 and 4)", (1024, 256)),
        ("JPEGLSNearLossless_16.dcm", "JPEG-LS Lossy (Near-Lossless)", (50, 10)),
        ("JPEG2000.dcm", "JPEG 2000 Image Compression", (1024, 256)),
        ("examples_jpeg2k.dcm", "JPEG 2000 Image Compression (Lossless Only)", (480, 640)),
        ("SC_rgb_rle_16bit.dcm", "RLE Lossless", (100, 100)),
        ("image_dfl.dcm", "Deflated Explicit VR Little Endian", (512, 512)),
        ("693_J2KI.dcm", "JPEG 2000 Image Compression", (512, 512)),
    ],
)
def test_codecs(name, syntax, shape):
    radiograph = read(name)
    assert radiograph.technical["Transfer Syntax"].startswith(syntax)
    assert radiograph.pixels.shape == shape
    assert radiograph.pixels.min() < radiograph.pixels.max()


def test_colour_jpegs_show_the_test_pattern():
    # rows of pure red, green and blue and their mixtures: their lumas by hand
    lumas = read("SC_rgb_jpeg_dcmtk.dcm").pixels[[5, 25, 45], 50]
    np.testing.assert_allclose(lumas, np.array([0.299, 0.587, 0.114]) * 255, atol=2.0)


@pytest.mark.filterwarnings("ignore::UserWarning")  # this test's own dcmread warns
def test_no_bundled_file_raises_anything_else_or_names_a_patient():
    read_count = 0
    for file in FOLDER.glob("*.dcm"):
        data = file.read_bytes()
        try:
            radiograph = read_radiograph(data, file.name)
        except InputError as error:
            assert str(error).startswith(f"{file.name}: Expected")
            continue
        read_count += 1
        assert 0.0 <= radiograph.pixels.min() <= radiograph.pixels.max() <= radiograph.white
        name = str(pydicom.dcmread(file, force=True).get("PatientName", ""))
        if len(name) > 3:
            assert name not in repr(radiograph)
    assert read_count > 50


def test_truncated_file():
    with pytest.raises(UnreadableFile, match="damaged or cut short"):
        read("MR_truncated.dcm")


@pytest.mark.parametrize(
    "name",
    [
        "SC_rgb_jpeg_dcmtk.dcm",
        "SC_rgb_jpeg_gdcm.dcm",
        "JPGExtended.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_RLE.dcm",
    ],
)
def test_a_frame_cut_short_is_an_error_not_half_an_image(name):
    dataset = pydicom.dcmread(FOLDER / name)
    frame = get_frame(dataset.PixelData, 0, number_of_frames=1)
    dataset.PixelData = encapsulate([frame[: len(frame) * 9 // 10]])
    dataset["PixelData"].is_undefined_length = True
    out = BytesIO()
    dataset.save_as(out)
    with pytest.raises(UnreadableFile):
        read_radiograph(out.getvalue())


def test_codestream_that_is_larger_than_the_header_says():
    frame = jpeg2000_of(12_000, 12_000)
    data = dicom(RAMP, syntax=JPEG2000Lossless, encapsulated=encapsulate([frame]))
    with pytest.raises(UnreadableFile, match="16 x 16 as the header says, received 12000 x 12000"):
        read_radiograph(data)


@pytest.mark.parametrize("signed", [False, True])
def test_twelve_bit_jpeg_with_a_sign(signed):
    rows, columns = np.mgrid[0:64, 0:64]
    array = (2048 + 900 * np.sin(rows / 20) * np.cos(columns / 25)).astype(np.uint16)
    stored = (array ^ 2048).astype(np.uint16) if signed else array  # two's complement of x - 2048
    frame = imagecodecs.jpeg8_encode(stored, level=100, bitspersample=12)
    data = dicom(
        array,
        bits=12,
        syntax=JPEGExtended12Bit,
        encapsulated=encapsulate([frame]),
        PixelRepresentation=int(signed),
    )
    decoded = imagecodecs.jpeg8_decode(frame).astype(np.int32)
    expected = np.where(decoded >= 2048, decoded - 4096, decoded) if signed else decoded
    np.testing.assert_array_equal(read_radiograph(data).stored, expected)
