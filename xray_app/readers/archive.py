"""The files in a ``.zip``, within limits that are checked before and while inflating."""

import contextlib
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO

from xray_app.core import FileTooLarge, UnreadableFile, UnsupportedFile
from xray_app.core.text import distinct_names
from xray_app.readers.limits import (
    MAX_DIRECTORY_BYTES,
    MAX_ENTRIES,
    MAX_FILE_BYTES,
    check_file_size,
)
from xray_app.readers.registry import bare, named

_SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x07"
_CHUNK = 2**20
_IS_ENCRYPTED = 0x1  # bit 0 of the general purpose flag, APPNOTE 4.4.4
_IS_UTF_8 = 0x800  # bit 11: APPNOTE appendix D
_LITTER = ("__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini")
_KANA_OR_KANJI = re.compile("[\u3041-\u30ff\u4e00-\u9fff]")
_JAPANESE = re.compile("[\x20-\x7e\u3000-\u30ff\u4e00-\u9fff\uff01-\uff9f]*")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others take memory without a limit


def is_archive(data: bytes) -> bool:
    r"""Tell whether the bytes begin as a ``.zip`` does.

    >>> is_archive(b"PK\x03\x04"), is_archive(b"%PDF-1.7")
    (True, False)
    """
    return data.startswith(_SIGNATURES)


def expand(data: bytes, name: str) -> list[tuple[str, bytes]]:
    """List the files in a ``.zip``; a file that is none is the only one of its list.

    Folders, and files that an operating system hides, are left out. Names lose their folders,
    which may name a patient, and are made different from one another.

    Args:
        data: the whole file.
        name: its name, for error sentences and for a file that is no ``.zip``.

    Returns:
        The name and the bytes of each file.

    Raises:
        FileTooLarge: too many files, or too many bytes once inflated.
        UnsupportedFile: encrypted, compressed in an unusual way, or an archive in an archive.
        UnreadableFile: damaged or empty.

    >>> buffer = BytesIO()
    >>> with zipfile.ZipFile(buffer, "w") as archive:
    ...     archive.writestr("ward 3/chest.png", b"pixels")
    >>> expand(buffer.getvalue(), "images.zip")
    [('chest.png', b'pixels')]
    """
    with named(name):
        check_file_size(len(data))
        if not is_archive(data):
            return [(bare(name), data)]
        check_directory(data)
        try:
            with zipfile.ZipFile(BytesIO(data)) as archive:
                return _files(archive)
        # What ``zipfile`` raises on damage; the last on a method or an encryption it does not know.
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise UnreadableFile(
                "Expected a whole ZIP archive, received one that is damaged or cut short. "
                "Make or copy it again."
            ) from error


def check_directory(data: bytes) -> None:
    """Check the size of the list of files before it is parsed: APPNOTE 4.3.16.

    Raises:
        UnreadableFile: there is no list, so the archive is cut short.
        FileTooLarge: it is longer than ``MAX_DIRECTORY_BYTES``.

    >>> with zipfile.ZipFile(buffer := BytesIO(), "w") as archive:
    ...     archive.writestr("chest.png", b"pixels")
    >>> check_directory(buffer.getvalue())
    """
    end = data.rfind(_END)
    size, is_large = int.from_bytes(data[end + 12 : end + 16], "little"), _END_64 in data[-66_000:]
    if end < 0 or len(data) < end + 22:
        raise UnreadableFile("Expected a whole ZIP archive, received one cut short. Copy it again.")
    if is_large or size > MAX_DIRECTORY_BYTES:
        raise FileTooLarge(
            f"Expected a ZIP archive of at most {MAX_ENTRIES} files, received one with a longer "
            "list. Make smaller archives."
        )


def _files(archive: zipfile.ZipFile) -> list[tuple[str, bytes]]:
    entries = [e for e in archive.infolist() if not e.is_dir() and is_shown(e.filename)]
    if not entries:
        raise UnreadableFile(
            "Expected images in the ZIP archive, received an empty one. Pack them."
        )
    if len(entries) > MAX_ENTRIES:
        raise FileTooLarge(
            f"Expected at most {MAX_ENTRIES} files in a ZIP archive, received {len(entries)}. "
            "Make smaller archives."
        )
    _check_total(sum(entry.file_size for entry in entries))
    files: list[tuple[str, bytes]] = []
    total = 0
    names = distinct_names(bare(written_name(entry)) for entry in entries)
    for shown, entry in zip(names, entries, strict=True):
        body = _inflated(archive, entry, MAX_FILE_BYTES - total)
        total += len(body)
        if is_archive(body):
            raise UnsupportedFile(
                f"Expected images in the ZIP archive, received another archive, {shown}. "
                "Unpack it first."
            )
        files.append((shown, body))
    return files


def is_shown(name: str) -> bool:
    """Tell whether a file in an archive is one that its user sees there, and may be an image.

    >>> is_shown("ward 3/chest.png"), is_shown("__MACOSX/chest.png"), is_shown("Thumbs.db")
    (True, False, False)
    """
    parts = PurePosixPath(name).parts
    hidden = any(is_litter(part) for part in parts)
    return bool(parts) and not hidden and parts[-1].upper() != "DICOMDIR"


def is_litter(name: str) -> bool:
    """Tell whether an operating system hides a file or a folder of this name, or left it there.

    >>> is_litter(".DS_Store"), is_litter("._chest.png"), is_litter("chest.png")
    (True, True, False)
    """
    return name.lstrip(".") != name != ".." or name.casefold() in _LITTER


def written_name(entry: zipfile.ZipInfo) -> str:
    """A file's name as it was written, where an archive doesn't say in which characters.

    Without the flag for UTF-8 a name is in those of IBM PC (APPNOTE appendix D), but many tools
    write UTF-8, or Shift-JIS on a Japanese system; those two are recognised.

    >>> entry = zipfile.ZipInfo("胸部.png".encode("cp932").decode("cp437"))
    >>> written_name(entry)
    '胸部.png'
    """
    if entry.flag_bits & _IS_UTF_8 or entry.filename.isascii():
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    with contextlib.suppress(UnicodeDecodeError):
        return raw.decode("utf-8")
    with contextlib.suppress(UnicodeDecodeError):
        japanese = raw.decode("cp932")
        if _JAPANESE.fullmatch(japanese) and _KANA_OR_KANJI.search(japanese):
            return japanese
    return entry.filename


def _inflated(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, allowed: int) -> bytes:
    """The file's bytes; a header may lie about their number, so they are counted."""
    check_entry(entry)
    chunks, size = [], 0
    with archive.open(entry) as file:
        for chunk in _chunks(file):
            size += len(chunk)
            if size > allowed:
                _check_total(MAX_FILE_BYTES + 1)
            chunks.append(chunk)
    return b"".join(chunks)


def check_entry(entry: zipfile.ZipInfo) -> None:
    """Check that a file in an archive can be inflated within limits.

    Raises:
        UnsupportedFile: it is encrypted or compressed in an unusual way.

    >>> entry = zipfile.ZipInfo("chest.png")
    >>> entry.flag_bits = 1  # encrypted
    >>> try:
    ...     check_entry(entry)
    ... except UnsupportedFile as error:
    ...     print(error)
    Expected a ZIP archive without a password, received one with it. Unpack it first.
    """
    if entry.flag_bits & _IS_ENCRYPTED:
        raise UnsupportedFile(
            "Expected a ZIP archive without a password, received one with it. Unpack it first."
        )
    if entry.compress_type not in _METHODS:
        raise UnsupportedFile(
            "Expected a ZIP archive that is stored or deflated, received another compression. "
            "Make it again with usual settings."
        )


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _check_total(size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise FileTooLarge(
            f"Expected at most {MAX_FILE_BYTES // 1_000_000} MB in a ZIP archive once inflated, "
            "received more. Make smaller archives."
        )
