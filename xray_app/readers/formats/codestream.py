"""What a JPEG, JPEG-LS or JPEG 2000 codestream claims in its header, and the rarer JPEGs."""

from typing import NamedTuple

from xray_app.core import AnyArray, UnreadableFile

_JPEG_START, _JPEG_END = b"\xff\xd8", b"\xff\xd9"
_J2K_START = b"\xff\x4f\xff\x51"  # SOC and SIZ, ISO/IEC 15444-1 A.4 and A.5.1
# SOF0 to SOF15 without DHT, JPG and DAC, which share their range (ISO/IEC 10918-1 table B.1), and
# the frame header of JPEG-LS (ISO/IEC 14495-1 C.2.2).
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}
_JPEG_LOSSLESS = frozenset({0xC3, 0xC7, 0xCB, 0xCF, 0xF7})


class Claim(NamedTuple):
    """Size in pixels, bits a sample, and whether a lossless JPEG process is used."""

    rows: int
    columns: int
    bits: int
    lossless: bool


def claim(codestream: bytes) -> Claim | None:
    """Return what the codestream's header says, or None if no such header is found.

    >>> import numpy as np
    >>> from xray_app.core.images.image_files import encode_jpeg
    >>> claim(encode_jpeg(np.zeros((2, 3), np.uint8), quality=90))
    Claim(rows=2, columns=3, bits=8, lossless=False)
    """
    if codestream.startswith(_JPEG_START):
        return _jpeg_claim(codestream)
    start = codestream[:4096].find(_J2K_START)  # some writers keep the JP2 boxes in front
    return None if start < 0 else _j2k_claim(codestream[start:])


def is_deep_jpeg(codestream: bytes) -> bool:
    """Tell whether it is a lossy JPEG of more than 8 bits, which most decoders refuse.

    >>> import numpy as np
    >>> from imagecodecs import jpeg8_encode
    >>> is_deep_jpeg(jpeg8_encode(np.full((8, 8), 4000, np.uint16), bitspersample=12))
    True
    """
    if not codestream.startswith(_JPEG_START):
        return False
    found = claim(codestream)
    return found is not None and found.bits > 8 and not found.lossless


def decode_deep_jpeg(codestream: bytes) -> AnyArray:
    """Decode a JPEG of more than 8 bits, or a lossless one.

    Returns:
        (H, W) or (H, W, 3), uint16 above 8 bits, else uint8.

    Raises:
        UnreadableFile: it does not end as a JPEG must; the decoder would fill it up with gray.
        Exception: whatever the decoder raises on damaged bytes.

    >>> import numpy as np
    >>> from imagecodecs import jpeg8_encode
    >>> ramp = np.array([[0, 1000, 4095]], np.uint16)
    >>> decode_deep_jpeg(jpeg8_encode(ramp, bitspersample=12, lossless=True)).tolist()
    [[0, 1000, 4095]]
    """
    from imagecodecs import jpeg_decode

    if not codestream.rstrip(b"\0\xff").endswith(_JPEG_END):
        raise UnreadableFile("Expected a whole JPEG, received one cut short. Copy it again.")
    samples: AnyArray = jpeg_decode(codestream)
    return samples


def _j2k_claim(data: bytes) -> Claim | None:
    if len(data) < 43:
        return None
    right, bottom, left, top = (int.from_bytes(data[i : i + 4]) for i in (8, 12, 16, 20))
    return Claim(bottom - top, right - left, (data[42] & 0x7F) + 1, False)


def _jpeg_claim(data: bytes) -> Claim | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _JPEG_FRAMES:
            rows, columns = (int.from_bytes(data[i : i + 2]) for i in (at + 5, at + 7))
            return Claim(rows, columns, data[at + 4], marker in _JPEG_LOSSLESS)
        # 0xFF may be repeated in front of a marker as a fill byte
        at += 1 if marker == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4])
    return None
