"""Decoding many files in processes apart, each under the limits of ``readers.limits``.

A request holds several files (``readers.together``); if one of them crashes the decoder or takes
too long, only its own row is an error. What comes back is already at the model's size, since a
full-size radiograph would cost more to send than to shrink.

Run as ``python -m xray_app.batch.decoding``, this module is the process.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xray_app.batch.item import Item
from xray_app.batch.storage import open_archive
from xray_app.core import FloatArray, InputError, Radiograph, UnreadableFile
from xray_app.core.images import Geometry, display_within, fitted
from xray_app.readers import ReadOptions, read_radiograph
from xray_app.readers.sandbox import Pool, answer_each, groups

_MODULE = "xray_app.batch.decoding"


@dataclass(frozen=True, slots=True)
class Size:
    """What to make of an image: the model's input, and a preview for people (0: none)."""

    geometry: Geometry
    preview_pixels: int = 0


_ANY = Size(Geometry(1, 1))  # for a decoder that only lists what a DICOMDIR names


@dataclass(frozen=True, slots=True)
class Wanted:
    """One frame of one file.

    Attributes:
        follow: whether the frames after it are wanted as well.
        frames: how many the file holds, where that is known already.
    """

    item: Item
    frame: int = 1
    follow: bool = True
    frames: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """One frame at the model's size, or the sentence that says why there is none.

    Attributes:
        digest: SHA-256 of the file, hexadecimal; None if it couldn't be read.
        error: one sentence; "" if the image is there.
        display: (H, W) float32 in [0, 1] at the model's size.
        preview: (h, w) uint8 with the file's aspect ratio, where one was asked for.
        frames: how many the file holds.
        facts: file format, size, depth, number of notices, allow-listed technical facts, and the
            age, which is weighed and goes into no row.
    """

    wanted: Wanted
    digest: str | None
    error: str = ""
    display: FloatArray | None = None
    preview: NDArray[np.uint8] | None = None
    frames: int = 1
    facts: dict[str, Any] | None = None


class Decoder:
    """Processes that decode; ``decode`` may be called from as many threads as there are.

    The last archives that it read from stay open for the next file until it is closed.
    """

    def __init__(self, workers: int, size: Size = _ANY, module: str = _MODULE) -> None:
        self._pool = Pool(size=workers, module=module)
        self._size = size
        self._opened = lru_cache(maxsize=4)(open_archive)

    def decode(self, wanted: Sequence[Wanted]) -> list[Decoded]:
        """Decode some frames; what is wrong with one is in its result.

        Raises:
            XrayAppError: no process could be started.
        """
        found: list[Decoded] = []
        for group in groups(wanted, lambda one: one.item.read(self._opened)):
            files = [(d, w.frame) for w, d in group if isinstance(d, bytes)]
            answers = iter(self._pool.ask_each("decode", files, self._size))
            found += [
                _result(w, d, next(answers)) if isinstance(d, bytes) else _failed(w, None, str(d))
                for w, d in group
            ]
        return found

    def directory(self, data: bytes) -> list[str]:
        """Relative paths of the images that a DICOMDIR names.

        Raises:
            InputError: it is none, or takes too much to read.
        """
        references: list[str] = self._pool.ask("directory", data)
        return references

    def close(self) -> None:
        """End the processes and close the archives."""
        self._pool.close()
        self._opened.cache_clear()


def _failed(wanted: Wanted, digest: str | None, sentence: str) -> Decoded:
    return Decoded(wanted, digest, error=sentence, frames=wanted.frames or 1)


def _result(wanted: Wanted, data: bytes, answer: Any) -> Decoded:
    digest = hashlib.sha256(data).hexdigest()
    if isinstance(answer, InputError):
        return _failed(wanted, digest, str(answer))
    display, preview, frames, facts = answer
    return Decoded(wanted, digest, "", display, preview, frames, facts)


def _decode(files: list[tuple[bytes, int]], size: Size) -> list[tuple[Any, ...]]:
    return answer_each(_decode_one, files, size)


def _decode_one(file: tuple[bytes, int], size: Size) -> tuple[Any, ...]:
    data, frame = file
    radiograph = read_radiograph(data, "", ReadOptions(frame))
    rows, columns = radiograph.stored.shape[:2]
    facts = {
        "file_format": radiograph.file_format,
        "rows": rows,
        "columns": columns,
        "bits": radiograph.bits,
        "notices": len(radiograph.notices),
        "technical": dict(radiograph.technical),
        "age_years": radiograph.age_years,
    }
    frames = radiograph.controls.frames if radiograph.controls is not None else 1
    display = fitted(radiograph, size.geometry)
    return display, _preview(radiograph, size.preview_pixels), frames, facts


def _preview(radiograph: Radiograph, pixels: int) -> NDArray[np.uint8] | None:
    if not pixels:
        return None
    small = display_within(radiograph, pixels)
    preview: NDArray[np.uint8] = np.rint(255.0 * small).astype(np.uint8)
    return preview


def _directory(data: bytes) -> list[str]:
    """Paths in a DICOMDIR: PS3.3 F.3.2.2, Referenced File ID."""
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    from xray_app.readers.dicom import check_deflated

    check_deflated(data)
    try:
        records = dcmread(BytesIO(data)).DirectoryRecordSequence
    except (InvalidDicomError, AttributeError) as error:
        raise UnreadableFile(
            "Expected a DICOMDIR, received another file. Copy it again."
        ) from error
    images = [r for r in records if r.get("DirectoryRecordType") == "IMAGE"]
    paths = []
    for record in images:
        parts = record.get("ReferencedFileID") or []
        paths.append("/".join([parts] if isinstance(parts, str) else map(str, parts)))
    return [path for path in paths if path]


if __name__ == "__main__":
    from xray_app.readers.sandbox import serve

    serve({"decode": _decode, "directory": _directory})
