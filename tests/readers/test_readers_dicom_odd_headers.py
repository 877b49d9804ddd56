"""One odd element never condemns a file: it is mended or left out, and the trail names it."""

import struct
from io import BytesIO

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from tests.readers.reader_files import RAMP, TWELVE, dicom, lut_item
from xray_app.core import AnyArray, Radiograph
from xray_app.core.errors import InputError, UnreadableFile
from xray_app.readers import ReadOptions, read_isolated, read_radiograph, rewindow

PLAIN = read_radiograph(dicom(TWELVE, bits=12)).pixels


def with_raw(keyword: str, raw: bytes, **tags: object) -> bytes:
    """A 12-bit file in which an element's bytes are just these."""
    dataset = dcmread(BytesIO(dicom(TWELVE, bits=12, **tags)))
    tag = Tag(tag_for_keyword(keyword) or 0)
    raw += b" " * (len(raw) % 2)
    vr = dictionary_VR(keyword)[:2]
    dataset[tag] = RawDataElement(tag, vr, len(raw), raw, 0, False, True, True)
    buffer = BytesIO()
    dataset.save_as(buffer)
    assert raw in buffer.getvalue()
    return buffer.getvalue()


def trail(radiograph: Radiograph) -> str:
    return " ".join([*(s.detail for s in radiograph.steps), *radiograph.notices])


@pytest.mark.parametrize(
    ("keyword", "raw", "name"),
    [
        ("RescaleIntercept", b"0,0", "Rescale Intercept has a decimal comma"),
        ("RescaleSlope", b"one", "Rescale Slope is not as DICOM wants it"),
        ("RescaleSlope", b"inf", "Rescale Slope is not as DICOM wants it"),
        ("WindowCenter", b"abc", "Window Center is not as DICOM wants it"),
        ("PixelSpacing", b"0,143\\0,143", "Pixel Spacing has a decimal comma"),
        ("ImagerPixelSpacing", b"a\\b", "Imager Pixel Spacing is not as DICOM wants it"),
        ("PixelAspectRatio", b"1\\x", "Pixel Aspect Ratio is not as DICOM wants it"),
        ("NumberOfFrames", b"one", "Number of Frames is not as DICOM wants it"),
        ("NumberOfFrames", b"  ", "Number of Frames is not as DICOM wants it"),
        ("NumberOfFrames", b"1\\2", "Number of Frames is not as DICOM wants it"),
        ("NumberOfFrames", b"-3", "Number of Frames is not as DICOM wants it"),
        ("NumberOfFrames", b"7", "Number of Frames is 7; the file holds 1"),
    ],
)
def test_an_element_that_the_picture_does_not_need(keyword: str, raw: bytes, name: str) -> None:
    radiograph = read_isolated(with_raw(keyword, raw))
    np.testing.assert_allclose(radiograph.pixels, PLAIN, rtol=1e-6)
    assert name in trail(radiograph)


OPTIONAL = (
    *("RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth", "NumberOfFrames"),
    *("PixelSpacing", "ImagerPixelSpacing", "PixelAspectRatio", "VOILUTFunction", "PatientAge"),
    *("PixelPaddingValue", "PixelPaddingRangeLimit", "ViewPosition", "BodyPartExamined"),
    *("PresentationLUTShape", "BurnedInAnnotation", "LossyImageCompression", "Modality"),
    *("ShutterShape", "ShutterLeftVerticalEdge", "CenterOfCircularShutter", "SOPClassUID"),
)


@settings(max_examples=200, deadline=None)
@example(keyword="NumberOfFrames", raw=b"\\ ")
@example(keyword="NumberOfFrames", raw=b"2")
@given(
    keyword=st.sampled_from(OPTIONAL),
    raw=st.one_of(
        st.binary(max_size=12),
        st.text("0123456789,.eE+-\\ \0xNaIinf", max_size=12).map(str.encode),
    ),
)
def test_no_optional_element_is_ever_the_end_of_a_file(keyword: str, raw: bytes) -> None:
    try:
        radiograph = read_radiograph(with_raw(keyword, raw))
    except InputError as error:
        assert "damaged" not in str(error)
    else:
        assert np.isfinite(radiograph.pixels).all()


def test_a_window_with_decimal_commas_is_the_window() -> None:
    expected = read_radiograph(dicom(TWELVE, bits=12, WindowCenter=1500.5, WindowWidth=800))
    radiograph = read_radiograph(with_raw("WindowCenter", b"1500,5", WindowWidth=800))
    np.testing.assert_array_equal(radiograph.pixels, expected.pixels)
    assert "read as 1500.5" in trail(radiograph)


def test_an_element_that_the_picture_needs_is_named() -> None:
    whole = dicom(TWELVE, bits=12)
    place = whole.index(struct.pack("<HH", 0x0028, 0x0101))
    assert whole[place + 4 : place + 8] == b"US\2\0"
    broken = whole[: place + 4] + b"LO\2\0xx" + whole[place + 10 :]
    with pytest.raises(UnreadableFile, match="a number as the DICOM file's Bits Stored"):
        read_isolated(broken)


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (lut_item(range(4096), 0, 0), "a table of 0 bits"),
        (lut_item(range(4096), 0, 255), "a table of 255 bits"),
        (lut_item([0] * 4096, 0, 12), "a table without entries, or of zeros"),
    ],
)
def test_a_table_that_can_not_be_used_is_ignored(item: object, why: str) -> None:
    """A notice where nothing else was left to choose; beside a window a line of the trail."""
    alone = read_radiograph(dicom(TWELVE, bits=12, VOILUTSequence=[item]))
    np.testing.assert_allclose(alone.pixels, PLAIN, rtol=1e-6)
    assert alone.notices == (f"The file's VOI LUT 1 is {why}; it is ignored.",)
    window = {"WindowCenter": 1500, "WindowWidth": 800}
    beside = read_radiograph(dicom(TWELVE, bits=12, VOILUTSequence=[item], **window))
    expected = read_radiograph(dicom(TWELVE, bits=12, **window))
    np.testing.assert_array_equal(beside.pixels, expected.pixels)
    assert not beside.notices
    assert why in trail(beside)


def test_a_short_table_is_filled_up_with_its_last_entry() -> None:
    item = lut_item(range(4000), 0, 12)
    item.LUTDescriptor = [4096, 0, 12]
    radiograph = read_radiograph(dicom(TWELVE, bits=12, VOILUTSequence=[item]))
    np.testing.assert_allclose(radiograph.pixels, np.minimum(TWELVE, 3999), rtol=1e-6)
    assert "96 of 4096 entries are missing" in trail(radiograph)


def test_a_modality_table_that_can_not_be_used() -> None:
    item = lut_item([], 0, 12)
    item.LUTDescriptor = [4096, 0, 12]
    radiograph = read_radiograph(dicom(TWELVE, bits=12, ModalityLUTSequence=[item]))
    np.testing.assert_allclose(radiograph.pixels, PLAIN, rtol=1e-6)
    assert "Modality LUT is a table without entries" in radiograph.notices[0]


def palette(bits: int, entries: AnyArray) -> bytes:
    tags = {
        f"{colour}PaletteColorLookupTable{part}": value
        for colour in ("Red", "Green", "Blue")
        for part, value in (("Descriptor", [256, 0, bits]), ("Data", entries.tobytes()))
    }
    return bytes(dicom(RAMP, PhotometricInterpretation="PALETTE COLOR", **tags))


def test_a_palette_that_is_deeper_than_it_says() -> None:
    entries = (np.arange(256) * 257).astype("<u2")
    said = read_radiograph(palette(8, entries))
    right = read_radiograph(palette(16, entries))
    assert said.bits == right.bits == 16
    np.testing.assert_array_equal(said.pixels, right.pixels)


# Shutters: rows and columns count from 1, what lies on an edge is seen (PS3.3 C.7.6.11).
RECTANGLE = {
    "ShutterShape": "RECTANGULAR",
    "ShutterUpperHorizontalEdge": 2, "ShutterLowerHorizontalEdge": 15,
    "ShutterLeftVerticalEdge": 3, "ShutterRightVerticalEdge": 14,
}  # fmt: skip


def seen(**tags: object) -> AnyArray:
    """(16, 16), whether the pixel keeps its own value; the image has no black of its own."""
    image = np.full((16, 16), 200, np.uint8)
    image[0, 0] = 201
    data = dicom(image, WindowCenter=128, WindowWidth=256, **tags)
    radiograph = read_isolated(data)
    assert any("display shutter hides" in notice for notice in radiograph.notices)
    return radiograph.pixels != 0.0


def test_a_rectangular_shutter() -> None:
    expected = np.zeros((16, 16), bool)
    expected[1:15, 2:14] = True
    np.testing.assert_array_equal(seen(**RECTANGLE), expected)


def test_a_circular_shutter() -> None:
    circle = {"CenterOfCircularShutter": [8, 9], "RadiusOfCircularShutter": 5}
    row, column = np.mgrid[1:17, 1:17]
    expected = (row - 8) ** 2 + (column - 9) ** 2 <= 25
    np.testing.assert_array_equal(seen(ShutterShape="CIRCULAR", **circle), expected)
    both = seen(**(RECTANGLE | {"ShutterShape": ["RECTANGULAR", "CIRCULAR"]}), **circle)
    rectangle = seen(**RECTANGLE)
    np.testing.assert_array_equal(both, expected & rectangle)


def test_a_polygonal_shutter() -> None:
    corners = [2, 2, 2, 15, 15, 2]  # a triangle: row and column from 2, row + column to 17
    found = seen(ShutterShape="POLYGONAL", VerticesOfThePolygonalShutter=corners)
    row, column = np.mgrid[1:17, 1:17]
    np.testing.assert_array_equal(found, (row >= 2) & (column >= 2) & (row + column <= 17))


def test_what_a_shutter_hides_sets_no_range_and_stays_hidden_under_another_window() -> None:
    image = np.full((16, 16), 4095, np.uint16)
    image[4:12, 4:12] = np.arange(100, 164).reshape(8, 8)
    edges = {
        "ShutterShape": "RECTANGULAR",
        "ShutterUpperHorizontalEdge": 5, "ShutterLowerHorizontalEdge": 12,
        "ShutterLeftVerticalEdge": 5, "ShutterRightVerticalEdge": 12,
    }  # fmt: skip
    radiograph = read_isolated(dicom(image, bits=12, ShutterPresentationValue=65535, **edges))
    assert radiograph.controls is not None
    assert radiograph.controls.window == (100.0, 163.0)
    assert (radiograph.pixels[:4] == 4095.0).all()  # the file asks for white there
    assert (rewindow(radiograph, 0.0, 50.0).pixels[:4] == 4095.0).all()
    inside = rewindow(radiograph, 0.0, 200.0).pixels[4:12, 4:12]
    assert inside.max() < 4095.0


def test_a_shutter_that_leaves_nothing_is_ignored() -> None:
    nonsense = RECTANGLE | {"ShutterLowerHorizontalEdge": 1}
    radiograph = read_radiograph(dicom(RAMP, **nonsense))
    assert radiograph.controls is not None
    assert radiograph.controls.shutter is None
    assert "would hide 100% of the pixels; it is ignored" in radiograph.notices[0]


@pytest.mark.parametrize("missing", ["ShutterLeftVerticalEdge", "ShutterShape"])
def test_half_a_shutter_is_none(missing: str) -> None:
    radiograph = read_radiograph(
        dicom(RAMP, **{k: v for k, v in RECTANGLE.items() if k != missing})
    )
    assert not radiograph.notices


@pytest.mark.parametrize(
    ("center", "width", "said"),
    [
        (40, 20, "% of the pixels as pure white"),
        (60_000, 100, "% of the pixels as pure black"),
        (32_768, 65_536, "nearly everything in one shade"),
    ],
)
def test_a_window_that_ruins_the_picture_is_told(center: int, width: int, said: str) -> None:
    image = np.arange(256, dtype=np.uint16).reshape(16, 16) * 16
    data = dicom(image, bits=12, WindowCenter=center, WindowWidth=width)
    notice = read_radiograph(data).notices[0]
    assert said in notice
    assert "--window range" in notice
    assert not read_radiograph(data, options=ReadOptions(window="range")).notices
    assert not read_radiograph(data, options=ReadOptions(low=0.0, high=1.0)).notices


def test_a_black_border_ruins_nothing() -> None:
    image = np.zeros((16, 16), np.uint16)
    image[6:10] = np.arange(64).reshape(4, 16) * 64
    assert not read_radiograph(dicom(image, bits=12, WindowCenter=2048, WindowWidth=4096)).notices
