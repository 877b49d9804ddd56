"""What a header claims of an image's size is judged before memory is taken."""

import time

import pytest

from tests.readers.reader_files import DEEP, RAMP, dicom, pillow, raw_png
from xray_app.core.errors import FileTooLarge, UnreadableFile, UnsupportedFile
from xray_app.readers import limits, read_radiograph


def dicom_claiming(rows, columns):
    return dicom(DEEP, Rows=rows, Columns=columns)


def bmp_claiming(rows, columns):
    data = bytearray(pillow(RAMP, "BMP"))
    data[18:26] = columns.to_bytes(4, "little") + rows.to_bytes(4, "little")
    return bytes(data)


def jpeg_claiming(rows, columns):
    data = bytearray(pillow(RAMP, "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = rows.to_bytes(2) + columns.to_bytes(2)
    return bytes(data)


def gif_claiming(rows, columns):
    size = columns.to_bytes(2, "little") + rows.to_bytes(2, "little")
    return b"GIF89a" + size + b"\0\0\0," + b"\0\0\0\0" + size + b"\0\2\2D\1\0;"


def webp_claiming(rows, columns):
    size = (columns - 1).to_bytes(3, "little") + (rows - 1).to_bytes(3, "little")
    return b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + size


def tiff_claiming(rows, columns):
    entries = ((256, columns), (257, rows), (258, 8), (259, 1), (262, 1), (273, 8), (279, 1))
    body = b"".join(
        tag.to_bytes(2, "little") + b"\4\0\1\0\0\0" + value.to_bytes(4, "little")
        for tag, value in entries
    )
    return b"II*\0\x08\0\0\0" + len(entries).to_bytes(2, "little") + body + b"\0\0\0\0"


CLAIMS = {
    "dicom": dicom_claiming,
    "png": lambda rows, columns: raw_png(columns, rows, 8, 0, b""),
    "tiff": tiff_claiming,
    "jpeg": jpeg_claiming,
    "bmp": bmp_claiming,
    "webp": webp_claiming,
    "gif": gif_claiming,
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_huge_claim_is_refused_from_the_header(name):
    data = CLAIMS[name](40_000, 40_000)
    assert len(data) < 2_000
    start = time.perf_counter()
    with pytest.raises(FileTooLarge, match="pixels"):
        read_radiograph(data)
    assert time.perf_counter() - start < 2.0


@pytest.mark.parametrize("name", sorted(CLAIMS.keys() - {"webp"}))  # WebP can't say zero
@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (0, 5), (5, 0)])
def test_no_pixels(name, rows, columns):
    with pytest.raises((UnreadableFile, UnsupportedFile)):
        read_radiograph(CLAIMS[name](rows, columns))


def test_the_limit_itself_is_allowed():
    limits.check_dimensions(8_000, 8_000)
    with pytest.raises(FileTooLarge):
        limits.check_dimensions(8_000, 8_001)
