"""PNG at its full depth.

Pillow reduces 16-bit colour to 8 bits without a word and takes missing rows for black, so the
pixels are decoded by libpng through imagecodecs.
"""

from collections.abc import Iterator
from typing import NamedTuple

from xray_app.core import UnreadableFile
from xray_app.readers.limits import check_dimensions
from xray_app.readers.options import ReadOptions
from xray_app.readers.reader import Reader
from xray_app.readers.steps.grayscale import to_gray
from xray_app.readers.steps.image import StoredImage, plain
from xray_app.readers.steps.orientation import upright
from xray_app.readers.steps.pipeline import Pipeline, with_profile

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPES = {0: "gray", 2: "RGB", 3: "palette", 4: "gray and alpha", 6: "RGBA"}
_PALETTE = 3
_COLOUR_CHUNKS = {  # PNG, third edition, 11.3.2
    b"iCCP": "ICC profile",
    b"gAMA": "gamma (gAMA)",
    b"cHRM": "chromaticities (cHRM)",
    b"sRGB": "sRGB rendering intent (sRGB)",
    b"cICP": "coding-independent code points (cICP)",
}


class _Header(NamedTuple):
    rows: int
    columns: int
    depth: int
    colour_type: int

    @property
    def bits(self) -> int:
        """Bits of a decoded sample: a palette's colours have eight, however few its indices."""
        return 8 if self.colour_type == _PALETTE else self.depth


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4])
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += length + 12


def _header(data: bytes) -> _Header:
    kind, body = next(_chunks(data), (b"", b""))
    if kind != b"IHDR" or len(body) != 13:
        raise UnreadableFile("Expected a PNG that begins with its header; received none.")
    columns, rows = int.from_bytes(body[:4]), int.from_bytes(body[4:8])
    check_dimensions(rows, columns)
    return _Header(rows, columns, body[8], body[9])


def _orientation(data: bytes) -> object:
    exif = next((body for kind, body in _chunks(data) if kind == b"eXIf"), None)
    if exif is None:
        return None
    from xray_app.readers.formats.exif import orientation

    return orientation(exif)


def read(data: bytes, _options: ReadOptions) -> StoredImage:
    """Read a PNG of any colour type and depth; its first image if it is animated.

    Returns:
        A StoredImage of (H, W) in [0, 2**bits - 1].

    Raises:
        UnreadableFile: it has no header or no pixel.
        FileTooLarge: its header claims more than the limit.
        Exception: whatever libpng raises on damaged bytes.

    >>> import numpy as np
    >>> from xray_app.core.images.image_files import encode_png
    >>> read(encode_png(np.array([[0, 255]], np.uint8)), ReadOptions()).stored.tolist()
    [[0, 255]]
    """
    from imagecodecs import png_decode

    header = _header(data)
    samples = png_decode(data)
    if header.bits < 8:  # libpng spreads 1, 2 and 4 bits over [0, 255]; take that back, exactly
        samples = samples // (255 // (2**header.bits - 1))
    colour = _COLOUR_TYPES.get(header.colour_type, "unknown")
    detail = f"PNG, {header.depth} bits, {colour}, {header.columns} x {header.rows}"
    pipeline = Pipeline.decoded(samples, header.bits, detail)
    pipeline = to_gray(upright(pipeline, _orientation(data)))
    kinds = {kind for kind, _ in _chunks(data)}
    for kind, what in _COLOUR_CHUNKS.items():
        if kind in kinds:
            pipeline = with_profile(pipeline, what)
    if b"acTL" in kinds:
        pipeline = pipeline.noting("The file is animated; only its first image is read.")
    return plain(pipeline, "PNG", header.bits)


READER = Reader("png", "PNG", (".png",), lambda data: data.startswith(_SIGNATURE), read)
