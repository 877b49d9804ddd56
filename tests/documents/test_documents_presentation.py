"""The presentation state, applied by pydicom to the stored values."""

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.pixels import apply_presentation_lut, apply_voi_lut

from tests.documents.made import PATIENT, report_of, source
from tests.documents.objects import WINDOW, judged, linked, read
from tests.readers.reader_files import RAMP, dicom, lut_item, png
from xray_app.core.images.correction import corrected
from xray_app.documents.dicom.export import dicom_export
from xray_app.readers import ReadOptions, read_radiograph, rewindow
from xray_app.readers.dicom.shutter import shutter_of


def shown_by(state: Dataset, stored: np.ndarray) -> np.ndarray:
    """What pydicom makes of stored values under a presentation state, from 0 to 1."""
    values = stored.astype(float)
    values = values * float(state.get("RescaleSlope", 1)) + float(state.get("RescaleIntercept", 0))
    image = Dataset()
    image.PhotometricInterpretation = "MONOCHROME2"
    image.BitsStored, image.PixelRepresentation = 16, 0
    image.update(state.SoftcopyVOILUTSequence[0])
    image.file_meta = state.file_meta
    is_table = "VOILUTSequence" in image
    voi = apply_voi_lut(np.rint(values).astype(np.uint16) if is_table else values, image)
    image.PresentationLUTShape = state.PresentationLUTShape
    inverted = state.PresentationLUTShape == "INVERSE"
    return (1.0 - voi / 65535.0) if inverted else apply_presentation_lut(voi, image) / 65535.0


TABLE = lut_item(np.linspace(0, 4095, 4096).astype(int) ** 2 // 4095, 0, 12)


CASES: dict[str, tuple[dict[str, object], ReadOptions]] = {
    "window": ({}, ReadOptions()),
    "fractional": ({"WindowCenter": "1500.5", "WindowWidth": "777.25"}, ReadOptions()),
    "exact": ({"VOILUTFunction": "LINEAR_EXACT"}, ReadOptions()),
    "sigmoid": ({"VOILUTFunction": "SIGMOID"}, ReadOptions()),
    "rescale": ({"RescaleSlope": "2", "RescaleIntercept": "100"}, ReadOptions()),
    "monochrome1": ({"PhotometricInterpretation": "MONOCHROME1"}, ReadOptions()),
    "inverse": ({"PresentationLUTShape": "INVERSE"}, ReadOptions()),
    "range": ({}, ReadOptions(window="range")),
    "own": ({}, ReadOptions(low=300.25, high=3100.5)),
    "one level": ({"WindowCenter": "2000", "WindowWidth": "1"}, ReadOptions()),
    "table": ({"VOILUTSequence": [TABLE]}, ReadOptions()),
}


@pytest.mark.parametrize(("tags", "options"), CASES.values(), ids=CASES)
def test_the_presentation_state_shows_what_the_model_was_given(
    tags: dict[str, object], options: ReadOptions, tmp_path: Path
) -> None:
    data = source(**tags)
    radiograph = read_radiograph(data, "x", options)
    export = dicom_export(report_of(radiograph), radiograph, data)
    state = read(export, WINDOW)
    shown = shown_by(state, np.asarray(radiograph.stored))
    assert np.abs(shown - radiograph.display).max() < 2 / 4095
    assert judged(export.files[WINDOW], tmp_path)[0] == []


# DCMTK knows no sigmoid in a presentation state and draws the window as linear.
@pytest.mark.parametrize("case", [case for case in CASES if case != "sigmoid"])
def test_dcmtk_shows_the_original_as_the_app_did(case: str, tmp_path: Path) -> None:
    tags, options = CASES[case]
    data = source(**tags)
    radiograph = read_radiograph(data, "x", options)
    state = dicom_export(report_of(radiograph), radiograph, data).files[WINDOW]
    shown = drawn(data, state, tmp_path)
    assert np.abs(shown - 255.0 * radiograph.display).max() <= 1.0


def drawn(data: bytes, state: bytes, folder: Path) -> np.ndarray:
    """What DCMTK draws of a file under a presentation state, 0 to 255."""
    tool = shutil.which("dcmp2pgm")
    if tool is None:
        pytest.skip("dcmp2pgm is not installed (Debian package dcmtk)")
    original, window, shown = (folder / name for name in ("x.dcm", "window.dcm", "shown.pgm"))
    original.write_bytes(data)
    window.write_bytes(state)
    subprocess.run([tool, "-p", window, original, shown], check=True, capture_output=True)
    with Image.open(shown) as image:
        return np.asarray(image).astype(float)


def test_where_there_can_be_no_presentation_state() -> None:
    data = source()
    turned = corrected(read_radiograph(data, "x"), "turn_left")
    assert "turned or inverted" in dicom_export(report_of(turned), turned, data).note
    frames = bytes(dicom(np.stack([RAMP, RAMP]), **PATIENT))
    assert "several frames" in linked(frames).note
    colour = bytes(dicom(np.dstack([RAMP] * 3), **PATIENT))
    assert "no gray values" in linked(colour).note
    image = read_radiograph(png(RAMP), "x")
    assert "no DICOM" in dicom_export(report_of(image), image, None).note


EDGES = {
    "ShutterLeftVerticalEdge": 5, "ShutterRightVerticalEdge": 30,
    "ShutterUpperHorizontalEdge": 7, "ShutterLowerHorizontalEdge": 41,
}  # fmt: skip
CIRCLE = {"CenterOfCircularShutter": [24, 20], "RadiusOfCircularShutter": 15}
POLYGON = {"VerticesOfThePolygonalShutter": [5, 5, 5, 35, 40, 20]}


@pytest.mark.parametrize(
    "shutter",
    [
        {"ShutterShape": "RECTANGULAR", **EDGES},
        {"ShutterShape": "CIRCULAR", **CIRCLE},
        {"ShutterShape": "POLYGONAL", **POLYGON},
        {"ShutterShape": ["RECTANGULAR", "CIRCULAR"], **EDGES, **CIRCLE},
    ],
    ids=lambda shutter: str(shutter["ShutterShape"]),
)
def test_what_a_shutter_hid_from_the_model_stays_hidden(
    shutter: dict[str, object], tmp_path: Path
) -> None:
    """A presentation state without one takes the image's own off (PS3.3 C.11.12)."""
    tags = shutter | {"ShutterPresentationValue": 30000}
    data = source(**tags)
    radiograph = read_radiograph(data, "x")
    content = linked(data).files[WINDOW]
    state, original = dcmread(io.BytesIO(content)), dcmread(io.BytesIO(data))
    assert {name: state[name].value for name in tags} == {n: original[n].value for n in tags}
    assert judged(content, tmp_path)[0] == []
    assert radiograph.controls is not None
    hidden = shutter_of(state, 1.0)
    assert hidden == radiograph.controls.shutter
    seen = ~radiograph.controls.shutter(48, 40)
    shown = drawn(data, content, tmp_path)  # which draws all, and leaves a shutter to its caller
    assert np.abs(shown - 255.0 * radiograph.display)[seen].max() <= 1.0


def test_pixels_that_are_not_square_keep_their_shape() -> None:
    data = source(PixelSpacing=["0.4", "0.2"])
    area = read(linked(data), WINDOW).DisplayedAreaSelectionSequence[0]
    assert list(area.PresentationPixelAspectRatio) == [2000, 1000]


def test_a_window_chosen_later_is_the_one_written() -> None:
    data = source()
    radiograph = rewindow(read_radiograph(data, "x"), 100.0, 200.0)
    state = read(dicom_export(report_of(radiograph), radiograph, data), WINDOW)
    voi = state.SoftcopyVOILUTSequence[0]
    # LINEAR: black at center - 0.5 - (width - 1) / 2, white at center - 0.5 + (width - 1) / 2
    assert (float(voi.WindowCenter), float(voi.WindowWidth)) == (150.5, 101.0)
