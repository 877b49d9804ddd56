"""Elements that are not as DICOM wants them: mended or left out, and told, never fatal.

A picture needs a few elements only. What else a header says wrongly must not condemn the file, and
must not pass in silence either: each sentence goes into the image's trail.
"""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from xray_app.core import UnreadableFile
from xray_app.readers.dicom.defaults import samples_of
from xray_app.readers.dicom.facts import shown

if TYPE_CHECKING:
    from pydicom import DataElement, Dataset

# Value representations that hold numbers: PS3.5 table 6.2-1
_NUMBERS = ("DS", "IS", "US", "SS", "UL", "SL", "FL", "FD", "US or SS")
_DEEPEST = 4  # sequences in sequences; functional groups are the deepest read: PS3.3 C.7.6.16
# Without these there is no picture: PS3.3 C.7.6.3
_NEEDED = (
    *("Rows", "Columns", "SamplesPerPixel"),
    *("BitsAllocated", "BitsStored", "PixelRepresentation"),
)


def mended(dataset: "Dataset") -> list[str]:
    """Mend the numbers of a data set and of its sequences in place, or delete them.

    A decimal comma becomes a point; an element whose value is no number, is not finite or can't be
    parsed is deleted.

    Args:
        dataset: as pydicom reads it.

    Returns:
        A sentence for each element that was changed; it quotes numbers alone.

    Raises:
        UnreadableFile: an element that the picture needs has no number.

    >>> from pydicom import Dataset
    >>> dataset = Dataset()
    >>> dataset.add_new(0x00281050, "LO", "2047,5")
    >>> mended(dataset), float(dataset.WindowCenter)
    (['Window Center has a decimal comma; it is read as 2047.5.'], 2047.5)
    """
    sentences = [*_mended(dataset), *_mended_frames(dataset)]
    return list(dict.fromkeys(sentences))  # an item for each frame may say the same


def _mended_frames(dataset: "Dataset") -> Iterator[str]:
    """Let Number of Frames be one number, and no more than uncompressed pixels are there for."""
    if "NumberOfFrames" not in dataset:
        return
    element = dataset["NumberOfFrames"]
    if element.value is None:
        return
    declared = element.value if isinstance(element.value, int) else 0  # several values, or blanks
    if declared < 1:
        del dataset["NumberOfFrames"]
        yield _left_out(element.name)
        return
    held = _frames_held(dataset)
    if held is not None and 1 <= held < declared:
        element.value = held
        yield f"{element.name} is {declared}; the file holds {held}."


def _frames_held(dataset: "Dataset") -> int | None:
    """How many frames there are whole pixels for; None where they are compressed or unknown."""
    syntax = getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", None)
    needed = ("Rows", "Columns", "BitsAllocated", "PixelData")
    if syntax is None or syntax.is_encapsulated or any(name not in dataset for name in needed):
        return None
    values = (dataset.Rows, dataset.Columns, dataset.BitsAllocated)
    samples = dataset.get("SamplesPerPixel") or samples_of(dataset)
    if not all(isinstance(value, int) for value in (*values, samples)):
        return None
    if dataset.get("PhotometricInterpretation") == "YBR_FULL_422":
        samples = 2  # two pixels share their chrominance: PS3.3 C.7.6.3.1.2
    size = math.prod(values) * samples
    return len(dataset.PixelData) * 8 // size if size > 0 else None


def _mended(dataset: "Dataset", depth: int = 1) -> Iterator[str]:
    for tag in list(dataset.keys()):
        try:
            element = dataset[tag]
        except Exception:  # noqa: BLE001 - pydicom raises anything on a value it can't parse
            del dataset[tag]
            yield _left_out(_name(tag))
            continue
        if element.VR == "SQ":
            for item in (element.value or ()) if depth < _DEEPEST else ():
                yield from _mended(item, depth + 1)
        elif _holds_numbers(element) and (sentence := _mended_number(dataset, element)):
            yield sentence


def _holds_numbers(element: "DataElement") -> bool:
    """By the standard's own table, since a file may state any value representation."""
    from pydicom.datadict import dictionary_has_tag, dictionary_VR

    return dictionary_has_tag(element.tag) and dictionary_VR(element.tag) in _NUMBERS


def _mended_number(dataset: "Dataset", element: "DataElement") -> str:
    values = _values(element.value)
    if all(_is_number(value) for value in values):
        return ""
    if element.keyword in _NEEDED:
        raise UnreadableFile(
            f"Expected a number as the DICOM file's {element.name}, received another value. Export "
            "the image again."
        )
    points = [str(value).strip().replace(",", ".") for value in values]
    if all(isinstance(v, str) for v in values) and all(_is_number(p) for p in points):
        element.value = points if len(points) > 1 else points[0]
        return f"{element.name} has a decimal comma; it is read as {', '.join(points)}."
    name = element.name
    del dataset[element.tag]
    return _left_out(name)


def _left_out(name: str) -> str:
    return f"{shown(name)} is not as DICOM wants it; it is ignored."


def _name(tag: Any) -> str:
    from pydicom.datadict import dictionary_description, dictionary_has_tag

    return dictionary_description(tag) if dictionary_has_tag(tag) else str(tag)


def _values(value: Any) -> list[Any]:
    from pydicom.multival import MultiValue

    if isinstance(value, (MultiValue, list, tuple)):
        return list(value)
    return [value]


def _is_number(value: Any) -> bool:
    """An empty value is none that is wrong."""
    if value is None or value == "":
        return True
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError):
        return False
