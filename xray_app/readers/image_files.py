"""The image files in a folder or a ``.zip`` of one's own, however many, read one at a time."""

import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from xray_app.core import InputError, UnreadableFile
from xray_app.readers.archive import check_entry, is_shown
from xray_app.readers.limits import MAX_FILE_BYTES, check_file_size
from xray_app.readers.registry import READERS

_HEAD_BYTES = 1024
_EXTENSIONS = {ending for reader in READERS.values() for ending in reader.extensions}
# RuntimeError: a file that is encrypted although its header doesn't say so.
_DAMAGED = (EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, slots=True)
class ImageFiles:
    """Image files and how to read one of them.

    Attributes:
        names: of the files, with the folders inside the data and forward slashes, sorted.
        folders: every folder that is known, those without an image too.
        read: the bytes of a file by its name, within the limits of any one file; it raises an
            ``InputError`` without the name, is safe with threads, and works while the files are
            open.
    """

    names: tuple[str, ...]
    folders: frozenset[str]
    read: Callable[[str], bytes]


@contextmanager
def open_image_files(data: Path) -> Iterator[ImageFiles]:
    """Find the image files in a folder or ``.zip``; they can be read while the context is open.

    An image is told by the usual ending of its name or, where it has another or none, by its first
    bytes; other files are left out, and so is what an operating system hides.

    Raises:
        UnreadableFile: the folder or ``.zip`` can't be opened.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     for name in ("chest.png", "notes.txt", ".hidden.png"):
    ...         _ = Path(folder, name).write_bytes(b"a file's bytes")
    ...     with open_image_files(Path(folder)) as files:
    ...         files.names, files.read("chest.png")
    (('chest.png',), b"a file's bytes")
    """
    if data.is_dir():
        yield _in_folder(data)
        return
    with _opened(data) as archive:
        yield _in_archive(archive)


def member_names(archive: zipfile.ZipFile) -> list[str]:
    """Names of the files in an archive, sorted; hidden ones are left out.

    >>> from io import BytesIO
    >>> with zipfile.ZipFile(BytesIO(), "w") as archive:
    ...     for name in ("b.png", "a/1.dcm", "__MACOSX/b.png"):
    ...         archive.writestr(name, b"")
    ...     member_names(archive)
    ['a/1.dcm', 'b.png']
    """
    names = {entry.filename for entry in archive.infolist() if not entry.is_dir()}
    return sorted(filter(is_shown, names))


def read_member(archive: zipfile.ZipFile, name: str, size: int = MAX_FILE_BYTES + 1) -> bytes:
    """At most ``size`` bytes of a file in an archive; a header may lie about their number.

    Raises:
        UnsupportedFile: it is encrypted or compressed in an unusual way.
        UnreadableFile: it is damaged.
        OSError: the archive itself can't be read.

    >>> from io import BytesIO
    >>> with zipfile.ZipFile(BytesIO(), "w") as archive:
    ...     archive.writestr("chest.png", b"a file's bytes")
    ...     read_member(archive, "chest.png", size=6)
    b'a file'
    """
    entry = archive.getinfo(name)
    check_entry(entry)
    try:
        with archive.open(entry) as file:
            return file.read(size)
    except _DAMAGED as error:
        raise UnreadableFile(
            "Expected a whole file in the ZIP archive, received one that is damaged or cut short. "
            "Make or copy the archive again."
        ) from error


def _opened(data: Path) -> zipfile.ZipFile:
    try:
        with _readable(data.name):
            return zipfile.ZipFile(data)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise UnreadableFile(
            f"Expected a folder or a zip of images, received {data.name}. Choose another."
        ) from error


def _in_folder(root: Path) -> ImageFiles:
    def read(name: str, size: int) -> bytes:
        with _readable("it"), (root / name).open("rb") as file:
            return file.read(size)

    with _readable(root.name):
        paths = list(root.rglob("*"))
        files = [p.relative_to(root).as_posix() for p in paths if p.is_file()]
        folders = [p.relative_to(root).as_posix() for p in paths if p.is_dir()]
    return _images(files, folders, read)


def _in_archive(archive: zipfile.ZipFile) -> ImageFiles:
    def read(name: str, size: int) -> bytes:
        with _readable("it"):
            return read_member(archive, name, size)

    folders = [entry.filename.rstrip("/") for entry in archive.infolist() if entry.is_dir()]
    return _images(member_names(archive), folders, read)


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnreadableFile(f"Can't read {name}: {error.strerror or error}.") from error


def _images(
    files: Iterable[str], folders: Iterable[str], read: Callable[[str, int], bytes]
) -> ImageFiles:
    def read_whole(name: str) -> bytes:
        data = read(name, MAX_FILE_BYTES + 1)
        check_file_size(len(data))
        return data

    names = tuple(name for name in sorted(filter(is_shown, files)) if _is_image(name, read))
    return ImageFiles(names, frozenset(filter(is_shown, folders)), read_whole)


def _is_image(name: str, read: Callable[[str, int], bytes]) -> bool:
    if PurePosixPath(name).suffix.lower() in _EXTENSIONS:
        return True
    try:
        head = read(name, _HEAD_BYTES)
    except InputError:
        return False
    return any(reader.sniff(head) for reader in READERS.values())
