"""What is read here, as a table: from the registry, and measured on the files of pydicom's wheel.

No row is written by hand that the code could contradict: limits come from ``readers.limits``, and
which decoder decodes a transfer syntax is found by decoding.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from xray_app.core import InputError
from xray_app.core.text import markdown_table
from xray_app.readers import limits
from xray_app.readers.dicom.decoders import DECODERS, DEEP_JPEG
from xray_app.readers.registry import READERS, read_radiograph

# What each reader makes of its format; a test asks for a row for each reader.
_CONTENTS: dict[str, tuple[str, str, str]] = {
    "dicom": (
        "CR, DX, RF, secondary captures and other images; MONOCHROME1 and 2, palette, RGB, YBR",
        "1 to 32 integer, 32 and 64 float",
        "any frame",
    ),
    "png": ("gray, gray and alpha, palette, RGB, RGBA", "1, 2, 4, 8, 16", "first of an animation"),
    "tiff": (
        "gray (either polarity), palette, RGB, with alpha; strips and tiles; BigTIFF",
        "1 to 32 integer, 16 to 64 float",
        "any page",
    ),
    "jpeg": ("gray, YCbCr, CMYK; baseline, progressive, lossless", "8; 12 and 16 gray", "one"),
    "bmp": ("gray, palette, RGB", "1, 4, 8", "one"),
    "webp": ("lossy and lossless, with alpha", "8", "first of an animation"),
    "gif": ("palette", "8", "first of an animation"),
}


@dataclass(frozen=True, slots=True)
class FormatRow:
    """One file format."""

    format: str
    extensions: tuple[str, ...]
    content: str
    bits: str
    images: str


@dataclass(frozen=True, slots=True)
class SyntaxRow:
    """One DICOM transfer syntax.

    Attributes:
        decoders: tried in this order; measured: how many of pydicom's files each one decoded.
        available: whether a decoder for it is installed.
    """

    uid: str
    name: str
    decoders: tuple[str, ...]
    available: bool
    measured: dict[str, int]


@dataclass(frozen=True, slots=True)
class FormatTable:
    """All that ``python -m xray_app formats`` prints."""

    formats: tuple[FormatRow, ...]
    syntaxes: tuple[SyntaxRow, ...]
    limits: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return asdict(self)

    def to_text(self) -> str:
        """Return lines for a terminal."""
        lines = [
            *(f"{r.format:<7}{r.bits:<34}{r.images:<23}{r.content}" for r in self.formats),
            "",
            *(f"{r.uid:<25}{_measured(r):<22}{r.name}" for r in self.syntaxes),
            "",
            *(f"{name}: {value}" for name, value in self.limits.items()),
        ]
        return "\n".join(lines)

    def to_markdown(self) -> str:
        """Return the tables of docs/formats.md."""
        formats = [("format", "file names", "what is read", "bits a sample", "images")]
        formats += [
            (r.format, " ".join(r.extensions), r.content, r.bits, r.images) for r in self.formats
        ]
        syntaxes = [
            ("DICOM transfer syntax", "UID", "decoders, in order", "pydicom's files decoded")
        ]
        syntaxes += [(r.name, r.uid, ", ".join(r.decoders), _measured(r)) for r in self.syntaxes]
        limits = [("limit", "value"), *self.limits.items()]
        return "\n\n".join(markdown_table(lines) for lines in (formats, syntaxes, limits))


def format_table() -> FormatTable:
    """Make the table; it takes about a second, since all of pydicom's files are decoded.

    >>> table = format_table()
    >>> table.formats[0].format, table.limits["image"].partition(",")[0]
    ('DICOM', '64 million pixels')
    """
    formats = tuple(
        FormatRow(reader.label, reader.extensions, *_CONTENTS[name])
        for name, reader in READERS.items()
    )
    return FormatTable(formats, tuple(_syntaxes()), _limits())


def _measured(row: SyntaxRow) -> str:
    if not row.available:
        return "not installed"
    return ", ".join(f"{n} by {name}" for name, n in row.measured.items()) or "none to try"


def _limits() -> dict[str, str]:
    return {
        "file": f"{limits.MAX_FILE_BYTES // 10**6} MB, inflated if deflated",
        "image": f"{limits.MAX_PIXELS // 10**6} million pixels, a longer side of at "
        f"most {limits.MAX_ASPECT} times the shorter; of many frames only one is decoded",
        "pages of a TIFF": f"{limits.MAX_PAGES:,}",
        "time to decode": f"{limits.MAX_SECONDS} s",
        "memory to decode": f"{limits.MAX_ADDRESS_SPACE // 2**30} GiB of address space",
        "files in a ZIP archive": f"{limits.MAX_ENTRIES}, together at most as large as one file",
    }


def _syntaxes() -> Iterator[SyntaxRow]:
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import UID

    measured = _count_decoded()
    for uid, decoders in DECODERS.items():
        deep = (f"{DEEP_JPEG} above 8 bits",) if uid == UID("1.2.840.10008.1.2.4.51") else ()
        counts = {n: measured[uid, n] for n in (*decoders, DEEP_JPEG) if measured[uid, n]}
        name = UID(uid).name.partition(" (Process")[0]
        yield SyntaxRow(uid, name, decoders + deep, get_decoder(UID(uid)).is_available, counts)


def _count_decoded() -> Counter[tuple[str, str]]:
    """How many of the files in pydicom's wheel each decoder decodes, by transfer syntax."""
    import pydicom

    counts: Counter[tuple[str, str]] = Counter()
    for path in sorted((Path(pydicom.__file__).parent / "data").rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        if not READERS["dicom"].sniff(data):
            continue
        try:
            radiograph = read_radiograph(data)
        except InputError:
            continue
        decoder = radiograph.steps[0].detail.rpartition(" ")[2]
        counts[radiograph.technical["Transfer Syntax UID"], decoder] += 1
    return counts
