"""Elements that pixels need and a file lacks: filled in and told, or named in one sentence."""

from io import BytesIO

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.datadict import dictionary_VR
from pydicom.uid import ImplicitVRLittleEndian

from tests.readers.reader_files import RAMP, TWELVE, dicom, saved
from xray_app.core.errors import UnreadableFile
from xray_app.readers import read_radiograph

RGB = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5
PALETTE = {
    f"{colour}PaletteColorLookupTable{part}": value
    for colour in ("Red", "Green", "Blue")
    for part, value in (("Descriptor", [256, 0, 8]), ("Data", bytes(range(255, -1, -1))))
}
FILES = {
    "gray": dicom(TWELVE, bits=12, PixelPaddingValue=0),
    "implicit": dicom(TWELVE, bits=12, PixelPaddingValue=0, syntax=ImplicitVRLittleEndian),
    "float": dicom(np.array([[0.25, 0.75]], np.float32)),
    "rgb": dicom(RGB),
    "palette": dicom(RAMP, PhotometricInterpretation="PALETTE COLOR", **PALETTE),
}


def without(kind, keyword, *, empty):
    dataset = dcmread(BytesIO(FILES[kind]))
    del dataset[keyword]
    if empty:
        vr = "US" if "Descriptor" in keyword else dictionary_VR(keyword)
        dataset.add_new(keyword, vr, None)
    return saved(dataset)


@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize(
    ("kind", "keyword", "said"),
    [
        ("gray", "SamplesPerPixel", "Samples per Pixel is missing; it is taken for 1"),
        ("float", "SamplesPerPixel", "Samples per Pixel is missing; it is taken for 1"),
        ("palette", "SamplesPerPixel", "Samples per Pixel is missing; it is taken for 1"),
        ("rgb", "SamplesPerPixel", "Samples per Pixel is missing; it is taken for 3"),
        ("gray", "PixelRepresentation", "Pixel Representation is missing; it is taken for 0"),
        ("implicit", "PixelRepresentation", "Pixel Representation is missing; it is taken for 0"),
        ("rgb", "PlanarConfiguration", "Planar Configuration is missing; it is taken for 0"),
    ],
)
def test_what_the_header_settles_is_filled_in(kind, keyword, said, empty):
    whole = read_radiograph(FILES[kind])
    radiograph = read_radiograph(without(kind, keyword, empty=empty))
    np.testing.assert_array_equal(radiograph.pixels, whole.pixels)
    (detail,) = (step.detail for step in radiograph.steps if step.name == "Header")
    assert detail.startswith(said)
    assert not any(step.name == "Header" for step in whole.steps)


@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize(
    ("kind", "keyword", "name"),
    [
        ("gray", "BitsStored", "Bits Stored"),
        ("rgb", "BitsAllocated", "Bits Allocated"),
        ("float", "BitsAllocated", "Bits Allocated"),
        (
            "palette",
            "RedPaletteColorLookupTableDescriptor",
            "Red Palette Color Lookup Table Descriptor",
        ),
        (
            "palette",
            "BluePaletteColorLookupTableData",
            "Blue Palette Color Lookup Table Data",
        ),
    ],
)
def test_what_nothing_settles_is_named(kind, keyword, name, empty):
    with pytest.raises(UnreadableFile, match=f"Expected {name} in the DICOM header"):
        read_radiograph(without(kind, keyword, empty=empty))
