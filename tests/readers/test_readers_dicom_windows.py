"""Windows, tables and padding as DICOM files really give them."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from tests.readers.reader_files import RAMP, TWELVE, dicom, lut_item
from xray_app.core.errors import FileTooLarge
from xray_app.readers import ReadOptions, read_radiograph, rewindow


def group(keyword, **tags):
    item = Dataset()
    for name, value in tags.items():
        setattr(item, name, value)
    outer = Dataset()
    setattr(outer, keyword, [item])
    return outer


def merged(*groups):
    whole = Dataset()
    for one in groups:
        whole.update(one)
    return whole


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_second_window_under_each_function(function):
    data = dicom(
        TWELVE, bits=12, WindowCenter=[9, 1500], WindowWidth=[9, 800], VOILUTFunction=function
    )
    radiograph = read_radiograph(data, options=ReadOptions(window="window 2"))
    x = TWELVE.astype(np.float64)
    expected = {
        "LINEAR": np.clip((x - 1499.5) / 799 + 0.5, 0, 1),
        "LINEAR_EXACT": np.clip((x - 1500) / 800 + 0.5, 0, 1),
        "SIGMOID": 1 / (1 + np.exp(-4 * (x - 1500) / 800)),
    }[function]
    np.testing.assert_allclose(radiograph.pixels, expected * 4095, rtol=1e-5, atol=1e-3)


def test_second_table():
    tables = [lut_item(range(4096), 0, 12), lut_item(range(4095, -1, -1), 0, 12)]
    data = dicom(TWELVE, bits=12, VOILUTSequence=tables)
    radiograph = read_radiograph(data, options=ReadOptions(window="table 2"))
    np.testing.assert_allclose(radiograph.pixels, 4095.0 - TWELVE, rtol=1e-6)
    assert [offer.name for offer in radiograph.controls.offers] == ["table 1", "table 2", "range"]


def test_only_the_first_of_several_windows_is_not_defined():
    data = dicom(TWELVE, bits=12, WindowCenter=[5, 1500], WindowWidth=[0, 800])
    radiograph = read_radiograph(data)
    assert radiograph.controls.chosen == "window 2"
    assert "ignored" in radiograph.notices[0]


def test_more_centers_than_widths():
    data = dicom(TWELVE, bits=12, WindowCenter=[1500, 3], WindowWidth=800)
    names = [offer.name for offer in read_radiograph(data).controls.offers]
    assert names == ["window 1", "range"]


def test_windows_and_rescale_of_an_enhanced_file():
    frames = [
        merged(
            group("FrameVOILUTSequence", WindowCenter=center, WindowWidth=100),
            group("PixelValueTransformationSequence", RescaleSlope=slope, RescaleIntercept=0),
        )
        for center, slope in ((100, 1), (300, 2))
    ]
    data = dicom(np.stack([TWELVE, TWELVE]), bits=12, PerFrameFunctionalGroupsSequence=frames)
    first = read_radiograph(data)
    second = read_radiograph(data, options=ReadOptions(frame=2))
    expected = np.clip((TWELVE * 2.0 - 299.5) / 99 + 0.5, 0, 1) * 4095
    np.testing.assert_allclose(second.pixels, expected, rtol=1e-5, atol=1e-3)
    assert first.steps[-1].detail == "LINEAR, center 100, width 100"
    assert second.steps[-1].detail == "LINEAR, center 300, width 100"


def test_shared_functional_groups():
    shared = merged(
        group("FrameVOILUTSequence", WindowCenter=50, WindowWidth=20, VOILUTFunction="SIGMOID"),
        group("PixelMeasuresSequence", PixelSpacing=["2", "1"]),
    )
    radiograph = read_radiograph(dicom(RAMP, SharedFunctionalGroupsSequence=[shared]))
    assert radiograph.steps[1].detail == "SIGMOID, center 50, width 20"
    assert radiograph.pixels.shape == (32, 16)


@pytest.mark.parametrize(
    ("explanation", "shown"),
    [
        (["NORMAL", "SOFT_TISSUE"], ", normal"),
        (["Lung", "x"], ", lung"),
        (["DOE^JANE", "x"], ""),
        (["BONE for Mrs Doe", "x"], ""),
        (["", ""], ""),
    ],
)
def test_explanations_are_shown_if_they_can_name_nobody(explanation, shown):
    data = dicom(
        TWELVE,
        WindowCenter=[9, 9],
        WindowWidth=[9, 9],
        WindowCenterWidthExplanation=explanation,
    )
    radiograph = read_radiograph(data)
    assert radiograph.controls.offers[0].label == f"Window 1{shown}: center 9, width 9"
    assert "oe" not in repr(radiograph.controls).lower().replace("does", "")


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_a_table_whose_first_input_is_negative(syntax):
    # written as 64512 with the unsigned VR that LUT Descriptor usually has
    item = lut_item(range(2048), 2**16 - 1024, 11)
    array = np.array([[-2000, -1024, 0, 1023, 2000]], np.int16)
    radiograph = read_radiograph(dicom(array, bits=12, syntax=syntax, VOILUTSequence=[item]))
    expected = np.array([[0, 0, 1024, 2047, 2047]]) * (4095 / 2047)
    np.testing.assert_allclose(radiograph.pixels, expected, rtol=1e-6)


def test_an_image_that_begins_above_bit_zero():
    radiograph = read_radiograph(dicom(TWELVE << 4 | 0xF, bits=12, HighBit=15))
    np.testing.assert_array_equal(radiograph.stored, TWELVE)
    signed = ((TWELVE.astype(np.int16) - 2048) << 4).astype(np.int16)
    radiograph = read_radiograph(dicom(signed, bits=12, HighBit=15))
    np.testing.assert_array_equal(radiograph.stored, TWELVE.astype(np.int16) - 2048)


def test_overlay_in_high_bits_is_no_part_of_the_image():
    data = dicom(
        TWELVE | 0x8000, bits=12, WindowCenter=2048, WindowWidth=4096, add=overlay_elements()
    )
    radiograph = read_radiograph(data)
    np.testing.assert_array_equal(radiograph.stored, TWELVE)
    np.testing.assert_allclose(radiograph.pixels, TWELVE, rtol=1e-6)


def overlay_elements():
    return {
        (0x6000, 0x0010): ("US", TWELVE.shape[0]),
        (0x6000, 0x0011): ("US", TWELVE.shape[1]),
        (0x6000, 0x0040): ("CS", "G"),
        (0x6000, 0x0050): ("SS", [1, 1]),
        (0x6000, 0x0100): ("US", 16),
        (0x6000, 0x0102): ("US", 15),
    }


def test_padding_is_black_under_every_window_and_inversion():
    array = np.array([[4000, 0, 1000, 2000]], np.uint16)
    tags = {"PixelPaddingValue": 4000, "PhotometricInterpretation": "MONOCHROME1"}
    radiograph = read_radiograph(dicom(array, bits=12, **tags))
    np.testing.assert_allclose(radiograph.pixels, [[0, 4095, 2047.5, 0]])
    assert radiograph.steps[-1].name == "Padding"
    assert radiograph.controls.value_range == (0.0, 2000.0)
    np.testing.assert_allclose(rewindow(radiograph, 0, 4000).pixels[0, 0], 0)
    low = dicom(array, bits=12, PixelPaddingValue=0, PhotometricInterpretation="MONOCHROME1")
    assert read_radiograph(low).pixels[0, 1] == 0.0  # would be white without the mask


def test_signed_padding_written_as_unsigned():
    array = np.array([[-2000, 0, 1000]], np.int16)
    data = dicom(array, add={(0x0028, 0x0120): ("US", 63536)})
    np.testing.assert_allclose(read_radiograph(data).pixels, [[0, 0, 65535]])


def test_padding_of_float_pixel_data():
    data = dicom(np.array([[-9.0, 0.0, 0.5, 2.0]], np.float32), FloatPixelPaddingValue=-9.0)
    np.testing.assert_allclose(read_radiograph(data).pixels, [[0, 0, 0.25, 1]])


def test_padding_that_would_cover_everything_is_none():
    data = dicom(RAMP, PixelPaddingValue=0, PixelPaddingRangeLimit=255)
    np.testing.assert_allclose(read_radiograph(data).pixels, RAMP)


@pytest.mark.parametrize(
    ("tags", "shape"),
    [
        ({"PixelAspectRatio": [2, 1]}, (32, 16)),
        ({"PixelAspectRatio": [1, 2]}, (16, 32)),
        ({"PixelSpacing": ["0.2", "0.1"]}, (32, 16)),
        ({"ImagerPixelSpacing": ["0.1", "0.15"]}, (16, 24)),
        ({"PixelSpacing": ["0.1", "0.1"], "PixelAspectRatio": [2, 1]}, (16, 16)),
        ({"PixelSpacing": ["0.1", "0.1005"]}, (16, 16)),
        ({"PixelSpacing": ["0.1", "0"]}, (16, 16)),
        ({"PixelSpacing": "0.1"}, (16, 16)),
    ],
)
def test_pixels_that_are_not_square(tags, shape):
    radiograph = read_radiograph(dicom(RAMP, **tags))
    assert radiograph.pixels.shape == shape
    assert radiograph.stored.shape == RAMP.shape
    assert radiograph.pixels.max() <= 255.0
    stretched = shape != RAMP.shape
    assert any("made square" in notice for notice in radiograph.notices) is stretched
    assert (radiograph.steps[-1].name == "Square pixels") is stretched
    assert rewindow(radiograph, 0, 9).pixels.shape == shape


def test_implausible_pixels_are_ignored_and_noticed():
    radiograph = read_radiograph(dicom(RAMP, PixelAspectRatio=[5000, 1]))
    assert radiograph.pixels.shape == RAMP.shape
    assert "not plausible" in radiograph.notices[0]


def test_square_pixels_stay_within_the_limit(monkeypatch):
    monkeypatch.setattr("xray_app.readers.limits.MAX_PIXELS", 300)
    with pytest.raises(FileTooLarge, match="16 x 32"):
        read_radiograph(dicom(RAMP, PixelAspectRatio=[2, 1]))


@pytest.mark.parametrize("bits", [8, 16])
def test_palettes(bits):
    white = 2**bits - 1
    entries = np.linspace(white, 0, 256).astype("<u2" if bits == 16 else np.uint8)
    tags = {"PhotometricInterpretation": "PALETTE COLOR"}
    for colour in ("Red", "Green", "Blue"):
        tags[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, bits]
        tags[f"{colour}PaletteColorLookupTableData"] = entries.tobytes()
    radiograph = read_radiograph(dicom(RAMP, **tags))
    np.testing.assert_array_equal(radiograph.pixels, entries[RAMP])
    assert radiograph.white == white
