"""The arrays in a ``.npy`` or ``.npz`` file of numpy's, read without running anything in it.

The format is numpy's own (NEP 1): a magic number, a header of a Python literal, the values. What
a header says is checked before anything is allocated, and objects, which are pickles, are refused.
"""

import math
import zipfile
import zlib
from io import BytesIO
from typing import Any

import numpy as np

from xray_app.core import AnyArray, FileTooLarge, UnreadableFile, UnsupportedFile
from xray_app.readers.archive import check_directory, check_entry, is_archive
from xray_app.readers.limits import check_file_size
from xray_app.readers.registry import named

MAX_VALUES = 16_000_000  # of all arrays of a file together
_MAX_ARRAYS = 100
_MAX_HEADER_BYTES = 10_000  # numpy's own limit
_MAX_AXES = 8
_MAGIC = b"\x93NUMPY"
_NUMBERS = "biuf"
_HEADERS: dict[tuple[int, int], Any] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def is_array_file(data: bytes) -> bool:
    r"""Tell whether the bytes begin as a ``.npy`` does, or as an archive such as ``.npz``.

    >>> is_array_file(b"\x93NUMPY\x01\x00"), is_array_file(b"\x89PNG")
    (True, False)
    """
    return data.startswith(_MAGIC) or is_archive(data)


def read_arrays(data: bytes, name: str = "") -> dict[str, AnyArray]:
    """Read every array of a ``.npy`` or ``.npz`` file.

    Args:
        data: the whole file.
        name: its name, for error sentences only.

    Returns:
        The arrays by name, in the file's order; the one of a ``.npy`` is called "".

    Raises:
        UnreadableFile: it is damaged, cut short, or its header is none.
        UnsupportedFile: it holds something other than real numbers, such as Python objects.
        FileTooLarge: it holds, or its header claims, more than the limits.

    >>> np.save(buffer := BytesIO(), np.array([[1.5, 2.5]], np.float32))
    >>> read_arrays(buffer.getvalue())[""].tolist()
    [[1.5, 2.5]]
    """
    with named(name):
        check_file_size(len(data))
        if data.startswith(_MAGIC):
            return {"": _array(data, MAX_VALUES)}
        if is_archive(data):
            return _in_archive(data)
        raise UnsupportedFile("Expected an array file of numpy's, .npy or .npz; received another.")


def _in_archive(data: bytes) -> dict[str, AnyArray]:
    check_directory(data)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _members(archive)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, zlib.error) as e:
        raise UnreadableFile(
            "Expected a whole .npz, received one that is damaged or cut short. Save it again."
        ) from e


def _members(archive: zipfile.ZipFile) -> dict[str, AnyArray]:
    entries = [entry for entry in archive.infolist() if entry.filename.endswith(".npy")]
    if not entries or len(entries) > _MAX_ARRAYS:
        raise UnsupportedFile(
            f"Expected 1 to {_MAX_ARRAYS} arrays in an .npz, received {len(entries)}."
        )
    arrays: dict[str, AnyArray] = {}
    left = MAX_VALUES
    for entry in entries:
        check_entry(entry)
        with archive.open(entry) as file:
            # No value is wider than 16 bytes, so whatever is longer is more than is read.
            body = file.read(16 * left + 2 * _MAX_HEADER_BYTES)
        array = _array(body, left)
        left -= array.size
        arrays[entry.filename.removesuffix(".npy")] = array
    return arrays


def _array(data: bytes, allowed: int) -> AnyArray:
    file = BytesIO(data)
    shape, dtype = _header(file)
    if dtype.kind not in _NUMBERS:
        raise UnsupportedFile(_refused("objects" if dtype.hasobject else dtype.name))
    count = math.prod(shape)
    if count > allowed:
        raise FileTooLarge(
            f"Expected at most {MAX_VALUES // 1_000_000} million values, received an array of "
            f"shape {_shown(shape)}. Save the tensor of one image."
        )
    if count * dtype.itemsize > len(data) - file.tell():
        raise UnreadableFile(
            f"Expected {count * dtype.itemsize} bytes for an array of shape {_shown(shape)}, "
            f"received {len(data) - file.tell()}: the file is cut short. Save it again."
        )
    file.seek(0)
    return np.asarray(
        np.lib.format.read_array(file, allow_pickle=False, max_header_size=_MAX_HEADER_BYTES)
    )


def _header(file: BytesIO) -> tuple[tuple[int, ...], np.dtype]:
    try:
        version = np.lib.format.read_magic(file)
        read = _HEADERS.get(version)
        header = read(file, max_header_size=_MAX_HEADER_BYTES) if read else None
    # What numpy's parsers raise on a literal that is none, whose words quote the file.
    except Exception as error:
        raise UnreadableFile(
            "Expected an array file of numpy's, received one whose header is none. Save it again "
            "with numpy.save."
        ) from error
    if header is None:  # the third version is for names of structured types alone
        raise UnsupportedFile(_refused("a structured type"))
    shape, _, dtype = header
    if len(shape) > _MAX_AXES or any(side < 0 for side in shape):
        raise UnreadableFile(
            f"Expected an array of at most {_MAX_AXES} axes, received shape {_shown(shape)}."
        )
    return shape, dtype


def _refused(what: object) -> str:
    return (
        f"Expected an array of real numbers, received {what}. Objects are never loaded, since "
        "that would run code of the file; save the tensor alone, as float32."
    )


def _shown(shape: tuple[int, ...]) -> str:
    text = str(shape)
    return text if len(text) <= 60 else f"{text[:57]}..."
