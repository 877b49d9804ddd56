"""What a file is when it is none of the formats that are read here."""

from collections.abc import Callable
from typing import NamedTuple
from unicodedata import category


class UnsupportedKind(NamedTuple):
    """A kind of file that is not read here but often chosen, and what its user can do about it."""

    label: str
    sniff: Callable[[bytes], bool]
    advice: str


def _starts(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(signatures)


def _is_text(data: bytes) -> bool:
    head = data[:1024]
    try:
        # the cut at 1024 may fall inside a character of up to four bytes
        text = head.decode("utf-8") if len(data) <= 1024 else head.decode("utf-8", "ignore")
    except UnicodeDecodeError:
        return False
    damaged = len(head) - len(text.encode("utf-8")) > 3
    return not damaged and all(category(c) != "Cc" or c in "\t\r\n\f" for c in text)


_UNPACK = "Unpack it and choose one image."
_EXPORT = "Open it and export the image as PNG or TIFF."

UNSUPPORTED: tuple[UnsupportedKind, ...] = (
    UnsupportedKind(
        "a ZIP archive or an Office document", _starts(b"PK\x03\x04", b"PK\x05"), _UNPACK
    ),
    UnsupportedKind("a gzip archive", _starts(b"\x1f\x8b"), _UNPACK),
    UnsupportedKind("a 7-Zip archive", _starts(b"7z\xbc\xaf\x27\x1c"), _UNPACK),
    UnsupportedKind("a RAR archive", _starts(b"Rar!"), _UNPACK),
    UnsupportedKind("a PDF document", _starts(b"%PDF"), _EXPORT),
    UnsupportedKind(
        "a bare JPEG 2000 image",
        _starts(b"\x00\x00\x00\x0cjP  ", b"\xff\x4f\xff\x51"),
        _EXPORT,
    ),
    UnsupportedKind("a HEIC, AVIF or video file", lambda data: data[4:8] == b"ftyp", _EXPORT),
    UnsupportedKind("a NIfTI volume", lambda data: data[344:347] in (b"n+1", b"ni1"), _EXPORT),
    UnsupportedKind("text", _is_text, "Its name may end like an image's; choose the image itself."),
)


def describe(data: bytes) -> tuple[str, str]:
    """Say what an unsupported file seems to be, and what to do: for an error sentence.

    >>> describe(b"%PDF-1.7")
    ('a PDF document', 'Open it and export the image as PNG or TIFF.')
    """
    for kind in UNSUPPORTED:
        if kind.sniff(data):
            return kind.label, kind.advice
    return "bytes of an unknown kind", "Open the image in a viewer and export it again."
