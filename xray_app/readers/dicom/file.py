"""From the bytes of a DICOM file to its checked header.

Only an allow-list of elements is ever read from the file, so that nothing that names a patient
gets further than this module's parser. The age does, to be weighed by the gate, and is never shown.
(``dicom.reference`` reads what a link needs, on request.)
"""

import zlib
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from xray_app.core import FileTooLarge, UnreadableFile, UnsupportedFile
from xray_app.readers.dicom.defaults import check_stated, with_defaults
from xray_app.readers.dicom.facts import frame_count, shown
from xray_app.readers.dicom.mending import mended
from xray_app.readers.dicom.sample_bits import OVERLAY_BIT_POSITIONS
from xray_app.readers.formats.codestream import claim
from xray_app.readers.limits import MAX_FILE_BYTES, check_dimensions
from xray_app.readers.options import check_frame

if TYPE_CHECKING:
    from pydicom import Dataset

_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_ELEMENTS = (
    *_PIXELS,
    *("Rows", "Columns", "SamplesPerPixel", "PlanarConfiguration", "NumberOfFrames"),
    *("BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
    *("PhotometricInterpretation", "PixelPaddingValue", "PixelPaddingRangeLimit"),
    *("ExtendedOffsetTable", "ExtendedOffsetTableLengths"),
    *("FloatPixelPaddingValue", "FloatPixelPaddingRangeLimit"),
    *("DoubleFloatPixelPaddingValue", "DoubleFloatPixelPaddingRangeLimit"),
    *("ModalityLUTSequence", "RescaleSlope", "RescaleIntercept"),
    *("VOILUTSequence", "WindowCenter", "WindowWidth", "VOILUTFunction", "PresentationLUTShape"),
    *("WindowCenterWidthExplanation", "LossyImageCompression"),
    *("ShutterShape", "ShutterPresentationValue", "CenterOfCircularShutter"),
    *("RadiusOfCircularShutter", "VerticesOfThePolygonalShutter"),
    *(f"Shutter{side}" for side in ("LeftVerticalEdge", "RightVerticalEdge")),
    *(f"Shutter{side}" for side in ("UpperHorizontalEdge", "LowerHorizontalEdge")),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
    *(
        f"{segmented}{colour}PaletteColorLookupTable{part}"
        for colour in ("Red", "Green", "Blue")
        for segmented, part in (("", "Descriptor"), ("", "Data"), ("Segmented", "Data"))
    ),
    *("SOPClassUID", "Modality", "ViewPosition", "BodyPartExamined", "PresentationIntentType"),
    *("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "PixelAspectRatio"),
    "PixelSpacingCalibrationType",
    "BurnedInAnnotation",
    "PatientAge",  # weighed by the gate against whom the model knows; never shown
)
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_NOT_WHOLE = (
    "Expected a whole deflated DICOM file, received one cut short or damaged. Copy it again."
)
_FIRST_GROUPS = (0x0002, 0x0008)


class Parsed(NamedTuple):
    """A checked data set, and a sentence for each element that was mended or left out."""

    dataset: "Dataset"
    mended: list[str]


def sniff(data: bytes) -> bool:
    """Tell whether the bytes are DICOM: by PS3.10 7.1, or a data set without that preamble.

    Without it the first element must be of group 0002 or 0008, with a known value
    representation or (implicit VR) a length that fits into the file.

    >>> sniff(bytes(128) + b"DICM"), sniff(b"%PDF-1.7")
    (True, False)
    """
    if data[128:132] == b"DICM":
        return True
    if len(data) < 132:
        return False
    if int.from_bytes(data[:2], "little") in _FIRST_GROUPS:
        length = int.from_bytes(data[4:8], "little")
        return _is_vr(data[4:6]) or (length % 2 == 0 and length < 1024)
    return int.from_bytes(data[:2], "big") in _FIRST_GROUPS and _is_vr(data[4:6])


def _is_vr(code: bytes) -> bool:
    return code in (b"UL", b"OB", b"UI", b"CS", b"SH", b"DA", b"TM", b"LO", b"DT", b"PN", b"SQ")


def parse(data: bytes, frame: int = 1) -> Parsed:
    """Parse the allow-listed elements, and check that they describe an image within the limits.

    Args:
        data: the whole file.
        frame: counted from 1.

    Raises:
        UnsupportedFile: it holds no image, or one in an unknown transfer syntax.
        UnreadableFile: it has no pixel, the compressed pixels contradict the header, or an element
            that the picture needs has no number.
        FileTooLarge: it is over a limit of ``readers.limits``.
        UnknownChoice: it has no such frame.

    >>> from pydicom import examples
    >>> dataset, mended = parse(examples.get_path("ct").read_bytes())
    >>> dataset.Rows, "PatientName" in dataset, mended
    (128, False, [])
    """
    from pydicom import dcmread
    from pydicom.tag import Tag

    check_deflated(data)
    tags = [*map(Tag, _ELEMENTS), *map(Tag, OVERLAY_BIT_POSITIONS)]
    dataset = dcmread(BytesIO(data), force=True, specific_tags=tags)
    sentences = [*with_defaults(dataset), *mended(dataset)]
    _check_image(dataset)
    check_stated(dataset)
    check_frame(frame, frame_count(dataset))
    _settle_transfer_syntax(dataset)
    _check_codestream(dataset, frame)
    return Parsed(dataset, sentences)


def check_deflated(data: bytes) -> None:
    """Inflate within the limit, because pydicom inflates without one.

    A file that is not deflated passes.

    Raises:
        FileTooLarge: it inflates to more than ``MAX_FILE_BYTES``.
        UnreadableFile: it is damaged or cut short.

    >>> from pydicom import examples
    >>> check_deflated(examples.get_path("ct").read_bytes())
    """
    if _DEFLATED not in data[:1024]:
        return
    # (0002,0000), the first element, says how many bytes of header follow it: PS3.10 7.1
    start = 144 + int.from_bytes(data[140:144], "little")
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        size = len(inflater.decompress(data[start:], MAX_FILE_BYTES + 1))
    except zlib.error as error:
        raise UnreadableFile(_NOT_WHOLE) from error
    if size > MAX_FILE_BYTES:
        raise FileTooLarge(
            f"Expected at most {MAX_FILE_BYTES // 1_000_000} MB once inflated, received more. "
            "Save the file without deflation."
        )
    if not inflater.eof:
        raise UnreadableFile(_NOT_WHOLE)


def _check_image(dataset: "Dataset") -> None:
    rows, columns = dataset.get("Rows"), dataset.get("Columns")
    if not isinstance(rows, int) or not isinstance(columns, int):
        raise UnsupportedFile(
            "Expected a DICOM image, received a DICOM object without Rows and Columns. "
            "Choose the image of the series, not a report, a plan or a directory."
        )
    check_dimensions(rows, columns)
    if not any(dataset.get(keyword) for keyword in _PIXELS):
        raise UnsupportedFile(
            "Expected a DICOM image, received one without Pixel Data, or cut short before it. "
            "Export the image itself."
        )
    if dataset.get("SamplesPerPixel", 1) not in (1, 3):
        raise UnsupportedFile("Expected 1 or 3 samples a pixel in a DICOM image, received others.")


def _settle_transfer_syntax(dataset: "Dataset") -> None:
    """Make sure that there is a transfer syntax, guessed from the encoding if need be."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

    meta = getattr(dataset, "file_meta", FileMetaDataset())
    if not meta.get("TransferSyntaxUID"):
        implicit, little_endian = dataset.original_encoding
        explicit = ExplicitVRLittleEndian if little_endian else ExplicitVRBigEndian
        meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit
        dataset.file_meta = meta
    syntax = meta.TransferSyntaxUID
    try:
        supported = get_decoder(syntax).is_available
    except NotImplementedError:  # what pydicom raises for a syntax that it does not know
        supported = False
    if not supported:
        raise UnsupportedFile(
            "Expected DICOM pixels that are uncompressed, or compressed with JPEG, JPEG-LS, "
            f"JPEG 2000 or RLE; received transfer syntax {shown(syntax.name)}. Convert the file "
            "to Explicit VR Little Endian."
        )


def _check_codestream(dataset: "Dataset", frame: int) -> None:
    """Compare a compressed frame's size and depth with the header's before memory is taken."""
    from pydicom.uid import RLELossless

    codestream = codestream_of(dataset, frame)
    if not codestream or dataset.file_meta.TransferSyntaxUID == RLELossless:
        return  # RLE has no header; its decoder takes no more memory than the header's rows need
    found = claim(codestream)
    if found is None:
        raise UnreadableFile(
            "Expected compressed pixels that begin with their header, received others. "
            "Export the file again."
        )
    if (found.rows, found.columns) != (dataset.Rows, dataset.Columns):
        raise UnreadableFile(
            f"Expected compressed pixels of {dataset.Columns} x {dataset.Rows} as the header says, "
            f"received {found.columns} x {found.rows}. Export the file again."
        )
    if found.bits > dataset.BitsAllocated:  # a decoder would drop the upper ones without a word
        raise UnreadableFile(
            f"Expected compressed pixels of at most {dataset.BitsAllocated} bits as the header "
            f"says, received {found.bits}. Export the file again."
        )


def codestream_of(dataset: "Dataset", frame: int) -> bytes:
    """Return a frame's compressed bytes, frames counted from 1; empty if pixels are not compressed.

    >>> from pydicom import examples
    >>> codestream_of(examples.ct, frame=1)
    b''
    >>> claim(codestream_of(examples.jpeg2k, frame=1)).rows == examples.jpeg2k.Rows
    True
    """
    from pydicom.encaps import get_frame

    if not dataset.file_meta.TransferSyntaxUID.is_encapsulated:
        return b""
    return get_frame(dataset.PixelData, frame - 1, number_of_frames=frame_count(dataset))
