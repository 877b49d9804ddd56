"""Elements of the Image Pixel module that a file lacks: taken for the usual, or named.

An element is lacking if it is absent or empty. Only what the rest of the header settles, or nearly
every file says, is filled in; how many bits a sample has is never guessed.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from xray_app.core import UnreadableFile
from xray_app.readers.dicom.facts import text

if TYPE_CHECKING:
    from pydicom import Dataset

_COLOURS = 3
# PS3.3 C.7.6.3.1.2: how many samples the Photometric Interpretation means
_SAMPLES = {
    **dict.fromkeys(("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR"), 1),
    **dict.fromkeys(("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT"), _COLOURS),
}
_FLOATS = ("FloatPixelData", "DoubleFloatPixelData")


def filled_in(dataset: "Dataset") -> Iterator[str]:
    """Fill in what pixels lack and what can be told, in place: PS3.3 C.7.6.3.

    To be used before other elements are parsed: whether some are signed depends on Pixel
    Representation. A data set without pixels stays as it is.

    Yields:
        A sentence for each element that was filled in.

    >>> from pydicom import examples
    >>> dataset = examples.ct
    >>> del dataset.PixelRepresentation
    >>> list(filled_in(dataset)), dataset.PixelRepresentation
    (['Pixel Representation is missing; it is taken for 0, unsigned.'], 0)
    """
    if not any(name in dataset for name in ("PixelData", *_FLOATS)):
        return
    photometric = text(dataset, "PhotometricInterpretation")
    samples = _SAMPLES.get(photometric)
    if samples and _lacks(dataset, "SamplesPerPixel"):
        dataset.SamplesPerPixel = samples
        yield f"Samples per Pixel is missing; it is taken for {samples}, as {photometric} means."
    if "PixelData" not in dataset:
        return
    if _lacks(dataset, "PixelRepresentation"):
        dataset.PixelRepresentation = 0
        yield "Pixel Representation is missing; it is taken for 0, unsigned."
    if samples == _COLOURS and _lacks(dataset, "PlanarConfiguration"):
        dataset.PlanarConfiguration = 0
        yield "Planar Configuration is missing; it is taken for 0, colour by pixel."


def check_stated(dataset: "Dataset") -> None:
    """Check that nothing is lacking which pixels need and nothing else tells.

    Args:
        dataset: with pixels.

    Raises:
        UnreadableFile: an element is lacking; it is named.

    >>> from pydicom import examples
    >>> check_stated(examples.ct)
    """
    for keyword in _needed(dataset):
        if _lacks(dataset, keyword):
            raise UnreadableFile(
                f"Expected a DICOM image that states its {_name(keyword)}, received one without. "
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


def _name(keyword: str) -> str:
    from pydicom.datadict import dictionary_description

    return dictionary_description(keyword)
