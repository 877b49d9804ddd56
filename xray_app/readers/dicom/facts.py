"""What a DICOM header says beside the pixels: an allow-list of technical facts, and warnings."""

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from xray_app.core import Plane, Spacing

if TYPE_CHECKING:
    from pydicom import Dataset

_TECHNICAL = {
    "Modality": "Modality",
    "PhotometricInterpretation": "Photometric Interpretation",
    "Rows": "Rows",
    "Columns": "Columns",
    "BitsStored": "Bits Stored",
    "ViewPosition": "View Position",
    "BodyPartExamined": "Body Part Examined",
    "PixelSpacing": "Pixel Spacing",
    "ImagerPixelSpacing": "Imager Pixel Spacing",
    "PresentationIntentType": "Presentation Intent",
    "LossyImageCompression": "Lossy Image Compression",
}
_A_YEAR = {"D": 365.25, "W": 52.18, "M": 12.0, "Y": 1.0}
_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
_SLICES = ("CT", "MR", "PT", "NM")
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"  # and its multi-frame kinds, .7.1 to .7.4


def _values(dataset: "Dataset", keyword: str) -> list[Any]:
    from pydicom.multival import MultiValue

    value = dataset.get(keyword)
    # pydicom gives a plain list where it had to settle an ambiguous value representation
    return list(value) if isinstance(value, (MultiValue, list, tuple)) else [value]


def _first(dataset: "Dataset", keyword: str) -> Any:
    return next(iter(_values(dataset, keyword)), None)


def texts(dataset: "Dataset", keyword: str) -> list[str]:
    """Return all of the element's values in capitals without padding; [""] if absent or empty.

    >>> from pydicom import Dataset
    >>> dataset = Dataset()
    >>> dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    >>> texts(dataset, "ImageType")
    ['ORIGINAL', 'PRIMARY']
    """
    return ["" if v is None else str(v).strip().upper() for v in _values(dataset, keyword)]


def number(dataset: "Dataset", keyword: str) -> float | None:
    """Return the element's first value; None if it is absent, empty or not finite.

    Raises:
        ValueError: the value is text that is no number.

    >>> from pydicom import Dataset
    >>> dataset = Dataset()
    >>> dataset.WindowCenter = [40, 300]
    >>> number(dataset, "WindowCenter"), number(dataset, "WindowWidth")
    (40.0, None)
    """
    value = _first(dataset, keyword)
    if value is None or value == "" or not np.isfinite(float(value)):
        return None
    return float(value)


def text(dataset: "Dataset", keyword: str) -> str:
    """Return the element's first value in capitals without padding; "" if absent or empty.

    >>> from pydicom import Dataset
    >>> dataset = Dataset()
    >>> dataset.ViewPosition = "PA "
    >>> text(dataset, "ViewPosition"), text(dataset, "Modality")
    ('PA', '')
    """
    value = _first(dataset, keyword)
    return "" if value is None else str(value).strip().upper()


def shown(value: object, length: int = 64) -> str:
    """Return the printable beginning of a value from a file, for a sentence or a table.

    Args:
        value: anything; its ``str`` is shown.
        length: how many of its characters at most.

    >>> shown("MONOCHROME2", length=4)
    'MONO'
    """
    return "".join(c for c in str(value)[:length] if c.isprintable())


def technical(dataset: "Dataset") -> dict[str, str]:
    """Return the allow-listed facts that the file states, by their DICOM names; never a patient's.

    >>> from pydicom import examples
    >>> facts = technical(examples.ct)
    >>> facts["Modality"], facts["Pixel Spacing"], "Patient's Name" in facts
    ('CT', '0.661468 x 0.661468 mm', False)
    """
    syntax = dataset.file_meta.TransferSyntaxUID
    facts = {"Transfer Syntax": shown(syntax.name, 96), "Transfer Syntax UID": shown(syntax)}
    for keyword, label in _TECHNICAL.items():
        value = dataset.get(keyword)
        if value in (None, ""):
            continue
        is_spacing = keyword.endswith("Spacing")
        millimetres = " x ".join(map(shown, texts(dataset, keyword))) + " mm"
        facts[label] = millimetres if is_spacing else shown(value)
    return facts


def age_years(dataset: "Dataset") -> float | None:
    """Return the patient's age in years (PS3.5, VR AS); None if absent or written otherwise.

    >>> from pydicom import Dataset
    >>> dataset = Dataset()
    >>> dataset.PatientAge = "018M"
    >>> age_years(dataset)
    1.5
    """
    found = re.fullmatch(r"(\d{3})([DWMY])", text(dataset, "PatientAge"))
    return int(found[1]) / _A_YEAR[found[2]] if found else None


def frame_count(dataset: "Dataset") -> int:
    """Return the number of frames that the header claims; 1 if it doesn't say.

    >>> from pydicom import Dataset
    >>> dataset = Dataset()
    >>> dataset.NumberOfFrames = 3
    >>> frame_count(dataset), frame_count(Dataset())
    (3, 1)
    """
    return max(1, int(number(dataset, "NumberOfFrames") or 1))


def pixel_aspect(dataset: "Dataset") -> float:
    """Return the height of a pixel divided by its width: PS3.3 C.7.6.3.1.7 and 10.7.1.3.

    A spacing is the distance of rows, then that of columns; Pixel Aspect Ratio is used only where
    no spacing is given. Under 1 % of difference is taken for rounding.

    Raises:
        ValueError: a spacing is text that is no number.

    >>> from pydicom import Dataset
    >>> dataset = Dataset()
    >>> dataset.PixelSpacing = [0.4, 0.2]
    >>> pixel_aspect(dataset)
    2.0
    """
    for keyword in (*_SPACINGS, "PixelAspectRatio"):
        pair = _pair(dataset, keyword)
        if pair is not None:
            aspect = pair[0] / pair[1]
            return 1.0 if abs(aspect - 1.0) < 0.01 else aspect
    return 1.0


def spacing(dataset: "Dataset", measures: "Dataset") -> Spacing | None:
    """Return how far pixels lie apart and in which plane, as PS3.3 10.7.1 reads the elements.

    Pixel Spacing is the patient's only where it was calibrated: its type says so, or it differs
    from the spacing at the detector or on the scanned film. Alone it leaves that open, except in
    a slice.

    Args:
        dataset: of the whole file.
        measures: where Pixel Spacing stands: the data set, or a frame's pixel measures.

    >>> from pydicom import Dataset
    >>> dataset = Dataset()
    >>> dataset.ImagerPixelSpacing = [0.2, 0.1]
    >>> spacing(dataset, dataset)
    Spacing(rows=0.2, columns=0.1, element='Imager Pixel Spacing', plane='detector')
    """
    planes: tuple[tuple[str, str, Plane], ...] = (
        ("ImagerPixelSpacing", "Imager Pixel Spacing", "detector"),
        ("NominalScannedPixelSpacing", "Nominal Scanned Pixel Spacing", "film"),
    )
    known = [(_pair(dataset, keyword), name, plane) for keyword, name, plane in planes]
    found = [(pair, name, plane) for pair, name, plane in known if pair is not None]
    pixel = _pair(measures, "PixelSpacing")
    if pixel is None:
        return Spacing(*found[0][0], *found[0][1:]) if found else None
    for pair, _, plane in found:
        if np.allclose(pair, pixel, rtol=1e-3, atol=0.0):
            return Spacing(*pixel, "Pixel Spacing", plane)
    is_calibrated = bool(found) or text(measures, "PixelSpacingCalibrationType") != ""
    is_patient = is_calibrated or text(dataset, "Modality") in _SLICES
    return Spacing(*pixel, "Pixel Spacing", "patient" if is_patient else "")


def _pair(dataset: "Dataset", keyword: str) -> tuple[float, float] | None:
    """The distance of rows, then that of columns; None if the element has no such numbers."""
    value = texts(dataset, keyword)
    if len(value) != 2 or "" in value:
        return None
    height, width = float(value[0]), float(value[1])
    usable = np.isfinite([height, width]).all() and height > 0.0 and width > 0.0
    return (height, width) if usable else None


def header_notices(dataset: "Dataset", frame: int) -> list[str]:
    """List sentences on what the header says against trusting the image; ``frame`` counts from 1.

    >>> from pydicom import Dataset
    >>> dataset = Dataset()
    >>> dataset.NumberOfFrames = 3
    >>> header_notices(dataset, frame=1)
    ['The file holds 3 frames; frame 1 is shown.']
    """
    notices = []
    frames = frame_count(dataset)
    if frames > 1:
        notices.append(f"The file holds {frames} frames; frame {frame} is shown.")
    if text(dataset, "BurnedInAnnotation") == "YES":
        notices.append(
            "The file says that text is burned into its pixels; it may name the patient, and a "
            "model may read it."
        )
    sop_class = text(dataset, "SOPClassUID")
    if sop_class == _SECONDARY_CAPTURE or sop_class.startswith(_SECONDARY_CAPTURE + "."):
        notices.append("A secondary capture: a copy whose gray values may have been changed.")
    if text(dataset, "PresentationIntentType") == "FOR PROCESSING":
        notices.append("The file holds detector values for processing, not meant to be viewed.")
    return notices
