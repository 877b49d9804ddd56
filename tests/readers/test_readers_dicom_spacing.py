"""Whose millimetres a DICOM file's pixel spacing are: PS3.3 10.7.1."""

from typing import Any

import numpy as np
import pytest

from tests.readers.reader_files import dicom
from xray_app.core import Spacing
from xray_app.core.images import corrected
from xray_app.presentation import spacing_sentence
from xray_app.readers import read_isolated, read_radiograph

STORED = np.arange(64, dtype=np.uint16).reshape(8, 8)
PIXEL, IMAGER, FILM = "PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"


def spacing(**tags: Any) -> Spacing | None:
    return read_radiograph(dicom(STORED, bits=12, **tags)).spacing


@pytest.mark.parametrize(
    ("tags", "element", "plane"),
    [
        ({IMAGER: [0.2, 0.2]}, "Imager Pixel Spacing", "detector"),
        ({IMAGER: [0.2, 0.2], PIXEL: [0.2, 0.2]}, "Pixel Spacing", "detector"),
        ({IMAGER: [0.22, 0.22], PIXEL: [0.2, 0.2]}, "Pixel Spacing", "patient"),
        ({FILM: [0.2, 0.2]}, "Nominal Scanned Pixel Spacing", "film"),
        ({FILM: [0.2, 0.2], PIXEL: [0.2, 0.2]}, "Pixel Spacing", "film"),
        ({PIXEL: [0.2, 0.2]}, "Pixel Spacing", ""),
        (
            {PIXEL: [0.2, 0.2], "PixelSpacingCalibrationType": "FIDUCIAL"},
            "Pixel Spacing",
            "patient",
        ),
        ({PIXEL: [0.2, 0.2], "Modality": "CT"}, "Pixel Spacing", "patient"),
    ],
)
def test_the_plane(tags: dict[str, Any], element: str, plane: str) -> None:
    found = spacing(**tags)
    assert found == Spacing(0.2, 0.2, element, plane)
    assert element in spacing_sentence(found)


@pytest.mark.parametrize(
    "tags", [{}, {PIXEL: None}, {PIXEL: [0, 0.2]}, {IMAGER: [-0.2, -0.2]}, {IMAGER: [0.2]}]
)
def test_none_is_made_up(tags: dict[str, Any]) -> None:
    assert spacing(**tags) is None
    assert "no millimetres" in spacing_sentence(None)


def test_it_survives_the_other_process_and_a_quarter_turn() -> None:
    radiograph = read_isolated(dicom(STORED, bits=12, ImagerPixelSpacing=[0.4, 0.39]))
    assert radiograph.spacing == Spacing(0.4, 0.39, "Imager Pixel Spacing", "detector")
    turned = corrected(radiograph, "turn_left").spacing
    assert turned == Spacing(0.39, 0.4, "Imager Pixel Spacing", "detector")
    assert corrected(radiograph, "turn_around").spacing == radiograph.spacing


def test_curves_survive_the_other_process() -> None:
    data = dicom(STORED, bits=12, WindowCenter=32, WindowWidth=16, VOILUTFunction="SIGMOID")
    (offer, _) = read_isolated(data).controls.offers
    assert offer.curve(np.array([32.0])).tolist() == [0.5]
