"""DICOM: stored values to display values, as PS3.3 C.11 and PS3.4 N.2 order the steps.

Stored values -> modality LUT or rescale -> VOI LUT or window -> presentation (inversion).
"""

from typing import TYPE_CHECKING

import numpy as np

from xray_app.core.errors import UnsupportedFile
from xray_app.core.records import AnyArray, Radiograph
from xray_app.readers import dicom_file
from xray_app.readers.dicom_facts import header_notices, number, technical, text
from xray_app.readers.draft import (
    Draft,
    finished,
    full_scale,
    inverted,
    stretched,
    value_range,
    with_dark_notice,
    with_finite_values,
)
from xray_app.readers.grayscale import to_gray
from xray_app.readers.reader import Reader
from xray_app.readers.voi import WINDOWS, LookupTable, lookup_table

if TYPE_CHECKING:
    from pydicom import Dataset

_COLOUR = ("RGB", "PALETTE COLOR", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")


def read(data: bytes) -> Radiograph:
    """Read the first frame of a DICOM image as it is meant to be displayed.

    ``pixels`` span [0, 2**BitsStored - 1] and are never rounded; ``stored`` holds the stored
    values. Float pixel data have no Bits Stored, so theirs span [0, 1].
    """
    dataset = dicom_file.parse(data)
    photometric = text(dataset, "PhotometricInterpretation")
    if photometric not in ("MONOCHROME1", "MONOCHROME2", *_COLOUR):
        raise UnsupportedFile(
            "Expected Photometric Interpretation MONOCHROME1, MONOCHROME2 or a colour space, "
            f"received {photometric[:16] or 'none'}. Export the image as MONOCHROME2."
        )
    values = dicom_file.decode(dataset)
    bits = _bits(dataset, values)
    detail = f"DICOM, {bits} bits {values.dtype.name}, {dataset.file_meta.TransferSyntaxUID.name}"
    draft = to_gray(with_finite_values(Draft.decoded(values, bits, detail)))
    stored = draft.values
    if photometric not in _COLOUR:
        draft = _displayed(draft, dataset)
    for sentence in header_notices(dataset):
        draft = draft.noting(sentence)
    return finished(
        draft,
        data,
        stored=stored,
        file_format="DICOM",
        bits=bits,
        technical=technical(dataset),
    )


def _bits(dataset: "Dataset", values: AnyArray) -> int:
    if text(dataset, "PhotometricInterpretation") == "PALETTE COLOR":
        return int(dataset.RedPaletteColorLookupTableDescriptor[2])
    if values.dtype.kind == "f":
        return values.dtype.itemsize * 8
    return int(number(dataset, "BitsStored") or dataset.BitsAllocated)


def _displayed(stored: Draft, dataset: "Dataset") -> Draft:
    draft = _voi(_modality(stored, dataset), dataset, _padding(stored.values, dataset))
    reasons = []
    if text(dataset, "PhotometricInterpretation") == "MONOCHROME1":
        reasons.append("MONOCHROME1: the lowest value is white")
    if text(dataset, "PresentationLUTShape") == "INVERSE":
        reasons.append("Presentation LUT Shape INVERSE")
    # both say the same thing, so both together still invert once (PS3.3 C.11.6.1.2)
    return inverted(draft, "; ".join(reasons)) if reasons else draft


def _modality(draft: Draft, dataset: "Dataset") -> Draft:
    """PS3.3 C.11.1: a table, or slope and intercept; an empty element counts as absent."""
    table = _table(dataset, "ModalityLUTSequence")
    if table:
        detail = f"table of {len(table.entries)} entries of {table.bits} bits"
        return draft.then("Modality LUT", detail, table.apply(draft.values))
    slope, intercept = number(dataset, "RescaleSlope"), number(dataset, "RescaleIntercept")
    if slope is None and intercept is None:
        return draft
    if slope == 0.0:
        return draft.noting("The file's Rescale Slope is 0, which is not allowed; it is ignored.")
    slope, intercept = 1.0 if slope is None else slope, intercept or 0.0
    values = draft.values.astype(np.float64) * slope + intercept
    return draft.then("Modality LUT", f"x' = {slope:g} x {intercept:+g}", values)


def _voi(draft: Draft, dataset: "Dataset", padding: AnyArray | None) -> Draft:
    """PS3.3 C.11.2: the first table, else the first window, else the range of the image."""
    table = _table(dataset, "VOILUTSequence")
    if table:
        full = full_scale(table.bits)
        shown = draft.then(
            "VOI LUT",
            f"table of {len(table.entries)} entries of {table.bits} bits",
            np.clip(table.apply(draft.values), 0.0, full) * (draft.white / full),
        )
        return with_dark_notice(shown)
    center, width = number(dataset, "WindowCenter"), number(dataset, "WindowWidth")
    if center is None or width is None:
        return _whole_range(draft, padding)
    function = text(dataset, "VOILUTFunction") or "LINEAR"
    window = WINDOWS.get(function)
    if window is None or not window.is_valid(width):
        draft = draft.noting(
            f"The file's window (function {function[:16]}, width {width:g}) is not one that DICOM "
            "defines; it is ignored."
        )
        return _whole_range(draft, padding)
    values = window.apply(draft.values.astype(np.float64), center, width, draft.white)
    return draft.then("VOI window", f"{function}, center {center:g}, width {width:g}", values)


def _whole_range(draft: Draft, padding: AnyArray | None) -> Draft:
    image = draft.values if padding is None or padding.all() else draft.values[~padding]
    detail = "no window in the file; smallest and largest value become black and white"
    return stretched(draft, *value_range(image), detail)


def _padding(stored: AnyArray, dataset: "Dataset") -> AnyArray | None:
    """Pixels outside the image, which must not set its range: PS3.3 C.7.5.1.1.2."""
    value = number(dataset, "PixelPaddingValue")
    if value is None:
        return None
    limit = number(dataset, "PixelPaddingRangeLimit")
    low, high = sorted((value, value if limit is None else limit))
    mask: AnyArray = (stored >= low) & (stored <= high)
    return mask


def _table(dataset: "Dataset", keyword: str) -> LookupTable | None:
    sequence = dataset.get(keyword)
    if not sequence:
        return None
    item = sequence[0]
    count, first, bits = (int(value) for value in item.LUTDescriptor)
    little_endian = bool(dataset.original_encoding[1])
    return lookup_table((count, first, bits), item.LUTData, little_endian=little_endian)


READER = Reader("dicom", "DICOM", (".dcm", ".dicom"), dicom_file.sniff, read)
