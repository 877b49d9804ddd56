"""An image file's pixels as other people's code gets them: as stored, in colour, not turned."""

from io import BytesIO

import numpy as np

from xray_app.core import AnyArray, FileTooLarge, UnreadableFile, first_line
from xray_app.readers.limits import check_dimensions, check_file_size
from xray_app.readers.registry import READERS, named, read_radiograph
from xray_app.readers.silence import silenced

_GRAY = ("1", "L", "LA", "I", "F")


def read_as_stored(data: bytes, name: str = "") -> AnyArray:
    """Decode an image as Pillow does, with nothing done to it.

    Of a DICOM file: the stored values of its first frame before any window, as ``pydicom`` gives
    them; of a palette the colours, as its ``apply_color_lut`` does.

    Args:
        data: the whole file.
        name: its name, for error sentences only.

    Returns:
        (H, W), or (H, W, 3) in the order RGB, in the file's type; no orientation is applied.

    Raises:
        UnreadableFile: it is empty, damaged or no image.
        FileTooLarge: over a limit of ``readers.limits``.
        UnsupportedFile: a DICOM file without an image.

    >>> from xray_app.core.images import encode_png
    >>> read_as_stored(encode_png(np.array([[[9, 8, 7]]], np.uint8))).tolist()
    [[[9, 8, 7]]]
    """
    with named(name):
        check_file_size(len(data))
        if READERS["dicom"].sniff(data):
            return _by_pydicom(data)
        return _by_pillow(data)


def _by_pydicom(data: bytes) -> AnyArray:
    radiograph = read_radiograph(data)  # with all its checks and sentences
    if radiograph.technical["Photometric Interpretation"].startswith("MONOCHROME"):
        return radiograph.stored
    from xray_app.readers.dicom.decoders import decode
    from xray_app.readers.dicom.file import parse

    with silenced():
        return decode(parse(data).dataset, frame=1)[0]


def _by_pillow(data: bytes) -> AnyArray:
    from PIL import Image

    try:
        with Image.open(BytesIO(data)) as image:
            check_dimensions(image.height, image.width)
            is_gray = image.mode in _GRAY or image.mode.startswith("I;16")
            pixels: AnyArray = np.array(image if is_gray else image.convert("RGB"))
    except Image.DecompressionBombError as error:
        raise FileTooLarge(
            "The image claims far more pixels than are read here. Reduce it or crop it first."
        ) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise UnreadableFile(
            f"Expected an image that Pillow reads, or a DICOM file: {first_line(error)}. Save it "
            "as PNG, or an array as .npy."
        ) from error
    has_alpha = pixels.ndim == 3 and pixels.shape[2] == 2
    return np.ascontiguousarray(pixels[..., 0]) if has_alpha else pixels
