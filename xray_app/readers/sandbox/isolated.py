"""Reading apart: what a file does to its decoder, it does in another process.

A damaged file can crash a decoder, and the interpreter with it; a small one can ask for gigabytes
or hours. Here each costs one sentence. Two processes wait, so two files are read at a time; they
start with the first file, or with ``warm_up``, and end with the program.
"""

import atexit
import threading
from typing import Any

from xray_app.core import AnyArray, Radiograph
from xray_app.readers.limits import check_file_size
from xray_app.readers.options import ReadOptions
from xray_app.readers.registry import DEFAULTS, named
from xray_app.readers.sandbox.pool import Pool


def read_isolated(data: bytes, name: str = "", options: ReadOptions = DEFAULTS) -> Radiograph:
    """Read one radiograph as ``read_radiograph`` does, in another process. Safe with threads.

    The file's name stays in this process; it is needed for error sentences only.

    Returns:
        A radiograph as ``read_radiograph`` returns it.

    Raises:
        UnreadableFile: also when the file crashed its decoder.
        FileTooLarge: also when it takes too long or too much memory to decode.
        UnsupportedFile, UnknownChoice: as ``read_radiograph``.
        XrayAppError: no process could be started.
    """
    with named(name):
        check_file_size(len(data))
        radiograph: Radiograph = _pool().ask("read", data, "", options)
        return radiograph


def expand_isolated(data: bytes, name: str) -> list[tuple[str, bytes]]:
    """List the files in a ``.zip`` as ``archive.expand`` does, in another process.

    A file that is no ``.zip`` needs no other process.

    Raises:
        InputError: as ``archive.expand``, and as ``read_isolated`` when the process stopped.
        XrayAppError: no process could be started.

    >>> expand_isolated(b"not an archive", "ward 3/chest.png")
    [('chest.png', b'not an archive')]
    """
    if not data.startswith(b"PK"):
        from xray_app.readers.archive import expand

        return expand(data, name)
    with named(name):
        check_file_size(len(data))
        files: list[tuple[str, bytes]] = _pool().ask("expand", data, "")
        return files


def reference_isolated(data: bytes, table_index: int = 0) -> dict[str, Any]:
    """Read what a link to a file needs as ``dicom.reference.reference``, in another process.

    Raises:
        UnsupportedFile: there is nothing to refer to.
        UnreadableFile, FileTooLarge: as ``read_isolated``.
        XrayAppError: no process could be started.
    """
    check_file_size(len(data))
    found: dict[str, Any] = _pool().ask("reference", data, table_index)
    return found


def as_stored_isolated(data: bytes, name: str = "") -> AnyArray:
    """Decode an image as ``read_as_stored`` does, in another process.

    Raises:
        InputError: as ``read_as_stored``, and as ``read_isolated`` when the process stopped.
        XrayAppError: no process could be started.
    """
    with named(name):
        check_file_size(len(data))
        pixels: AnyArray = _pool().ask("as stored", data)
        return pixels


def arrays_isolated(data: bytes, name: str = "") -> dict[str, AnyArray]:
    """Read a ``.npy`` or ``.npz`` as ``read_arrays`` does, in another process.

    Raises:
        InputError: as ``read_arrays``, and as ``read_isolated`` when the process stopped.
        XrayAppError: no process could be started.
    """
    with named(name):
        check_file_size(len(data))
        arrays: dict[str, AnyArray] = _pool().ask("arrays", data)
        return arrays


def uids_isolated(data: bytes) -> dict[str, str]:
    """Read the UIDs of a DICOM file as ``dicom.reference.uids``, in another process.

    Raises:
        UnsupportedFile: it is no DICOM file.
        UnreadableFile, FileTooLarge: as ``read_isolated``.
        XrayAppError: no process could be started.
    """
    check_file_size(len(data))
    found: dict[str, str] = _pool().ask("uids", data)
    return found


def warm_up() -> None:
    """Start a process in the background, so that the first file needn't wait for it."""
    _pool().start_one()


_shared: list[Pool] = []  # one, made when it is first needed
_starting = threading.Lock()


def _pool() -> Pool:
    with _starting:
        if not _shared:
            _shared.append(Pool())
            atexit.register(_shared[0].close)
        return _shared[0]
