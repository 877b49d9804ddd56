"""The formats that are read, and the one entry point to all of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PureWindowsPath

from xray_app.core import FileTooLarge, InputError, Radiograph, UnreadableFile, UnsupportedFile
from xray_app.readers.dicom import reader as dicom
from xray_app.readers.formats import png, raster, tiff
from xray_app.readers.limits import check_file_size
from xray_app.readers.options import ReadOptions
from xray_app.readers.reader import Reader
from xray_app.readers.silence import silenced
from xray_app.readers.steps.display import developed
from xray_app.readers.unsupported import describe

DEFAULTS = ReadOptions()

# DICOM comes first: a DICOM file may carry a TIFF header in its preamble (PS3.10 7.1).
READERS: dict[str, Reader] = {
    reader.name: reader for reader in (dicom.READER, png.READER, tiff.READER, *raster.READERS)
}


def read_radiograph(data: bytes, name: str = "", options: ReadOptions = DEFAULTS) -> Radiograph:
    """Read one radiograph from the bytes of a file, whatever the file is called.

    Args:
        data: the whole file.
        name: the file's name, for error sentences only; folders in it are dropped.
        options: the frame and the window; by default the first ones that the file offers.

    Returns:
        A radiograph whose ``pixels`` are (H, W) in [0, white] at the file's full depth.

    Raises:
        UnreadableFile: empty, damaged, cut short, or not what its first bytes claim.
        UnsupportedFile: whole, but of a kind that is not read here.
        FileTooLarge: over a limit of ``readers.limits``, by its size or by what its header claims.
        UnknownChoice: the file holds no such frame or window.

    >>> import numpy as np
    >>> from xray_app.core.images.image_files import encode_png
    >>> radiograph = read_radiograph(encode_png(np.array([[0, 255]], np.uint8)), "chest.png")
    >>> radiograph.file_format, radiograph.display.tolist()
    ('PNG', [[0.0, 1.0]])
    """
    with named(name):
        return _read(data, options)


@contextmanager
def named(name: str) -> Iterator[None]:
    """Put a file's bare name in front of an error about it.

    Raises:
        InputError: the error itself, of the same type, with the name in front.

    >>> with named("ward 3/chest.png"):
    ...     raise UnreadableFile("Expected an image.")
    Traceback (most recent call last):
    xray_app.core.errors.UnreadableFile: chest.png: Expected an image.
    """
    try:
        yield
    except InputError as error:
        shown = bare(name)
        if not shown:
            raise
        raise type(error)(f"{shown}: {error}") from error


def _read(data: bytes, options: ReadOptions) -> Radiograph:
    check_file_size(len(data))
    reader = _recognised(data)
    try:
        with silenced():
            return developed(reader.read(data, options), data, options)
    except InputError:
        raise
    except MemoryError as error:
        raise FileTooLarge(
            "Decoding this image takes more memory than is free. Reduce it or crop it first."
        ) from error
    # Decoders raise whatever they like on damaged bytes, and their words may quote the file, so
    # neither their types nor their messages are passed on.
    except Exception as error:
        raise UnreadableFile(
            f"Expected a whole {reader.label} file, received one that is damaged or cut short. "
            "Copy or export it again."
        ) from error


def _recognised(data: bytes) -> Reader:
    for reader in READERS.values():
        if reader.sniff(data):
            return reader
    kind, advice = describe(data)
    formats = ", ".join(reader.label for reader in READERS.values())
    raise UnsupportedFile(f"Expected one of {formats}; received {kind}. {advice}")


def bare(name: str) -> str:
    """Return a file's name without its folders, printable and at most 80 characters long.

    >>> bare("ward 3/chest.png")
    'chest.png'
    """
    # a Windows path splits at both kinds of slash
    shown = "".join(c for c in PureWindowsPath(name).name if c.isprintable())
    return shown if len(shown) <= 80 else shown[:77] + "..."
