"""The window that was used, as a grayscale softcopy presentation state (PS3.3 A.33.1)."""

from typing import Any

import numpy as np
from highdicom import (
    VOILUT,
    ModalityLUT,
    ModalityLUTTransformation,
    PresentationLUTTransformation,
)
from highdicom.pr import GrayscaleSoftcopyPresentationState, SoftcopyVOILUTTransformation
from pydicom.dataset import Dataset

from xray_app.core import Radiograph, WindowControls
from xray_app.documents.dicom.identity import Identity, stamped
from xray_app.readers import WindowCurve
from xray_app.readers.dicom import EDGES, MOST_GRAY, LookupTable, Rescale, Shutter

_TABLE = "table "


def table_index(radiograph: Radiograph) -> int:
    """The number of the file's VOI LUT that is in use, counted from 1; 0 if none is."""
    chosen = radiograph.controls.chosen if radiograph.controls is not None else ""
    return int(chosen.removeprefix(_TABLE)) if chosen.startswith(_TABLE) else 0


def why_not(radiograph: Radiograph, identity: Identity) -> str:
    """Why there is no presentation state, in a sentence; "" if there can be one."""
    source, controls = identity.source, radiograph.controls
    if radiograph.file_format != "DICOM":
        return "No presentation state: the original is no DICOM file."
    if source is None:
        return "No presentation state: it would have to name the original image."
    if controls is None:
        return "No presentation state: the image was turned or inverted here."
    return _why_not_image(source, controls)


def _why_not_image(source: dict[str, Any], controls: WindowControls) -> str:
    tables = [t for t in (source["table"], controls.modality) if isinstance(t, LookupTable)]
    is_gray = source["photometric"] in {"MONOCHROME1", "MONOCHROME2"}
    if source["frames"] > 1 or source["is_enhanced"]:
        return "No presentation state: the original holds several frames."
    if not is_gray:
        return "No presentation state: the original has no gray values to window."
    if any(t.first < 0 for t in tables):
        return "No presentation state: the original's table begins below zero."
    return ""


def presentation_state(radiograph: Radiograph, identity: Identity) -> Dataset | None:
    """How the original image was shown; None where ``why_not`` says why."""
    reference, controls = identity.source_image(), radiograph.controls
    if why_not(radiograph, identity) or reference is None or controls is None:
        return None
    reference.Rows, reference.Columns = radiograph.stored.shape
    reference.SamplesPerPixel = 1
    dataset = GrayscaleSoftcopyPresentationState(
        referenced_images=[reference],
        device_serial_number="none",
        content_label="WINDOW",
        content_description="Window that the model's input was made with; research only",
        modality_lut_transformation=_modality(controls),
        voi_lut_transformations=_window(controls, (identity.source or {})["table"]),
        presentation_lut_transformation=PresentationLUTTransformation(
            presentation_lut_shape="INVERSE" if controls.inverted else "IDENTITY"
        ),
        **identity.series("presentation", 9003, "Window used, research only"),
    )
    area = dataset.DisplayedAreaSelectionSequence[0]
    area.PresentationPixelAspectRatio = _aspect(controls.pixel_aspect)
    if isinstance(controls.shutter, Shutter):
        dataset.update(_shutter(controls.shutter))
    return stamped(dataset, identity)


def _modality(controls: WindowControls) -> ModalityLUTTransformation | None:
    """The same step as the reader took from stored to modality values."""
    step = controls.modality
    if isinstance(step, Rescale):
        return ModalityLUTTransformation(
            rescale_intercept=step.intercept, rescale_slope=step.slope, rescale_type="US"
        )
    if isinstance(step, LookupTable):
        lut = ModalityLUT("US", step.first, np.asarray(step.entries, np.uint16))
        return ModalityLUTTransformation(modality_lut=lut)
    return None


def _window(
    controls: WindowControls, table: LookupTable | None
) -> list[SoftcopyVOILUTTransformation]:
    if table is not None:
        return [SoftcopyVOILUTTransformation(voi_luts=[_voi_lut(table)])]
    curve = controls.curve
    if isinstance(curve, WindowCurve):  # a sigmoid, or LINEAR of one level, which has no two ends
        return [
            SoftcopyVOILUTTransformation(curve.center, curve.width, voi_lut_function=curve.function)
        ]
    low, high = controls.window or (0.0, 1.0)
    center, width = (low + high) / 2, high - low
    # LINEAR counts levels (PS3.3 C.11.2.1.2.1), so that these numbers mean [low, high] exactly,
    # in every viewer: LINEAR_EXACT is not known to all.
    return [SoftcopyVOILUTTransformation(center + 0.5, width + 1.0, voi_lut_function="LINEAR")]


def _voi_lut(table: LookupTable) -> VOILUT:
    """The table with its entries over the whole of 16 bits, which is the depth written."""
    scale = 65535.0 / (2**table.bits - 1)
    entries = np.rint(np.minimum(table.entries * scale, 65535.0)).astype(np.uint16)
    return VOILUT(table.first, entries)


def _shutter(shutter: Shutter) -> Dataset:
    """The Display Shutter module (PS3.3 C.7.6.11); its gray is required here (C.11.12).

    A viewer that goes by the presentation state alone would show what the model never saw.
    """
    elements = Dataset()
    shapes = {
        "RECTANGULAR": shutter.edges, "CIRCULAR": shutter.circle, "POLYGONAL": shutter.polygon,
    }  # fmt: skip
    elements.ShutterShape = [shape for shape, numbers in shapes.items() if numbers]
    for keyword, edge in zip(EDGES, shutter.edges, strict=False):
        setattr(elements, keyword, round(edge))
    if shutter.circle:
        *center, radius = map(round, shutter.circle)
        elements.CenterOfCircularShutter, elements.RadiusOfCircularShutter = center, radius
    if shutter.polygon:
        corners = [round(number) for corner in shutter.polygon for number in corner]
        elements.VerticesOfThePolygonalShutter = corners
    elements.ShutterPresentationValue = round(shutter.gray * MOST_GRAY)
    return elements


def _aspect(pixel_aspect: float) -> list[int]:
    """Height and width of a pixel as whole numbers."""
    return [1, 1] if pixel_aspect == 1.0 else [max(1, round(1000 * pixel_aspect)), 1000]
