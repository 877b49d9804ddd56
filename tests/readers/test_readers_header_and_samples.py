"""What a header says, or fails to say, must not change the pixels in silence."""

from io import BytesIO

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import DeflatedExplicitVRLittleEndian

from tests.readers.reader_files import RAMP, TWELVE, dicom, lut_item, png, png_chunk, tiff
from xray_app.core.errors import UnreadableFile, UnsupportedFile
from xray_app.readers import ReadOptions, read_radiograph
from xray_app.readers.as_stored import read_as_stored
from xray_app.readers.dicom.reference import reference

RGB = np.random.default_rng(2).integers(0, 256, (4, 6, 3), dtype=np.uint8)
IDENTITY = {
    "StudyInstanceUID": "1.2.3.4", "SeriesInstanceUID": "1.2.3.5", "SOPInstanceUID": "1.2.3.6",
}  # fmt: skip


def test_frames_whose_pixels_share_their_chrominance() -> None:
    # 4 x 4 pixels of 2 bytes a frame; each pair is Y1 Y2 Cb Cr, with no colour
    frames = b"".join(bytes([gray, gray, 128, 128]) * 8 for gray in (10, 20, 30))
    data = dicom(
        np.zeros((4, 4, 3), np.uint8), encapsulated=frames, NumberOfFrames=3,
        PhotometricInterpretation="YBR_FULL_422",
    )  # fmt: skip
    dataset = dcmread(BytesIO(data))
    dataset["PixelData"].is_undefined_length = False
    dataset.save_as(buffer := BytesIO())
    for frame in (1, 2, 3):
        radiograph = read_radiograph(buffer.getvalue(), options=ReadOptions(frame=frame))
        np.testing.assert_allclose(radiograph.pixels, frame * 10.0)


@pytest.mark.parametrize("stored", [[1100, 1200], [0, 1200]])
def test_a_table_s_first_input_does_not_depend_on_the_image(stored: list[int]) -> None:
    item = lut_item(range(4096), 2**16 - 1024, 12)  # -1024 as an unsigned number
    data = dicom(
        np.array([stored], np.uint16), bits=12, VOILUTSequence=[item], RescaleSlope=1,
        RescaleIntercept=-1024, **IDENTITY,
    )  # fmt: skip
    radiograph = read_radiograph(data)
    np.testing.assert_array_equal(radiograph.pixels, [stored])
    assert radiograph.notices == ()
    assert reference(data, 1)["table"].first == -1024


def test_a_signed_file_s_table_may_begin_above_the_sign_bit_after_rescale() -> None:
    item = lut_item(range(256), 40_000, 8)
    data = dicom(
        np.array([[7232, 7359]], np.int16), VOILUTSequence=[item], RescaleSlope=1,
        RescaleIntercept=32768, **IDENTITY,
    )  # fmt: skip
    assert reference(data, 1)["table"].first == 40_000
    np.testing.assert_allclose(read_radiograph(data).pixels, [[0, 127 * 257]])


def test_colour_as_other_people_s_code_gets_it() -> None:
    np.testing.assert_array_equal(read_as_stored(dicom(RGB)), RGB)
    np.testing.assert_array_equal(read_as_stored(dicom(TWELVE, bits=12)), TWELVE)


def test_a_palette_as_other_people_s_code_gets_it() -> None:
    tags: dict[str, object] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for colour, factor in (("Red", 257), ("Green", 100), ("Blue", 1)):
        tags[f"{colour}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        table = (np.arange(256) * factor).astype("<u2").tobytes()
        tags[f"{colour}PaletteColorLookupTableData"] = table
    expected = RAMP[..., None].astype(np.uint16) * np.array([257, 100, 1], np.uint16)
    np.testing.assert_array_equal(read_as_stored(dicom(RAMP, **tags)), expected)


@pytest.mark.parametrize(
    ("kind", "ink", "expected"),
    [
        ("unassalpha", [0, 55, 9], [255, 200 * 51 / 255, 0]),
        ("assocalpha", [0, 11, 0], [255, 40, 0]),
    ],
)
def test_transparent_white_ink_is_shown_over_black(
    kind: str, ink: list[int], expected: list[float]
) -> None:
    samples = np.dstack([[ink], [[255, 51, 0]]]).astype(np.uint8)
    data = tiff(samples, photometric="miniswhite", extrasamples=[kind], planarconfig="contig")
    radiograph = read_radiograph(data)
    np.testing.assert_allclose(radiograph.pixels, [expected], rtol=1e-6)
    assert any("over black" in notice for notice in radiograph.notices)
    signed = tiff(
        samples.astype(np.int16), photometric="miniswhite", extrasamples=[kind],
        planarconfig="contig",
    )  # fmt: skip
    with pytest.raises(UnsupportedFile, match="Expected unsigned integers in a TIFF"):
        read_radiograph(signed)


def test_eight_bits_in_colours_of_sixteen_are_noticed() -> None:
    radiograph = read_radiograph(dicom(RGB.astype(np.uint16)))
    assert "so it looks dark" in radiograph.notices[0]
    assert read_radiograph(dicom(RGB)).notices == ()


def test_a_deflated_file_cut_short_is_called_that() -> None:
    dataset = dcmread(BytesIO(dicom(RGB)))
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.save_as(buffer := BytesIO())
    whole = buffer.getvalue()
    assert read_radiograph(whole).pixels.shape == (4, 6)
    with pytest.raises(UnreadableFile, match="received one cut short"):
        read_radiograph(whole[:-40])


def test_a_mended_modality_table_is_named() -> None:
    item = lut_item([0, 1000, 2000], 0, 11)
    item.LUTDescriptor = [6, 0, 11]
    radiograph = read_radiograph(
        dicom(np.array([[0, 1, 2, 5]], np.uint8), ModalityLUTSequence=[item])
    )
    step = next(step for step in radiograph.steps if step.name == "Modality LUT")
    assert "3 of 6 entries are missing; the last stands in" in step.detail
    assert "25.0% of the pixels lie past the last entry" in radiograph.notices[0]


def test_what_a_png_says_of_its_colours_is_recorded() -> None:
    chunks = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4}
    extra = b"".join(png_chunk(kind, bytes(size)) for kind, size in chunks.items())
    radiograph = read_radiograph(png(RAMP, extra))
    np.testing.assert_array_equal(radiograph.pixels, RAMP)
    said = [step.detail for step in radiograph.steps if step.name == "Colour profile"]
    assert len(said) == 4
    assert "the file's chromaticities (cHRM) are not applied; the values stay as they are" in said


@pytest.mark.parametrize(
    ("keyword", "said"),
    [
        ("SamplesPerPixel", "Samples per Pixel is missing; it is taken for 3."),
        ("PixelRepresentation", "Pixel Representation is missing; it is taken for 0."),
        ("PlanarConfiguration", "Planar Configuration is missing; it is taken for 0."),
    ],
)
def test_an_element_that_follows_from_others(keyword: str, said: str) -> None:
    radiograph = read_radiograph(dicom(RGB, drop=[keyword]))
    np.testing.assert_array_equal(radiograph.pixels, read_radiograph(dicom(RGB)).pixels)
    assert [step.detail for step in radiograph.steps if step.name == "Header"] == [said]


@pytest.mark.parametrize(
    ("keyword", "name"), [("BitsStored", "Bits Stored"), ("BitsAllocated", "Bits Allocated")]
)
def test_a_depth_is_never_guessed(keyword: str, name: str) -> None:
    with pytest.raises(UnreadableFile, match=f"Expected {name} in the DICOM header"):
        read_radiograph(dicom(RGB, drop=[keyword]))
