"""Every kind of pixel that DICOM stores: signed, floating, padded, coloured, in frames."""

import numpy as np
import pytest

from tests.readers.reader_files import RAMP, TWELVE, dicom, step_names
from xray_app.readers import read_radiograph


def test_signed_values():
    array = np.array([[-2048, -1, 0, 2047]], np.int16)
    radiograph = read_radiograph(dicom(array, bits=12, WindowCenter=0, WindowWidth=4096))
    np.testing.assert_allclose(radiograph.pixels, [[0, 2047, 2048, 4095]], rtol=1e-6)
    np.testing.assert_array_equal(radiograph.stored, array)
    assert radiograph.steps[0].before == (-2048.0, 2047.0)


def test_unused_high_bits_are_masked():
    dirty = TWELVE | 0xA000  # an old overlay above the twelve bits
    radiograph = read_radiograph(dicom(dirty, bits=12))
    np.testing.assert_array_equal(radiograph.stored, TWELVE)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_pixel_data(dtype):
    array = np.array([[-1.5, 0.0, 2.5]], dtype)
    radiograph = read_radiograph(dicom(array))
    np.testing.assert_allclose(radiograph.pixels, [[0.0, 0.375, 1.0]])
    assert (radiograph.white, radiograph.bits) == (1.0, array.dtype.itemsize * 8)


def test_float_pixel_data_that_are_not_numbers():
    radiograph = read_radiograph(dicom(np.array([[np.nan, 1.0, 3.0]], np.float32)))
    np.testing.assert_allclose(radiograph.pixels, [[0.0, 0.0, 1.0]])
    assert "1 values are infinite or not a number" in radiograph.notices[0]


def test_padding_does_not_set_the_range():
    array = np.array([[0, 0, 1000, 2000]], np.uint16)
    plain = read_radiograph(dicom(array, bits=12, PixelPaddingValue=0))
    np.testing.assert_allclose(plain.pixels, [[0, 0, 0, 4095]])
    ranged = dicom(array, bits=12, PixelPaddingValue=0, PixelPaddingRangeLimit=5)
    np.testing.assert_allclose(read_radiograph(ranged).pixels, [[0, 0, 0, 4095]])
    everywhere = read_radiograph(dicom(np.full((2, 2), 7, np.uint8), PixelPaddingValue=7))
    np.testing.assert_array_equal(everywhere.pixels, 0)


def test_colour():
    rgb = np.random.default_rng(2).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    radiograph = read_radiograph(dicom(rgb))
    np.testing.assert_allclose(radiograph.pixels, rgb @ (0.299, 0.587, 0.114), rtol=1e-6)
    assert step_names(radiograph) == ["Decoded", "Colour to gray"]
    gray = np.repeat(RAMP[..., None], 3, -1)
    np.testing.assert_array_equal(read_radiograph(dicom(gray)).pixels, RAMP)


def test_ybr_full():
    ybr = np.full((2, 2, 3), 128, np.uint8)
    ybr[..., 0] = [[0, 100], [200, 255]]
    radiograph = read_radiograph(dicom(ybr, PhotometricInterpretation="YBR_FULL"))
    np.testing.assert_allclose(radiograph.pixels, ybr[..., 0])


def test_palette_color():
    ramp = (np.arange(256)[::-1] * 257).astype("<u2").tobytes()
    tags = {"PhotometricInterpretation": "PALETTE COLOR"}
    for colour in ("Red", "Green", "Blue"):
        tags[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        tags[f"{colour}PaletteColorLookupTableData"] = ramp
    radiograph = read_radiograph(dicom(RAMP, **tags))
    np.testing.assert_array_equal(radiograph.pixels, (255.0 - RAMP) * 257)
    assert radiograph.white == 65535.0


def test_first_of_several_frames():
    radiograph = read_radiograph(dicom(np.stack([RAMP, RAMP[::-1]])))
    np.testing.assert_allclose(radiograph.pixels, RAMP)
    assert radiograph.notices == ("The file holds 2 frames; frame 1 is shown.",)
