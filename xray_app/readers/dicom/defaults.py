"""Elements that a DICOM file must have and that follow from others where it hasn't."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from xray_app.core import UnreadableFile
from xray_app.readers.dicom.facts import text

if TYPE_CHECKING:
    from pydicom import Dataset

_FLOATS = ("FloatPixelData", "DoubleFloatPixelData")


def samples_of(dataset: "Dataset") -> int:
    """Return the samples a pixel that the Photometric Interpretation implies: PS3.3 C.7.6.3.1.2.

    >>> from pydicom import Dataset
    >>> dataset = Dataset()
    >>> dataset.PhotometricInterpretation = "RGB"
    >>> samples_of(dataset), samples_of(Dataset())
    (3, 1)
    """
    return 3 if text(dataset, "PhotometricInterpretation").startswith(("RGB", "YBR_")) else 1


def with_defaults(dataset: "Dataset") -> list[str]:
    """Set in place what pixels need and follows from others; a data set without pixels stays.

    To be used before other elements are parsed: whether some are signed depends on Pixel
    Representation.

    Returns:
        A sentence for each element that was set.

    >>> from pydicom import Dataset
    >>> dataset = Dataset()
    >>> dataset.BitsAllocated, dataset.BitsStored, dataset.PixelData = 8, 8, b"0"
    >>> with_defaults(dataset)[0], dataset.SamplesPerPixel
    ('Samples per Pixel is missing; it is taken for 1.', 1)
    """
    is_integer = "PixelData" in dataset
    if not is_integer and not any(name in dataset for name in _FLOATS):
        return []
    samples = samples_of(dataset)
    sentences = _defaulted(dataset, "SamplesPerPixel", "Samples per Pixel", samples)
    if is_integer:
        sentences += _defaulted(dataset, "PixelRepresentation", "Pixel Representation", 0)
    if samples > 1:
        sentences += _defaulted(dataset, "PlanarConfiguration", "Planar Configuration", 0)
    return sentences


def check_stated(dataset: "Dataset") -> None:
    """Check that nothing lacks that pixels need and nothing else tells; a depth is never guessed.

    Raises:
        UnreadableFile: Bits Allocated lacks, Bits Stored of integer pixels, or a palette.

    >>> from pydicom import examples
    >>> check_stated(examples.ct)
    """
    from pydicom.datadict import dictionary_description

    for keyword in _needed(dataset):
        if _lacks(dataset, keyword):
            raise UnreadableFile(
                f"Expected {dictionary_description(keyword)} in the DICOM header, received none. "
                "Export the image again."
            )


def _needed(dataset: "Dataset") -> Iterator[str]:
    yield "BitsAllocated"
    if "PixelData" in dataset:  # floats have no Bits Stored: C.7.6.24
        yield "BitsStored"
    if text(dataset, "PhotometricInterpretation") != "PALETTE COLOR":
        return
    yield "RedPaletteColorLookupTableDescriptor"
    for colour in ("Red", "Green", "Blue"):
        table = f"{colour}PaletteColorLookupTableData"
        if _lacks(dataset, f"Segmented{table}"):
            yield table


def _lacks(dataset: "Dataset", keyword: str) -> bool:
    """Absent or empty; the element isn't parsed, which fails on a damaged one."""
    element = dataset.get_item(keyword)
    return element is None or element.value is None or element.value in ("", b"", [])


def _defaulted(dataset: "Dataset", keyword: str, name: str, value: int) -> list[str]:
    if not _lacks(dataset, keyword):
        return []
    setattr(dataset, keyword, value)
    return [f"{name} is missing; it is taken for {value}."]
