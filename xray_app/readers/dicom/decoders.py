"""Which decoder decodes which DICOM transfer syntax, and the decoding of one frame.

Each is tried in the order of its row, so that a file is always decoded by the same one, whatever
else is installed. JPEG Baseline isn't left to GDCM, which aborts the program on some damaged ones.
"""

from typing import TYPE_CHECKING

from xray_app.core import AnyArray, UnsupportedFile
from xray_app.readers.dicom.file import codestream_of
from xray_app.readers.dicom.sample_bits import coded_bits, signed, stored_values
from xray_app.readers.formats.codestream import decode_deep_jpeg, is_deep_jpeg

if TYPE_CHECKING:
    from pydicom import Dataset

NATIVE, DEEP_JPEG = "numpy", "imagecodecs"
_DEEPEST = 16

# PS3.6 table A-1: the UIDs of the transfer syntaxes
DECODERS: dict[str, tuple[str, ...]] = {
    "1.2.840.10008.1.2": (NATIVE,),
    "1.2.840.10008.1.2.1": (NATIVE,),
    "1.2.840.10008.1.2.1.99": (NATIVE,),
    "1.2.840.10008.1.2.2": (NATIVE,),
    "1.2.840.10008.1.2.4.50": ("pillow",),
    "1.2.840.10008.1.2.4.51": ("pillow", "gdcm"),
    "1.2.840.10008.1.2.4.57": ("gdcm",),
    "1.2.840.10008.1.2.4.70": ("gdcm",),
    "1.2.840.10008.1.2.4.80": ("pyjpegls", "gdcm"),
    "1.2.840.10008.1.2.4.81": ("pyjpegls", "gdcm"),
    "1.2.840.10008.1.2.4.90": ("pylibjpeg", "gdcm"),
    "1.2.840.10008.1.2.4.91": ("pylibjpeg", "gdcm"),
    "1.2.840.10008.1.2.4.201": ("pylibjpeg",),
    "1.2.840.10008.1.2.4.202": ("pylibjpeg",),
    "1.2.840.10008.1.2.4.203": ("pylibjpeg",),
    "1.2.840.10008.1.2.5": ("pydicom",),
}


def decode(dataset: "Dataset", frame: int) -> tuple[AnyArray, str]:
    """Decode one frame and name the decoder that did it.

    Args:
        dataset: as ``file.parse`` returns it.
        frame: counted from 1.

    Returns:
        (H, W) stored values, or (H, W, 3) RGB for any colour space, in the machine's byte order;
        the integer or float type is the file's.

    Raises:
        UnreadableFile: a deep JPEG is cut short, or values are too large for Bits Stored.
        Exception: whatever the last decoder raises on damaged pixels.

    >>> from pydicom import examples
    >>> stored, decoder = decode(examples.ct, frame=1)
    >>> stored.shape, decoder
    ((128, 128), 'numpy')
    """
    from pydicom.pixels.processing import apply_color_lut

    codestream = codestream_of(dataset, frame)
    coded = coded_bits(dataset, codestream)
    if is_deep_jpeg(codestream):  # pydicom's decoders know only 8 bits of this process
        samples, decoder = decode_deep_jpeg(codestream), DEEP_JPEG
        if dataset.PixelRepresentation and coded <= _DEEPEST:  # JPEG knows no sign
            samples = signed(samples, coded)
    else:
        samples, decoder = _decoded(dataset, frame, coded)
    stored = stored_values(samples, dataset, coded)
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        stored = apply_color_lut(stored, dataset)[..., :3]
    return stored.astype(stored.dtype.newbyteorder("="), copy=False), decoder


def _decoded(dataset: "Dataset", frame: int, coded: int) -> tuple[AnyArray, str]:
    """Decode samples with all their coded bits, whatever Bits Stored says."""
    declared = dataset.get("BitsStored")
    if coded:
        dataset.BitsStored = coded
    try:
        return _by_first_decoder(dataset, frame)
    finally:
        if coded:
            dataset.BitsStored = declared


def _by_first_decoder(dataset: "Dataset", frame: int) -> tuple[AnyArray, str]:
    from pydicom.pixels.utils import pixel_array

    failure: Exception | None = None
    for name in DECODERS.get(dataset.file_meta.TransferSyntaxUID, ()):
        plugin = "" if name == NATIVE else name
        try:
            return pixel_array(dataset, index=frame - 1, decoding_plugin=plugin), name
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - the next one may know this kind of stream
            failure = error
    if failure is None:  # ``file.py`` lets no syntax without a decoder through
        raise UnsupportedFile(
            "Expected DICOM pixels of a kind that is decoded here, received another."
        )
    raise failure
