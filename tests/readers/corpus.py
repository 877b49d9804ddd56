"""Whole and damaged files for the robustness suite, the same at every run.

The whole ones are those that ship inside pydicom's wheel, and images of each other format made
here; the damaged ones are cut short, have bytes changed or zeroed, or lack a DICOM element.
"""

import io
import random
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import imagecodecs
import numpy as np
import pydicom
import tifffile
from PIL import Image

PYDICOM_FILES = Path(pydicom.__file__).parent / "data"
_REMOVED = (
    *("Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
    *("PhotometricInterpretation", "SamplesPerPixel", "PlanarConfiguration", "NumberOfFrames"),
    *("PixelData", "SOPClassUID", "WindowCenter", "WindowWidth", "RescaleSlope"),
    *("RedPaletteColorLookupTableData", "GreenPaletteColorLookupTableDescriptor"),
)


class Case(NamedTuple):
    """One file: where it comes from, what was done to it ("whole" if nothing), and its bytes."""

    source: str
    damage: str
    data: bytes


def whole_files() -> Iterator[Case]:
    """Every file in pydicom's wheel that isn't program text, and every other format."""
    for path in sorted(PYDICOM_FILES.rglob("*")):
        if path.is_file() and path.suffix not in {".py", ".pyc"}:
            yield Case(path.relative_to(PYDICOM_FILES).as_posix(), "whole", path.read_bytes())
    for name, data in _raster_files().items():
        yield Case(name, "whole", data)


def cases() -> Iterator[Case]:
    """All whole files, and the damaged variants of those that hold an image."""
    for case in whole_files():
        yield case
        if _is_worth_damaging(case):
            yield from _damaged(case)


def _is_worth_damaging(case: Case) -> bool:
    if not case.source.endswith((".dcm", *_raster_files())):
        return case.source.endswith("77654033/CR1/6154")
    return len(case.data) < 400_000 and not case.source.startswith("charset_files/")


def _damaged(case: Case) -> Iterator[Case]:
    rng = random.Random(zlib.crc32(case.source.encode()))
    data, size = case.data, len(case.data)
    for i in range(12):
        cut = rng.randrange(1, size) if i % 2 else size * (i + 1) // 13
        yield Case(case.source, f"cut at {cut}", data[:cut])
    for last in (1, 2, 8):
        yield Case(case.source, f"last {last} bytes missing", data[:-last])
    for i in range(22):
        changed = bytearray(data)
        # half of the changes hit the header, where they do most harm
        end = min(size, 1_500) if i % 2 else size
        places = [rng.randrange(end) for _ in range(rng.choice((1, 1, 2, 8)))]
        for place in places:
            changed[place] = rng.randrange(256)
        yield Case(case.source, f"changed at {places}", bytes(changed))
    for _ in range(3):
        start = rng.randrange(size)
        length = rng.randrange(1, 200)
        zeroed = data[:start] + bytes(length) + data[start + length :]
        yield Case(case.source, f"zero at {start}", zeroed[:size])
    if case.source.endswith(".dcm"):
        yield from _without_elements(case)


def _without_elements(case: Case) -> Iterator[Case]:
    for keyword in _REMOVED:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                dataset = pydicom.dcmread(io.BytesIO(case.data), force=True)
                if keyword not in dataset:
                    continue
                delattr(dataset, keyword)
                out = io.BytesIO()
                dataset.save_as(out)
            except Exception:  # noqa: BLE001 - pydicom can't write everything that it can read
                continue
        yield Case(case.source, f"without {keyword}", out.getvalue())


def _scene() -> np.ndarray:
    rows, columns = np.mgrid[0:60, 0:72]
    waves = 0.5 + 0.25 * np.sin(rows / 7) + 0.2 * np.cos(columns / 9)
    noise = np.random.default_rng(1).normal(0, 0.01, rows.shape)
    return np.clip(waves + noise, 0, 1)


_cache: dict[str, bytes] = {}


def _raster_files() -> dict[str, bytes]:
    if _cache:
        return _cache
    gray = np.rint(_scene() * 255).astype(np.uint8)
    deep = np.rint(_scene() * 65535).astype(np.uint16)
    rgb = np.stack([gray, gray[::-1], gray[:, ::-1]], -1)
    images = {
        "gray.png": (gray, "PNG", {}),
        "rgb.png": (rgb, "PNG", {}),
        "palette.png": (Image.fromarray(rgb).quantize(64), "PNG", {}),
        "gray.jpeg": (gray, "JPEG", {"quality": 90}),
        "rgb.jpeg": (rgb, "JPEG", {"quality": 90}),
        "progressive.jpeg": (rgb, "JPEG", {"progressive": True}),
        "cmyk.jpeg": (Image.fromarray(rgb).convert("CMYK"), "JPEG", {}),
        "gray.bmp": (gray, "BMP", {}),
        "rgb.bmp": (rgb, "BMP", {}),
        "lossy.webp": (rgb, "WEBP", {}),
        "lossless.webp": (rgb, "WEBP", {"lossless": True}),
        "gray.gif": (gray, "GIF", {}),
    }
    for name, (array, kind, options) in images.items():
        out = io.BytesIO()
        image = array if isinstance(array, Image.Image) else Image.fromarray(array)
        image.save(out, kind, **options)
        _cache[name] = out.getvalue()
    _cache["deep.png"] = imagecodecs.png_encode(deep)
    _cache["lossless16.jpeg"] = imagecodecs.jpeg8_encode(deep, lossless=True)
    _cache["twelve.jpeg"] = imagecodecs.jpeg8_encode(deep >> 4, bitspersample=12)
    tiffs = {
        **{f"{c}.tif": (deep, {"compression": c}) for c in ("lzw", "zlib", "packbits", "zstd")},
        "plain.tif": (deep, {}),
        "rgb.tif": (rgb, {"photometric": "rgb", "compression": "jpeg"}),
        "float.tif": (_scene().astype(np.float32), {"compression": "zlib", "predictor": 3}),
        "tiled.tif": (deep, {"compression": "lzw", "tile": (32, 32), "predictor": True}),
        "pages.tif": (np.stack([gray, gray[::-1]]), {"photometric": "minisblack"}),
    }
    for name, (array, options) in tiffs.items():
        out = io.BytesIO()
        tifffile.imwrite(out, array, rowsperstrip=None if "tile" in options else 16, **options)
        _cache[name] = out.getvalue()
    return _cache
