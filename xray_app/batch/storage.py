"""Reading bytes and listing folders, on this machine or in an object store.

A place is a path, or an address with a scheme such as ``s3://`` or ``gs://`` that fsspec knows, or
``dicomweb://`` for an image of the PACS.
"""

import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

from xray_app.core import InputError, PacsError, UnreadableFile, XrayAppError, first_line
from xray_app.pacs import is_address
from xray_app.readers import (
    MAX_FILE_BYTES,
    check_file_size,
    member_names,
    read_member,
    written_name,
)

Opener = Callable[[str], zipfile.ZipFile]


class Entry(NamedTuple):
    """One thing in a folder: its name there, where it is, and whether it is a folder."""

    name: str
    place: str
    is_folder: bool


def is_remote(place: str) -> bool:
    """Whether the place is an address and not a path."""
    return "://" in place


def kind_of(place: str) -> str:
    """Say "folder", "file", or "" where there is nothing that can be read.

    Raises:
        XrayAppError: the address needs a package that is not installed.
        UnreadableFile: the store refuses.
    """
    if not is_remote(place):
        path = Path(place)
        return "folder" if path.is_dir() else "file" if path.is_file() else ""
    system, path_there = _system(place)
    try:
        return "folder" if system.isdir(path_there) else "file" if system.isfile(path_there) else ""
    except Exception as error:  # stores raise whatever they like
        raise UnreadableFile(_refusal(place, error)) from error


def entries_of(place: str) -> Iterator[Entry]:
    """What is directly in a folder, by name; links to folders are left out.

    Raises:
        UnreadableFile: the folder can't be listed.
    """
    try:
        found = _remote_entries(place) if is_remote(place) else _local_entries(place)
    except XrayAppError:
        raise
    except Exception as error:  # as above
        raise UnreadableFile(_refusal(place, error)) from error
    yield from sorted(found)


def _local_entries(place: str) -> list[Entry]:
    found = []
    with os.scandir(place) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                found.append(Entry(entry.name, entry.path, True))
            elif stat.S_ISREG(_mode(entry)):  # never a pipe: reading one would wait for ever
                found.append(Entry(entry.name, entry.path, False))
    return found


def _mode(entry: "os.DirEntry[str]") -> int:
    try:
        return entry.stat().st_mode
    except OSError:  # a link to nothing: a row will say that it can't be read
        return stat.S_IFREG


def _remote_entries(place: str) -> list[Entry]:
    system, path = _system(place)
    return [
        Entry(
            info["name"].rstrip("/").rsplit("/", 1)[-1],
            system.unstrip_protocol(info["name"]),
            info["type"] == "directory",
        )
        for info in system.ls(path, detail=True)
        if info["name"].rstrip("/") != path.rstrip("/")  # some stores list the folder itself
    ]


def open_archive(place: str) -> zipfile.ZipFile:
    """Open an archive; several threads may read it, and it closes once nobody holds it."""
    return zipfile.ZipFile(_open(place) if is_remote(place) else place)


def read_bytes(place: str, member: str = "", opened: Opener = open_archive) -> bytes:
    """The bytes of a file, or of one file in a ``.zip``, within the limit of any one file.

    Args:
        place: of the file, or of the archive that holds it.
        member: its name in that archive; "" if it is in none.
        opened: gives the archive, such as one that is open already.

    Raises:
        UnreadableFile: it isn't there, is empty, or can't be read.
        FileTooLarge: it is over ``MAX_FILE_BYTES``.
        UnsupportedFile: the file in the archive is encrypted or compressed in an unusual way.
    """
    try:
        data = read_member(opened(place), member) if member else _whole(place)
    except XrayAppError:
        raise
    except Exception as error:  # as above; also what a damaged archive raises
        raise UnreadableFile(_refusal(place, error)) from error
    check_file_size(len(data))
    return data


def members_of(place: str) -> dict[str, str]:
    """Names of the files in a ``.zip``, sorted, and as they were written; hidden ones are left out.

    Unlike an upload, an archive of one's own may hold any number of files: they are read one at a
    time, and the limits hold for each.

    Raises:
        UnreadableFile: it is no whole archive.
    """
    try:
        archive = open_archive(place)
        return {name: written_name(archive.getinfo(name)) for name in member_names(archive)}
    except XrayAppError:
        raise
    except Exception as error:  # as above
        raise UnreadableFile(
            "Expected a whole ZIP archive, received one that is damaged or cut short. "
            "Make or copy it again."
        ) from error


def _whole(place: str) -> bytes:
    if is_address(place):
        return _of_the_pacs(place)
    with _open(place) as file:
        return file.read(MAX_FILE_BYTES + 1)


def _of_the_pacs(place: str) -> bytes:
    from xray_app.pacs import pacs_settings, place_of, retrieve

    try:
        return retrieve(pacs_settings(), place_of(place))
    except PacsError as error:  # one image that doesn't come is one row
        raise UnreadableFile(str(error)) from error


def _open(place: str) -> IO[bytes]:
    if not is_remote(place):
        return Path(place).open("rb")
    system, path = _system(place)
    file: IO[bytes] = system.open(path, "rb")
    return file


def _system(place: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise XrayAppError(
            "Addresses such as s3:// need the package fsspec; install it."
        ) from error
    try:
        system, path = url_to_fs(place)
    except (ImportError, ValueError) as error:  # the store's own package, or an unknown scheme
        raise InputError(f"Can't open {place}: {first_line(error)}.") from error
    return system, path


def _refusal(place: str, error: Exception) -> str:
    reason = getattr(error, "strerror", None) or type(error).__name__
    where = "from the store" if is_remote(place) else "from the disk"
    return f"Expected a file that can be read {where}, received the answer {reason!r}. Check it."
