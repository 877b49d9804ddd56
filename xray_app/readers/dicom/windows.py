"""The windows and VOI LUTs that a DICOM file offers, its default first: PS3.3 C.11.2."""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xray_app.core import AnyArray, WindowOffer
from xray_app.readers.dicom.facts import number, shown, text, texts
from xray_app.readers.dicom.lut import LookupTable, TableCurve, lookup_table
from xray_app.readers.steps.image import Rendering, spanning
from xray_app.readers.steps.pipeline import Pipeline, full_scale, value_range
from xray_app.readers.steps.voi import WINDOWS, WindowCurve, by_blocks

if TYPE_CHECKING:
    from pydicom import Dataset

_LARGEST_TABLE_DEPTH = 16
_SIGN_BIT = 2.0**15
_DESCRIPTOR = 3  # number of entries, the first one's input, their bits
# An explanation is free text, which may name anybody: only one made of these words is shown.
_WORDS = frozenset(
    """
    ABDOMEN ALGO ALGO1 ALGO2 ALGO3 BODY BONE BRAIN BRIGHT CHEST CONTRAST CUSTOM DARK DEFAULT
    FILM HARD HARDER HIGH LINEAR LIVER LOW LUNG LUNGS LUT MEDIASTINUM MEDIUM NORMAL ORIGINAL
    RIB RIBS SIGMOID SKELETON SOFT SOFTER SPINE STANDARD THORAX TISSUE USER VOI WINDOW WINDOW1
    WINDOW2 WINDOW3 WINDOW4 1 2 3 4 5 6 7 8 9
    """.split()  # noqa: SIM905 - a list of quoted words is harder to read
)


def functional_group(dataset: "Dataset", keyword: str, frame: int) -> "Dataset":
    """Return where a frame's attributes of a functional group macro stand: PS3.3 C.7.6.16.

    In the frame's own item, else in the shared one; the data set itself if there is no such group.

    Args:
        dataset: of the whole file.
        keyword: the macro's sequence.
        frame: counted from 1.

    >>> from pydicom import Dataset
    >>> dataset, shared, measures = Dataset(), Dataset(), Dataset()
    >>> shared.PixelMeasuresSequence = [measures]
    >>> dataset.SharedFunctionalGroupsSequence = [shared]
    >>> functional_group(dataset, "PixelMeasuresSequence", frame=1) is measures
    True
    """
    frames = dataset.get("PerFrameFunctionalGroupsSequence") or ()
    shared = dataset.get("SharedFunctionalGroupsSequence") or ()
    for groups in (*frames[frame - 1 : frame], *shared[:1]):
        macro = groups.get(keyword)
        if macro:
            item: Dataset = macro[0]
            return item
    return dataset


def may_be_negative(dataset: "Dataset", frame: int) -> bool:
    """Tell whether a VOI LUT's input can be negative, whatever this image holds: C.11.2.1.1.

    It can where Rescale maps a possible stored value below 0. A signed file's first input is
    negative too, unless values of 32768 and more are possible, which it may stand for.

    Args:
        dataset: with mended numbers.
        frame: counted from 1.

    >>> from pydicom import Dataset
    >>> dataset = Dataset()
    >>> dataset.PixelRepresentation, dataset.BitsStored, dataset.RescaleIntercept = 0, 12, -1024
    >>> may_be_negative(dataset, frame=1)
    True
    """
    is_signed = int(dataset.get("PixelRepresentation") or 0) == 1
    if dataset.get("ModalityLUTSequence"):
        return False  # its entries are unsigned: C.11.1.1
    source = functional_group(dataset, "PixelValueTransformationSequence", frame)
    slope, intercept = number(source, "RescaleSlope") or 1.0, number(source, "RescaleIntercept")
    levels = 2.0 ** (number(dataset, "BitsStored") or 16.0)
    lowest = -levels / 2.0 if is_signed else 0.0
    ends = [slope * end + (intercept or 0.0) for end in (lowest, lowest + levels - 1.0)]
    return min(ends) < 0.0 or (is_signed and max(ends) < _SIGN_BIT)


def table(dataset: "Dataset", item: "Dataset", *, signed_input: bool) -> LookupTable:
    """Return the table in an item of a Modality LUT Sequence or of a VOI LUT Sequence.

    Args:
        dataset: of the whole file, for its byte order.
        item: with LUT Descriptor and LUT Data.
        signed_input: whether the table's input can be negative.

    Raises:
        ValueError: it can't be used: its descriptor or its entries are missing, or its depth is
            none that DICOM allows.

    >>> from pydicom import Dataset
    >>> item = Dataset()
    >>> item.LUTDescriptor, item.LUTData = [2, 0, 8], [0, 255]
    >>> table(Dataset(), item, signed_input=False).entries.tolist()
    [0, 255]
    """
    descriptor = item.get("LUTDescriptor")
    if not isinstance(descriptor, Sequence) or len(descriptor) != _DESCRIPTOR:
        raise ValueError("a table without a descriptor")
    count, first, bits = (int(value) for value in descriptor)
    if not 1 <= bits <= _LARGEST_TABLE_DEPTH:
        raise ValueError(f"a table of {bits} bits")
    little_endian = bool(dataset.original_encoding[1])
    return lookup_table(
        (count, first, bits),
        item.get("LUTData"),
        little_endian=little_endian,
        signed_input=signed_input,
    )


def renderings(
    pipeline: Pipeline,
    outside: NDArray[np.bool_] | None,
    dataset: "Dataset",
    frame: int,
) -> tuple[Pipeline, tuple[Rendering, ...]]:
    """List all that can be chosen for the modality values in ``pipeline``, its default first.

    Tables come before windows, and the image's own range last; where both are given either may be
    used (C.11.2.1). A table or a window that DICOM doesn't define is left out, and noticed.

    Args:
        pipeline: (H, W) modality values.
        outside: (H, W), true where there is no image; or None.
        dataset: of the whole file.
        frame: counted from 1.

    Returns:
        The pipeline, with notices if need be, and at least one rendering.

    >>> from pydicom import Dataset
    >>> dataset = Dataset()
    >>> dataset.WindowCenter, dataset.WindowWidth = 40, 400
    >>> pipeline = Pipeline(np.array([[0, 255]]), 255.0)
    >>> [r.offer.name for r in renderings(pipeline, None, dataset, frame=1)[1]]
    ['window 1', 'range']
    """
    source = functional_group(dataset, "FrameVOILUTSequence", frame)
    function = text(source, "VOILUTFunction") or "LINEAR"
    signed = may_be_negative(dataset, frame)
    offers, unusable = [], []
    for i, item in enumerate(source.get("VOILUTSequence") or (), 1):
        try:
            offers.append(_table_rendering(table(dataset, item, signed_input=signed), i, item))
        except ValueError as error:
            unusable.append(f"The file's VOI LUT {i} is {error}; it is ignored.")
    for i, center, width, purpose in _windows(source):
        window = WINDOWS.get(function)
        if window is not None and window.is_valid(width):
            offers.append(_window_rendering(i, function, center, width, purpose))
        else:
            pipeline = pipeline.noting(
                f"The file's window (function {shown(function, 16)}, width {width:g}) is not one "
                "that DICOM defines; it is ignored."
            )
    for sentence in unusable:
        # beside another window that the file offers nothing is lost
        step = pipeline.then("Header", sentence, pipeline.values)
        pipeline = step if offers else pipeline.noting(sentence)
    why = "" if offers else "no window in the file"
    return pipeline, (*offers, spanning(*_range(pipeline.values, outside), why))


def _range(values: AnyArray, outside: NDArray[np.bool_] | None) -> tuple[float, float]:
    if outside is not None and not outside.all():
        values = values[~outside]
    return value_range(values)


def _table_rendering(lut: LookupTable, index: int, item: "Dataset") -> Rendering:
    detail = "; ".join(
        filter(None, (f"table of {len(lut.entries)} entries of {lut.bits} bits", lut.remark))
    )
    label = f"Table {index}{_purpose(text(item, 'LUTExplanation'))}: {len(lut.entries)} entries"
    return Rendering(
        WindowOffer(f"table {index}", label, curve=TableCurve(lut)),
        "VOI LUT",
        detail,
        partial(_looked_up, lut),
        may_be_dark=True,
    )


def _looked_up(lut: LookupTable, values: AnyArray, white: float) -> AnyArray:
    full = full_scale(lut.bits)
    shown = lut(values)
    shown = np.clip(shown, 0.0, full, out=shown)
    return np.minimum(np.multiply(shown, white / full, out=shown), np.float32(white))


def _window_rendering(
    index: int, function: str, center: float, width: float, purpose: str
) -> Rendering:
    figures = f"center {center:g}, width {width:g}"
    label = f"Window {index}{_purpose(purpose)}: {figures}"
    # C.11.2.1.2.1: LINEAR counts levels, one wide each, from the middle of the first to the last
    middle, half = (center - 0.5, (width - 1) / 2) if function == "LINEAR" else (center, width / 2)
    low, high = (middle - half, middle + half) if half > 0 else (None, None)
    is_line = function != "SIGMOID" and half > 0
    curve = None if is_line else WindowCurve(function, center, width)
    return Rendering(
        WindowOffer(f"window {index}", label, low, high, curve),
        "VOI window",
        f"{function}, {figures}",
        partial(_windowed, function, center, width),
    )


def _windowed(
    function: str, center: float, width: float, values: AnyArray, white: float
) -> AnyArray:
    apply = WINDOWS[function].apply
    return by_blocks(lambda v: apply(v, center, width, white), values)


def _purpose(explanation: str) -> str:
    words = re.findall(r"[^\s_&/-]+", explanation)
    return f", {' '.join(words).lower()}" if words and set(words) <= _WORDS else ""


def _windows(source: "Dataset") -> Iterator[tuple[int, float, float, str]]:
    """Each window's place, center, width and purpose; those with an empty number are left out."""
    centers, widths = (texts(source, f"Window{part}") for part in ("Center", "Width"))
    purposes = texts(source, "WindowCenterWidthExplanation")
    for i, (center, width) in enumerate(zip(centers, widths, strict=False)):
        if "" in (center, width) or not np.isfinite([float(center), float(width)]).all():
            continue
        yield i + 1, float(center), float(width), purposes[i] if i < len(purposes) else ""
