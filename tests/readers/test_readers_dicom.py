"""The display pipeline of DICOM and what is said of a file, on files built here."""

import numpy as np
import pytest
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from tests.readers.reader_files import RAMP, TWELVE, dicom, lut_item, step_names
from xray_app.readers import read_radiograph


def spread(values, white):
    values = np.asarray(values, np.float64)
    return (values - values.min()) * white / (values.max() - values.min())


def test_without_a_window_the_image_spans_the_range():
    array = (TWELVE // 2 + 100).astype(np.uint16)
    radiograph = read_radiograph(dicom(array, bits=12))
    np.testing.assert_allclose(radiograph.pixels, spread(array, 4095), rtol=1e-6, atol=1e-3)
    np.testing.assert_array_equal(radiograph.stored, array)
    assert radiograph.stored.dtype == np.uint16
    assert (radiograph.bits, radiograph.white) == (12, 4095.0)
    assert step_names(radiograph) == ["Decoded", "Display range"]


@pytest.mark.parametrize("function", ["", "LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_windows(function):
    tags = {"VOILUTFunction": function} if function else {}
    radiograph = read_radiograph(
        dicom(TWELVE, bits=12, WindowCenter=[1500.0, 7.0], WindowWidth=[800.0, 9.0], **tags)
    )
    x = TWELVE.astype(np.float64)
    expected = {
        "LINEAR": np.clip((x - 1499.5) / 799 + 0.5, 0, 1),
        "LINEAR_EXACT": np.clip((x - 1500) / 800 + 0.5, 0, 1),
        "SIGMOID": 1 / (1 + np.exp(-4 * (x - 1500) / 800)),
    }[function or "LINEAR"]
    np.testing.assert_allclose(radiograph.pixels, expected * 4095, rtol=1e-5, atol=1e-3)
    assert step_names(radiograph) == ["Decoded", "VOI window"]
    assert radiograph.steps[1].detail == f"{function or 'LINEAR'}, center 1500, width 800"
    assert radiograph.steps[1].before == (0.0, float(TWELVE.max()))


def test_windowed_values_are_not_rounded():
    pixels = read_radiograph(dicom(TWELVE, bits=12, WindowCenter=1000, WindowWidth=3000)).pixels
    assert np.any(pixels != np.rint(pixels))


def test_rescale_comes_before_the_window():
    radiograph = read_radiograph(
        dicom(
            TWELVE,
            bits=12,
            RescaleSlope="2",
            RescaleIntercept="-1024",
            WindowCenter=1024,
            WindowWidth=4096,
        )
    )
    x = TWELVE * 2.0 - 1024
    expected = np.clip((x - 1023.5) / 4095 + 0.5, 0, 1) * 4095
    np.testing.assert_allclose(radiograph.pixels, expected, rtol=1e-5, atol=1e-3)
    assert step_names(radiograph) == ["Decoded", "Modality LUT", "VOI window"]
    assert radiograph.steps[1].detail == "x' = 2 x -1024"


@pytest.mark.parametrize("missing", ["RescaleSlope", "RescaleIntercept"])
def test_half_a_rescale(missing):
    tags = {"RescaleSlope": "-1", "RescaleIntercept": "100"} | {missing: None}
    radiograph = read_radiograph(dicom(RAMP, **tags))
    expected = spread(RAMP, 255) if missing == "RescaleSlope" else 255.0 - RAMP
    np.testing.assert_allclose(radiograph.pixels, expected, rtol=1e-6)


def test_empty_elements_count_as_absent():
    empty = dict.fromkeys(
        ("RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth", "VOILUTFunction")
    )
    sequences = {"ModalityLUTSequence": [], "VOILUTSequence": []}
    radiograph = read_radiograph(dicom(RAMP, **empty, **sequences, PresentationLUTShape=""))
    np.testing.assert_allclose(radiograph.pixels, RAMP)
    assert step_names(radiograph) == ["Decoded", "Display range"]
    assert not radiograph.notices


@pytest.mark.parametrize(
    "tags",
    [
        {"WindowCenter": 100, "WindowWidth": 0},
        {"WindowCenter": 100, "WindowWidth": 0.5},
        {"WindowCenter": 100, "WindowWidth": -5, "VOILUTFunction": "SIGMOID"},
        {"WindowCenter": 100, "WindowWidth": 50, "VOILUTFunction": "CUBIC"},
        {"RescaleSlope": 0, "RescaleIntercept": 5},
    ],
)
def test_undefined_windows_and_slopes_are_ignored_and_noticed(tags):
    radiograph = read_radiograph(dicom(RAMP, **tags))
    np.testing.assert_allclose(radiograph.pixels, RAMP)
    assert "ignored" in radiograph.notices[0]


@pytest.mark.parametrize(
    ("photometric", "shape", "is_inverted"),
    [
        ("MONOCHROME2", "", False),
        ("MONOCHROME2", "IDENTITY", False),
        ("MONOCHROME1", "", True),
        ("MONOCHROME1", "INVERSE", True),
        ("MONOCHROME2", "INVERSE", True),
    ],
)
def test_inverted_exactly_once_and_after_windowing(photometric, shape, is_inverted):
    radiograph = read_radiograph(
        dicom(
            TWELVE,
            bits=12,
            PhotometricInterpretation=photometric,
            PresentationLUTShape=shape,
            WindowCenter=600,
            WindowWidth=700,
        )
    )
    windowed = np.clip((TWELVE - 599.5) / 699 + 0.5, 0, 1) * 4095
    expected = 4095 - windowed if is_inverted else windowed
    np.testing.assert_allclose(radiograph.pixels, expected, rtol=1e-5, atol=1e-3)
    assert step_names(radiograph) == ["Decoded", "VOI window", *["Inverted"] * is_inverted]
    np.testing.assert_array_equal(radiograph.stored, TWELVE)


@pytest.mark.parametrize("vr", ["US", "OW"])
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_voi_lut_of_8_bits_under_deeper_input(vr, syntax):
    # pydicom's apply_voi turns input 256 and above into entry (input modulo 256)
    entries = np.sqrt(np.arange(4096) / 4095) * 255
    entries = np.rint(entries).astype(np.uint8)
    item = lut_item(entries, 0, 8, vr=vr)
    radiograph = read_radiograph(dicom(TWELVE, bits=12, syntax=syntax, VOILUTSequence=[item]))
    expected = entries[TWELVE] * (4095 / 255)
    np.testing.assert_allclose(radiograph.pixels, expected, rtol=1e-6)
    assert step_names(radiograph) == ["Decoded", "VOI LUT"]
    assert radiograph.steps[1].detail == "table of 4096 entries of 8 bits"


def test_voi_lut_clamps_and_comes_before_a_window():
    item = lut_item([0, 1000, 65535], 100, 16)
    radiograph = read_radiograph(
        dicom(
            np.array([[0, 100, 101, 102, 255]], np.uint8),
            VOILUTSequence=[item],
            WindowCenter=50,
            WindowWidth=10,
        )
    )
    expected = np.array([[0, 0, 1000, 65535, 65535]]) * (255 / 65535)
    np.testing.assert_allclose(radiograph.pixels, expected, rtol=1e-6)
    assert step_names(radiograph) == ["Decoded", "VOI LUT"]


def test_voi_lut_that_fills_half_of_its_depth_is_taken_for_that():
    radiograph = read_radiograph(dicom(RAMP, VOILUTSequence=[lut_item(range(256), 0, 16)]))
    np.testing.assert_allclose(radiograph.pixels, RAMP, rtol=1e-6)
    assert "16 bits declared, 8 filled" in radiograph.steps[-1].detail
    assert not radiograph.notices


def test_modality_lut():
    item = lut_item(np.arange(256)[::-1] * 10, 0, 16)
    radiograph = read_radiograph(
        dicom(RAMP, ModalityLUTSequence=[item], WindowCenter=1275, WindowWidth=2551)
    )
    x = (255.0 - RAMP) * 10
    expected = np.clip((x - 1274.5) / 2550 + 0.5, 0, 1) * 255
    np.testing.assert_allclose(radiograph.pixels, expected, rtol=1e-5, atol=1e-4)
    assert step_names(radiograph) == ["Decoded", "Modality LUT", "VOI window"]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"BurnedInAnnotation": "YES"}, "burned into"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, "secondary capture"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7.2"}, "secondary capture"),
        ({"PresentationIntentType": "FOR PROCESSING"}, "for processing"),
    ],
)
def test_notices(tags, expected):
    assert expected in read_radiograph(dicom(RAMP, **tags)).notices[0]
    assert not read_radiograph(dicom(RAMP, BurnedInAnnotation="NO")).notices


def test_technical_facts_only():
    radiograph = read_radiograph(
        dicom(
            TWELVE,
            bits=12,
            ViewPosition="PA",
            BodyPartExamined="CHEST",
            ImagerPixelSpacing=["0.143", "0.143"],
            PixelSpacing=[],
            PresentationIntentType="FOR PRESENTATION",
            StudyDescription="Jane Doe's chest",
            WindowCenterWidthExplanation="DOE",
            WindowCenter=9,
            WindowWidth=9,
        )
    )
    assert radiograph.technical == {
        "Transfer Syntax": "Explicit VR Little Endian",
        "Transfer Syntax UID": "1.2.840.10008.1.2.1",
        "Modality": "DX",
        "Photometric Interpretation": "MONOCHROME2",
        "Rows": "4",
        "Columns": "6",
        "Bits Stored": "12",
        "View Position": "PA",
        "Body Part Examined": "CHEST",
        "Imager Pixel Spacing": "0.143 x 0.143 mm",
        "Presentation Intent": "FOR PRESENTATION",
    }
    shown = repr(radiograph) + repr(radiograph.technical) + repr(radiograph.steps)
    for secret in ("Doe", "DOE", "SECRET", "4711", "Hospital", "Jane"):
        assert secret not in shown
