"""What a DICOM header says beside the pixels: an allow-list of technical facts, and warnings."""

from typing import TYPE_CHECKING, Any

import numpy as np

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
_SPACINGS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"  # and its multi-frame kinds, .7.1 to .7.4


def _first(dataset: "Dataset", keyword: str) -> Any:
    from pydicom.multival import MultiValue

    value = dataset.get(keyword)
    if isinstance(value, MultiValue):
        return value[0] if value else None
    return value


def texts(dataset: "Dataset", keyword: str) -> list[str]:
    """All of the element's values in capitals without padding; [""] if it is absent or empty."""
    from pydicom.multival import MultiValue

    value = dataset.get(keyword)
    values = value if isinstance(value, MultiValue) else [value]
    return ["" if v is None else str(v).strip().upper() for v in values]


def number(dataset: "Dataset", keyword: str) -> float | None:
    """The element's first value; None if it is absent, empty or not finite."""
    value = _first(dataset, keyword)
    if value is None or value == "" or not np.isfinite(float(value)):
        return None
    return float(value)


def text(dataset: "Dataset", keyword: str) -> str:
    """The element's first value in capitals without padding; "" if it is absent or empty."""
    value = _first(dataset, keyword)
    return "" if value is None else str(value).strip().upper()


def shown(value: object, length: int = 64) -> str:
    """The printable beginning of a value from a file, for a sentence or a table."""
    return "".join(c for c in str(value)[:length] if c.isprintable())


def technical(dataset: "Dataset") -> dict[str, str]:
    """The allow-listed facts that the file states, by their DICOM names; never a patient's."""
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


def frame_count(dataset: "Dataset") -> int:
    """Number of frames that the header claims; 1 if it doesn't say."""
    return max(1, int(number(dataset, "NumberOfFrames") or 1))


def pixel_aspect(dataset: "Dataset") -> float:
    """Height of a pixel divided by its width: PS3.3 C.7.6.3.1.7 and 10.7.1.3.

    A spacing is the distance of rows, then that of columns; Pixel Aspect Ratio is used only where
    no spacing is given. Under 1 % of difference is taken for rounding.
    """
    for keyword in (*_SPACINGS, "PixelAspectRatio"):
        value = texts(dataset, keyword)
        if len(value) != 2 or "" in value:
            continue
        height, width = float(value[0]), float(value[1])
        if not (np.isfinite([height, width]).all() and height > 0.0 and width > 0.0):
            continue
        aspect = height / width
        return 1.0 if abs(aspect - 1.0) < 0.01 else aspect
    return 1.0


def header_notices(dataset: "Dataset", frame: int) -> list[str]:
    """Sentences on what the header says against trusting the image."""
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
