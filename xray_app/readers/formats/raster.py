"""The formats that have eight bits or fewer, through Pillow: JPEG, BMP, WebP and GIF.

JPEGs of another depth, and lossless ones, exist in medicine; they go through imagecodecs.
"""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from xray_app.core import AnyArray, FileTooLarge
from xray_app.readers.formats.codestream import Claim, claim, decode_deep_jpeg
from xray_app.readers.limits import check_dimensions
from xray_app.readers.options import ReadOptions
from xray_app.readers.reader import Reader
from xray_app.readers.steps.grayscale import to_gray
from xray_app.readers.steps.image import StoredImage, plain
from xray_app.readers.steps.orientation import upright
from xray_app.readers.steps.pipeline import Pipeline, with_profile

if TYPE_CHECKING:
    from PIL.Image import Image

_BMP_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}  # lengths of the known kinds


def _samples(image: "Image") -> AnyArray:
    """(H, W) or (H, W, C) uint8; palettes are looked up, ink becomes light."""
    if image.mode == "1":
        return np.asarray(image).astype(np.uint8)
    if "transparency" in image.info or image.mode in ("PA", "La", "RGBa"):
        image = image.convert("RGBA")
    elif image.mode not in ("L", "LA", "RGB", "RGBA"):
        image = image.convert("RGB")
    return np.asarray(image)


def _open(data: bytes, pillow_format: str) -> "Image":
    from PIL import Image

    try:
        image = Image.open(BytesIO(data), formats=(pillow_format,))
    except Image.DecompressionBombError as error:
        raise FileTooLarge(
            "The image claims far more pixels than are read here. Reduce it or crop it first."
        ) from error
    check_dimensions(image.height, image.width)
    return image


def read(data: bytes, _options: ReadOptions, *, pillow_format: str, label: str) -> StoredImage:
    """Read the first image of a file that Pillow decodes to at most eight bits a sample.

    Args:
        data: the whole file.
        pillow_format: Pillow's name of the format.
        label: the format's name for users.

    Returns:
        A StoredImage of (H, W) in [0, 1] for one bit, else in [0, 255].

    Raises:
        UnreadableFile: it has no pixel.
        FileTooLarge: its header claims more than the limit.
        Exception: whatever Pillow raises on damaged bytes.

    >>> import numpy as np
    >>> from PIL import Image
    >>> Image.fromarray(np.array([[0, 255]], np.uint8)).save(buffer := BytesIO(), "BMP")
    >>> read(buffer.getvalue(), ReadOptions(), pillow_format="BMP", label="BMP").stored.tolist()
    [[0, 255]]
    """
    from xray_app.readers.formats.exif import orientation

    with _open(data, pillow_format) as image:
        samples = _samples(image)
        bits = 1 if image.mode == "1" else 8
        detail = f"{label}, {bits} bits, Pillow mode {image.mode}, {image.width} x {image.height}"
        pipeline = Pipeline.decoded(samples, bits, detail)
        pipeline = to_gray(upright(pipeline, orientation(image.info.get("exif"))))
        if image.info.get("icc_profile"):
            pipeline = with_profile(pipeline)
        if getattr(image, "is_animated", False):
            pipeline = pipeline.noting(
                "The file holds more than one image; only the first is read."
            )
    return plain(pipeline, label, bits)


def _read_jpeg(data: bytes, options: ReadOptions) -> StoredImage:
    header = claim(data)
    if header is not None:
        check_dimensions(header.rows, header.columns)
        if header.bits != 8 or header.lossless:  # Pillow knows neither
            return _read_deep_jpeg(data, header)
    return read(data, options, pillow_format="JPEG", label="JPEG")


def _read_deep_jpeg(data: bytes, header: Claim) -> StoredImage:
    process = "lossless" if header.lossless else "lossy"
    detail = f"JPEG, {header.bits} bits, {process}, {header.columns} x {header.rows}"
    pipeline = to_gray(Pipeline.decoded(decode_deep_jpeg(data), header.bits, detail))
    return plain(pipeline, "JPEG", header.bits)


def _is_bmp(data: bytes) -> bool:
    return data.startswith(b"BM") and int.from_bytes(data[14:18], "little") in _BMP_HEADERS


def _read_webp(data: bytes, options: ReadOptions) -> StoredImage:
    check_dimensions(*_webp_size(data))  # Pillow takes the memory as soon as it opens the file
    return read(data, options, pillow_format="WEBP", label="WebP")


def _webp_size(data: bytes) -> tuple[int, int]:
    """Rows and columns that the first chunk claims: RFC 9649, 2.5 to 2.7."""
    kind = data[12:16]
    if kind == b"VP8X":
        columns, rows = (int.from_bytes(data[i : i + 3], "little") + 1 for i in (24, 27))
    elif kind == b"VP8L":
        packed = int.from_bytes(data[21:25], "little")
        columns, rows = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    else:
        columns, rows = (int.from_bytes(data[i : i + 2], "little") & 0x3FFF for i in (26, 28))
    return rows, columns


def _starts(*signatures: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(signatures)


READERS: tuple[Reader, ...] = (
    Reader("jpeg", "JPEG", (".jpg", ".jpeg"), _starts(b"\xff\xd8\xff"), _read_jpeg),
    Reader("bmp", "BMP", (".bmp",), _is_bmp, partial(read, pillow_format="BMP", label="BMP")),
    Reader(
        "webp",
        "WebP",
        (".webp",),
        lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP",
        _read_webp,
    ),
    Reader(
        "gif",
        "GIF",
        (".gif",),
        _starts(b"GIF87a", b"GIF89a"),
        partial(read, pillow_format="GIF", label="GIF"),
    ),
)
