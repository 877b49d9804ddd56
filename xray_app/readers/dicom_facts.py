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
}
_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"  # and its multi-frame kinds, .7.1 to .7.4


def _first(dataset: "Dataset", keyword: str) -> Any:
    from pydicom.multival import MultiValue

    value = dataset.get(keyword)
    if isinstance(value, MultiValue):
        return value[0] if value else None
    return value


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


def technical(dataset: "Dataset") -> dict[str, str]:
    """The allow-listed facts that the file states, by their DICOM names; never a patient's."""
    facts = {"Transfer Syntax": dataset.file_meta.TransferSyntaxUID.name}
    for keyword, label in _TECHNICAL.items():
        value = dataset.get(keyword)
        if value in (None, ""):
            continue
        is_spacing = keyword.endswith("Spacing")
        facts[label] = " x ".join(map(str, value)) + " mm" if is_spacing else str(value)[:64]
    return facts


def header_notices(dataset: "Dataset") -> list[str]:
    """Sentences on what the header says against trusting the image."""
    notices = []
    if (number(dataset, "NumberOfFrames") or 1) > 1:
        notices.append("The file holds more than one frame; only the first is read.")
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
