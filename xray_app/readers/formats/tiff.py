"""TIFF and BigTIFF through tifffile, at full depth; compressed ones through imagecodecs."""

import math
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from xray_app.core import AnyArray, UnreadableFile, UnsupportedFile
from xray_app.readers.formats.codestream import claim
from xray_app.readers.limits import MAX_PAGES, check_dimensions
from xray_app.readers.options import ReadOptions, check_frame
from xray_app.readers.reader import Reader
from xray_app.readers.steps.grayscale import to_gray
from xray_app.readers.steps.image import Rendering, StoredImage, declared, spanning
from xray_app.readers.steps.orientation import upright
from xray_app.readers.steps.pipeline import Pipeline, value_range, with_finite_values, with_profile

if TYPE_CHECKING:
    from tifffile import TiffPage

_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_PHOTOMETRIC, _ORIENTATION, _PROFILE = 0x0106, 0x0112, 0x8773
_COLOUR_TAGS = {  # TIFF 6.0, section 20
    0x012D: "transfer function",
    0x013E: "white point",
    0x013F: "primary chromaticities",
}

# TIFF 6.0, tags 262 (PhotometricInterpretation), 338 (ExtraSamples) and 259 (Compression)
_MINISWHITE, _MINISBLACK, _RGB, _PALETTE, _YCBCR = 0, 1, 2, 3, 6
_CHANNELS = {_MINISWHITE: 1, _MINISBLACK: 1, _RGB: 3, _PALETTE: 1, _YCBCR: 3}
_ASSOCIATED_ALPHA, _UNASSOCIATED_ALPHA = 1, 2
_JPEG_COMPRESSIONS = (6, 7)
# None, CCITT, LZW, Deflate (two numbers), PackBits, LZMA, Zstandard (two numbers)
_WITHOUT_A_SIZE = (1, 2, 3, 4, 5, 8, 32946, 32773, 34925, 34926, 50000)
# JPEG (four numbers) and JPEG 2000 (four numbers); the others that hold a size are not read
_CODESTREAMS = (6, 7, 33007, 34892, 33003, 33004, 33005, 34712)
_WITH_ALPHA = 2  # channels of gray and transparency
_BLOCK = 15  # an encoder may fill its last block up


def read(data: bytes, options: ReadOptions) -> StoredImage:
    """Read one page of a TIFF.

    Unsigned integers keep the scale of their declared depth. Floats in [0, 1] are taken as they
    are; other floats, and signed integers, have no white of their own, so their smallest and
    largest value become black and white. MINISWHITE is inverted once, last, or before
    transparency is laid over black.

    Args:
        data: the whole file.
        options: its ``frame`` is the page, counted from 1.

    Raises:
        UnknownChoice: there is no such page.
        UnsupportedFile: it is neither gray, RGB nor palette, or of an unusual sample type.
        UnreadableFile: strips, tiles or tags are missing, a compressed one claims another size than
            the page, or no value is finite.
        FileTooLarge: its header claims more than the limit.
        Exception: whatever tifffile raises on damaged bytes.

    >>> import numpy as np
    >>> from tifffile import imwrite
    >>> imwrite(buffer := BytesIO(), np.array([[0, 65535]], np.uint16))
    >>> read(buffer.getvalue(), ReadOptions()).stored.tolist()
    [[0, 65535]]
    """
    from tifffile import TiffFile, TiffPage

    with TiffFile(BytesIO(data)) as file:
        pages = min(len(file.pages), MAX_PAGES)
        check_frame(options.frame, pages)
        page = file.pages[options.frame - 1]
        if not isinstance(page, TiffPage):
            raise UnreadableFile("Expected a page with tags of its own; received another.")
        _check(page, len(data))
        _check_codestreams(page, data)
        pipeline = _oriented(page)
    is_inverse = page.photometric == _MINISWHITE
    if is_inverse and _is_transparent(pipeline):
        pipeline, is_inverse = _ink_as_light(pipeline, page), False
    pipeline = to_gray(pipeline, premultiplied=_ASSOCIATED_ALPHA in page.extrasamples)
    if _PROFILE in page.tags:
        pipeline = with_profile(pipeline)
    for tag, what in _COLOUR_TAGS.items():
        if tag in page.tags:
            pipeline = with_profile(pipeline, what)
    if pages > 1:
        pipeline = pipeline.noting(f"The file holds {pages} pages; page {options.frame} is shown.")
    bits = _bits(page)
    return StoredImage(
        pipeline,
        pipeline.values,
        "TIFF",
        bits,
        (_rendering(pipeline, page),),
        frames=pages,
        is_windowable=bits > 8,
        inverted="MINISWHITE: the file's lowest value is white" if is_inverse else "",
    )


def _bits(page: "TiffPage") -> int:
    """Bits of a decoded sample: a palette's colours have sixteen, however few its indices."""
    return 16 if page.photometric == _PALETTE else page.bitspersample


def _check(page: "TiffPage", size: int) -> None:
    check_dimensions(page.imagelength, page.imagewidth)
    if page.is_tiled:  # a tile is decoded whole, however small the image
        check_dimensions(page.tilelength, page.tilewidth)
    _check_segments(page, size)
    if _PHOTOMETRIC not in page.tags:
        raise UnreadableFile(
            "Expected a TIFF that says whether its lowest value is black or white, received one "
            "that doesn't. Export it again."
        )
    dtype = page.dtype
    if dtype is None or dtype.kind not in "buif" or not isinstance(page.bitspersample, int):
        raise UnsupportedFile(
            "Expected a TIFF of integers or floats of one depth, received another sample type. "
            "Export it with 8 or 16 bits."
        )
    photometric = int(page.photometric)
    encoded_ycbcr = photometric == _YCBCR and page.compression not in _JPEG_COMPRESSIONS
    if photometric not in _CHANNELS or encoded_ycbcr or page.imagedepth != 1:
        raise UnsupportedFile(
            "Expected a TIFF in gray, RGB or palette colours, received photometric "
            f"interpretation {photometric} and depth {page.imagedepth}. Export it as gray."
        )
    channels = page.samplesperpixel - len(page.extrasamples)
    if channels != _CHANNELS[photometric] or len(page.extrasamples) > 1:
        raise UnsupportedFile(
            f"Expected one image with at most one channel of transparency, received "
            f"{page.samplesperpixel} samples a pixel. Export it as gray."
        )


def _check_segments(page: "TiffPage", size: int) -> None:
    """Each strip or tile must lie in the file: tifffile fills missing ones with one value."""
    expected = 1 if page.is_contiguous else math.prod(page.chunked)
    ends = [o + n for o, n in zip(page.dataoffsets, page.databytecounts, strict=True)]
    if len(ends) < expected or not all(page.databytecounts) or max(ends) > size:
        raise UnreadableFile(
            f"Expected a whole TIFF of {expected} strips or tiles, received {size} bytes that "
            "don't hold them all. Copy it again."
        )


def _check_codestreams(page: "TiffPage", data: bytes) -> None:
    """Compare each compressed strip's or tile's own size with the page's, before it is decoded.

    Other compressions hold no size, and tifffile inflates them into no more than the page says.
    """
    if page.compression in _WITHOUT_A_SIZE:
        return
    if page.compression not in _CODESTREAMS:
        raise UnsupportedFile(
            "Expected a TIFF without compression, or with Deflate, LZW, PackBits, Zstandard, LZMA, "
            f"CCITT, JPEG or JPEG 2000; received compression {_compression_name(page)}. Save it "
            "with one of these."
        )
    rows, columns = min(page.rowsperstrip, page.imagelength), page.imagewidth
    if page.is_tiled:
        rows, columns = page.tilelength, page.tilewidth
    tables = page.jpegtables or b""
    for offset, size in zip(page.dataoffsets, page.databytecounts, strict=True):
        segment = data[offset : offset + size]
        found = claim(segment) or claim(tables[:-2] + segment[2:])
        if found is None:
            raise UnreadableFile(
                "Expected compressed strips or tiles that begin with their header, received "
                "others. Export the file again."
            )
        if found.rows > rows + _BLOCK or found.columns > columns + _BLOCK:
            raise UnreadableFile(
                f"Expected compressed strips or tiles of at most {columns} x {rows} as the TIFF "
                f"says, received one of {found.columns} x {found.rows}. Export the file again."
            )


def _compression_name(page: "TiffPage") -> str:
    """The compression's name, or its number where it has none."""
    return str(getattr(page.compression, "name", int(page.compression)))


def _oriented(page: "TiffPage") -> Pipeline:
    samples = _samples(page)
    detail = (
        f"TIFF, {page.bitspersample} bits {samples.dtype.name}, compression {page.compression}, "
        f"{page.imagewidth} x {page.imagelength}"
    )
    pipeline = Pipeline.decoded(samples, _bits(page), detail)
    tag = page.tags.get(_ORIENTATION)
    return upright(with_finite_values(pipeline), None if tag is None else tag.value)


def _is_transparent(pipeline: Pipeline) -> bool:
    values = pipeline.values
    return values.shape[-1] == _WITH_ALPHA and bool((values[..., -1] != pipeline.white).any())


def _ink_as_light(pipeline: Pipeline, page: "TiffPage") -> Pipeline:
    """Invert MINISWHITE before transparency is laid over black, which must stay black."""
    if pipeline.values.dtype.kind != "u":
        raise UnsupportedFile(
            "Expected unsigned integers in a TIFF whose lowest value is white and that has "
            "transparency, received others. Export it as gray whose lowest value is black."
        )
    ink, alpha = pipeline.values[..., 0], pipeline.values[..., 1]
    # ink that is already multiplied by alpha is taken from as much white
    is_multiplied = _ASSOCIATED_ALPHA in page.extrasamples
    white = alpha if is_multiplied else ink.dtype.type(2**page.bitspersample - 1)
    light = white - np.minimum(ink, white)
    detail = "MINISWHITE: the file's lowest value is white; before transparency"
    return pipeline.then("Inverted", detail, np.stack([light, alpha], axis=-1))


def _samples(page: "TiffPage") -> AnyArray:
    """(H, W, C); extra samples that aren't transparency are left out."""
    planes = page.asarray(squeeze=False)  # (planes, depth, H, W, samples)
    values = np.moveaxis(planes[:, 0], 0, -2).reshape(*planes.shape[2:4], -1)
    if values.dtype.kind == "b":
        values = values.astype(np.uint8)
    if page.photometric == _PALETTE:
        return np.moveaxis(np.asarray(page.colormap)[:, values[..., 0]], 0, -1)
    has_alpha = {_ASSOCIATED_ALPHA, _UNASSOCIATED_ALPHA} & set(page.extrasamples)
    return values if has_alpha else values[..., : _CHANNELS[int(page.photometric)]]


def _rendering(pipeline: Pipeline, page: "TiffPage") -> Rendering:
    kind = "" if page.dtype is None else page.dtype.kind
    low, high = value_range(pipeline.values)
    if kind in "bu" or (kind == "f" and low >= 0.0 and high <= 1.0):
        return replace(declared(pipeline.white), may_be_dark=kind != "f")
    notice = "The file doesn't say which value is white; the largest one is taken."
    return spanning(low, high, "no white is declared", notice)


READER = Reader("tiff", "TIFF", (".tif", ".tiff"), lambda d: d.startswith(_SIGNATURES), read)
