"""Elements that a DICOM file must have and that follow from others where it hasn't."""

from typing import TYPE_CHECKING

from xray_app.core import UnreadableFile
from xray_app.readers.dicom.facts import text

if TYPE_CHECKING:
    from pydicom import Dataset


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
    """Set in place what an image needs and its header lacks; a depth is never guessed.

    Returns:
        A sentence for each element that was set.

    Raises:
        UnreadableFile: Bits Allocated is missing, or Bits Stored of integer pixels.

    >>> from pydicom import Dataset
    >>> dataset = Dataset()
    >>> dataset.BitsAllocated, dataset.BitsStored, dataset.PixelData = 8, 8, b"0"
    >>> with_defaults(dataset)[0], dataset.SamplesPerPixel
    ('Samples per Pixel is missing; it is taken for 1.', 1)
    """
    is_integer = "PixelData" in dataset
    depths = ("BitsAllocated", "Bits Allocated"), ("BitsStored", "Bits Stored")
    for keyword, name in depths[: 1 + is_integer]:
        if dataset.get(keyword) is None:
            raise UnreadableFile(
                f"Expected {name} in the DICOM header, received none. Export the image again."
            )
    sentences = _defaulted(dataset, "SamplesPerPixel", "Samples per Pixel", samples_of(dataset))
    if is_integer:
        sentences += _defaulted(dataset, "PixelRepresentation", "Pixel Representation", 0)
    if dataset.SamplesPerPixel > 1:
        sentences += _defaulted(dataset, "PlanarConfiguration", "Planar Configuration", 0)
    return sentences


def _defaulted(dataset: "Dataset", keyword: str, name: str, value: int) -> list[str]:
    if dataset.get(keyword) is not None:
        return []
    setattr(dataset, keyword, value)
    return [f"{name} is missing; it is taken for {value}."]
