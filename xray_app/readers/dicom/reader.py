"""DICOM: stored values to display values, as PS3.3 C.11 and PS3.4 N.2 order the steps.

Stored values -> modality LUT or rescale -> VOI LUT or window -> presentation (inversion).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from xray_app.core import AnyArray, UnsupportedFile
from xray_app.readers.dicom import file as dicom_file
from xray_app.readers.dicom.decoders import decode
from xray_app.readers.dicom.facts import (
    age_years,
    frame_count,
    header_notices,
    number,
    pixel_aspect,
    shown,
    spacing,
    technical,
    text,
)
from xray_app.readers.dicom.lut import LookupTable, Rescale
from xray_app.readers.dicom.shutter import Shutter, shutter_of
from xray_app.readers.dicom.windows import functional_group, renderings, table
from xray_app.readers.options import ReadOptions
from xray_app.readers.reader import Reader
from xray_app.readers.steps.grayscale import to_gray
from xray_app.readers.steps.image import StoredImage, declared, outside
from xray_app.readers.steps.pipeline import Pipeline, value_range, with_finite_values

if TYPE_CHECKING:
    from pydicom import Dataset

_MOST_HIDDEN = 0.9
_COLOUR = ("RGB", "PALETTE COLOR", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")


def read(data: bytes, options: ReadOptions) -> StoredImage:
    """Read one frame of a DICOM image as it is meant to be displayed.

    Display values span [0, 2**BitsStored - 1] and are never rounded; ``stored`` holds the stored
    values. Float pixel data have no Bits Stored, so theirs span [0, 1].

    Args:
        data: the whole file.
        options: its ``frame`` is used, counted from 1.

    Raises:
        InputError: as ``file.parse``, or no value is finite.
        UnsupportedFile: it is in an unknown Photometric Interpretation.
        Exception: whatever a decoder raises on damaged pixels.

    >>> from pydicom import examples
    >>> image = read(examples.get_path("ct").read_bytes(), ReadOptions())
    >>> image.stored.shape, image.bits, [r.offer.name for r in image.renderings]
    ((128, 128), 16, ['range'])
    """
    dataset, mended = dicom_file.parse(data, options.frame)
    photometric = text(dataset, "PhotometricInterpretation")
    if photometric not in ("MONOCHROME1", "MONOCHROME2", *_COLOUR):
        raise UnsupportedFile(
            "Expected Photometric Interpretation MONOCHROME1, MONOCHROME2 or a colour space, "
            f"received {shown(photometric, 16) or 'none'}. Export the image as MONOCHROME2."
        )
    values, decoder = decode(dataset, options.frame)
    bits = _bits(dataset, values)
    syntax = dataset.file_meta.TransferSyntaxUID.name
    detail = f"DICOM, {bits} bits {values.dtype.name}, {syntax}, decoded by {decoder}"
    pipeline = Pipeline.decoded(values, bits, detail)
    for sentence in mended:
        pipeline = pipeline.then("Header", sentence, values)
    pipeline = to_gray(with_finite_values(pipeline))
    for sentence in header_notices(dataset, options.frame):
        pipeline = pipeline.noting(sentence)
    if photometric in _COLOUR:
        return _colour(pipeline, dataset, bits, options.frame)
    return _monochrome(pipeline, dataset, bits, options.frame)


def _bits(dataset: "Dataset", values: AnyArray) -> int:
    if text(dataset, "PhotometricInterpretation") == "PALETTE COLOR":
        return _palette_bits(dataset)
    if values.dtype.kind == "f":
        return values.dtype.itemsize * 8
    return int(number(dataset, "BitsStored") or dataset.BitsAllocated)


def _palette_bits(dataset: "Dataset") -> int:
    """The palette's depth, or 16 where its entries are deeper than its descriptor says."""
    declared_bits, deepest = int(dataset.RedPaletteColorLookupTableDescriptor[2]), 0
    for colour in ("Red", "Green", "Blue"):
        data = dataset.get(f"{colour}PaletteColorLookupTableData") or b""
        count = int(dataset.RedPaletteColorLookupTableDescriptor[0]) or 2**16
        if len(data) >= 2 * count:
            deepest = max(deepest, int(np.frombuffer(data, "<u2", count).max()))
    return declared_bits if deepest < 2**declared_bits else 16


def _colour(pipeline: Pipeline, dataset: "Dataset", bits: int, frame: int) -> StoredImage:
    """Colour has no window: PS3.3 C.11.2 applies to MONOCHROME1 and MONOCHROME2 only."""
    aspect = pixel_aspect(dataset)
    pipeline, shutter = _shutter(pipeline, dataset, aspect, frame)
    return StoredImage(
        pipeline,
        pipeline.values,
        "DICOM",
        bits,
        (declared(pipeline.white),),
        frames=frame_count(dataset),
        is_windowable=bits > 8,
        shutter=shutter,
        pixel_aspect=aspect,
        technical=technical(dataset),
        age_years=age_years(dataset),
        spacing=spacing(dataset, dataset),
    )


def _monochrome(stored: Pipeline, dataset: "Dataset", bits: int, frame: int) -> StoredImage:
    padding = _padding(stored.values, dataset)
    measures = functional_group(dataset, "PixelMeasuresSequence", frame)
    aspect = pixel_aspect(measures)
    stored, shutter = _shutter(stored, dataset, aspect, frame)
    pipeline, modality = _modality(stored, dataset, frame)
    beyond = outside(stored.values, padding, shutter)
    pipeline, offers = renderings(pipeline, beyond, dataset, frame)
    return StoredImage(
        pipeline,
        stored.values,
        "DICOM",
        bits,
        offers,
        frames=frame_count(dataset),
        is_windowable=True,
        modality=modality,
        padding=padding,
        shutter=shutter,
        inverted=_inversion(dataset),
        pixel_aspect=aspect,
        technical=technical(dataset),
        age_years=age_years(dataset),
        spacing=spacing(dataset, measures),
    )


def _shutter(
    pipeline: Pipeline, dataset: "Dataset", aspect: float, frame: int
) -> tuple[Pipeline, Shutter | None]:
    """The display shutter, unless it leaves next to nothing to see."""
    source = functional_group(dataset, "FrameDisplayShutterSequence", frame)
    shutter = shutter_of(source, aspect)
    if shutter is None:
        return pipeline, None
    share = shutter(*pipeline.values.shape).mean()
    if share > _MOST_HIDDEN:
        sentence = (
            f"The file's display shutter would hide {share:.0%} of the pixels; it is ignored."
        )
        return pipeline.noting(sentence), None
    return pipeline, shutter


def _inversion(dataset: "Dataset") -> str:
    reasons = []
    shape = text(dataset, "PresentationLUTShape")
    if text(dataset, "PhotometricInterpretation") == "MONOCHROME1":
        reasons.append("MONOCHROME1: the lowest value is white")
        if shape == "IDENTITY":
            reasons.append(
                "Presentation LUT Shape IDENTITY, which contradicts it and which some readers "
                "follow, is not followed here"
            )
    if shape == "INVERSE":
        reasons.append("Presentation LUT Shape INVERSE")
    # both say the same thing, so both together still invert once (PS3.3 C.11.6.1.2)
    return "; ".join(reasons)


def _modality(
    pipeline: Pipeline, dataset: "Dataset", frame: int
) -> tuple[Pipeline, Callable[[AnyArray], AnyArray] | None]:
    """PS3.3 C.11.1: a table, or slope and intercept; an empty element counts as absent."""
    sequence = dataset.get("ModalityLUTSequence")
    if sequence:
        try:
            lut = table(dataset, sequence[0], signed_input=pipeline.values.dtype.kind == "i")
        except ValueError as why:
            return pipeline.noting(f"The file's Modality LUT is {why}; it is ignored."), None
        return _looked_up(pipeline, lut), lut
    source = functional_group(dataset, "PixelValueTransformationSequence", frame)
    slope, intercept = number(source, "RescaleSlope"), number(source, "RescaleIntercept")
    if slope is None and intercept is None:
        return pipeline, None
    if slope == 0.0:
        sentence = "The file's Rescale Slope is 0, which is not allowed; it is ignored."
        return pipeline.noting(sentence), None
    rescale = Rescale(1.0 if slope is None else slope, intercept or 0.0)
    detail = f"x' = {rescale.slope:g} x {rescale.intercept:+g}"
    return pipeline.then("Modality LUT", detail, rescale(pipeline.values)), rescale


def _looked_up(pipeline: Pipeline, lut: LookupTable) -> Pipeline:
    detail = f"table of {len(lut.entries)} entries of {lut.bits} bits"
    detail = "; ".join(filter(None, (detail, lut.remark)))
    beyond = float((pipeline.values >= lut.first + len(lut.entries)).mean())
    pipeline = pipeline.then("Modality LUT", detail, lut(pipeline.values))
    if not (beyond and lut.remark):  # a whole table may end where it should
        return pipeline
    return pipeline.noting(
        f"{beyond:.1%} of the pixels lie past the last entry of the file's Modality LUT, whose "
        "value they take."
    )


def _padding(stored: AnyArray, dataset: "Dataset") -> tuple[float, float] | None:
    """The inclusive range of stored values that are padding: PS3.3 C.7.5.1.1.2.

    Float pixel data have elements of their own for it: C.7.6.24.
    """
    prefix = {"f4": "Float", "f8": "DoubleFloat"}.get(stored.dtype.str[1:], "")
    value = number(dataset, f"{prefix}PixelPaddingValue")
    if value is None:
        return None
    limit = number(dataset, f"{prefix}PixelPaddingRangeLimit")
    ends = [_as_stored(end, stored) for end in (value, value if limit is None else limit)]
    low, high = value_range(stored)
    if low < high and min(ends) <= low and high <= max(ends):
        return None  # it covers the whole image and would leave nothing of it
    return min(ends), max(ends)


def _as_stored(value: float, stored: AnyArray) -> float:
    """A signed padding value may be written with an unsigned VR."""
    bits = 8 * stored.dtype.itemsize
    is_wrapped = stored.dtype.kind == "i" and value >= 2.0 ** (bits - 1)
    return value - 2.0**bits if is_wrapped else value


READER = Reader("dicom", "DICOM", (".dcm", ".dicom"), dicom_file.sniff, read)
