"""Reading a radiograph, and putting it under a scheme."""

import hashlib
from dataclasses import fields
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xray_app.core import AnyArray, FloatArray, ProvenanceStep, read_bytes, read_only
from xray_app.core import Radiograph as PlainRadiograph
from xray_app.core.images import radiograph_for_display
from xray_app.core.normalization import DatasetStatistics, parse_scheme
from xray_app.core.normalization import normalize as normalized
from xray_app.diagnosis import stage_of
from xray_app.documents.html import Markup
from xray_app.library.result import NEUTRAL, Result, box, embedded_image, headline, paragraph, rows
from xray_app.pipeline import as_source
from xray_app.presentation import stage_histogram
from xray_app.readers import ReadOptions, read_isolated, read_radiograph
from xray_app.samples import read_sample

if TYPE_CHECKING:
    import plotly.graph_objects as go

_SAMPLE = "sample:"


class Radiograph(Result, PlainRadiograph):
    """One grayscale image as it was read, with what was done to it.

    Attributes:
        pixels: (H, W) in [0, ``white``], bright is dense; numpy array.
        display: the same as (H, W) float32 in [0, 1], where every scheme starts.
        white, bits, file_format, notices, technical, steps, digest: as the file says.
    """

    __slots__ = ()

    @property
    def text(self) -> str:
        """Size, depth, range and notices."""
        height, width = self.pixels.shape
        low, high = float(self.pixels.min()), float(self.pixels.max())
        said = (
            f"Radiograph, {width} × {height} pixels, {self.file_format}, {self.bits} bit, "
            f"{low:g} to {high:g} of {self.white:g}"
        )
        return "\n".join([said, *self.notices])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> AnyArray:
        """The pixels, so that numpy and scikit-image take a radiograph as an array."""
        return np.array(self.pixels, dtype=dtype) if copy else np.asarray(self.pixels, dtype)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON: size, depth, notices and every step since the file."""
        return {
            "file_format": self.file_format,
            "height": int(self.pixels.shape[0]),
            "width": int(self.pixels.shape[1]),
            "bits": self.bits,
            "white": self.white,
            "digest": self.digest,
            "notices": list(self.notices),
            "technical": dict(self.technical),
            "provenance": [step.to_dict() for step in self.steps],
        }

    def figure(self) -> "go.Figure":
        """Return the histogram of the pixels, as a Plotly figure."""
        return stage_histogram(stage_of("File", np.asarray(self.pixels)[..., np.newaxis]))

    def _html(self) -> Markup:
        steps = [
            (step.name, step.detail, f"{step.after[0]:.4g} to {step.after[1]:.4g}")
            for step in self.steps
        ]
        gray = np.rint(255.0 * radiograph_for_display(self)).astype(np.uint8)
        first, *notices = self.text.splitlines()
        return box(
            NEUTRAL,
            headline(first),
            *(paragraph(notice) for notice in notices),
            embedded_image(gray, "The radiograph"),
            rows(("Step", "What was done", "Then"), steps),
        )


def read(
    file: "str | PathLike[str] | bytes | AnyArray | PlainRadiograph",
    *,
    frame: int = 1,
    window: str | None = None,
) -> Radiograph:
    """Read a radiograph: PNG, JPEG, TIFF, BMP, WebP, GIF or DICOM, at its full depth.

    A file is decoded in another process under limits, by its content and not by its name.

    Args:
        file: a path, the bytes of a file, ``"sample:NAME"`` of a drawn sample, or an array (H, W)
            or (H, W, 3) in RGB: integers from 0 to the most that their type holds, or floats from
            0 black to 1 white (to 255, or 65,535, where they pass 1).
        frame: frame of a DICOM file or page of a TIFF, from 1.
        window: a window of the file by its name, or ``"LOW,HIGH"``; by default the file's first.

    Raises:
        InputError: the file or the array can't be read; one sentence says why.

    >>> import xray_app as xa
    >>> xa.read("sample:normal_1")
    Radiograph, 224 × 224 pixels, PNG, 8 bit, 0 to 255 of 255
    """
    if isinstance(file, Radiograph):
        return file
    if isinstance(file, PlainRadiograph):
        return _shown(file)
    if isinstance(file, np.ndarray):
        return _shown(_of_array(file))
    options = ReadOptions.parse(frame, window)
    if isinstance(file, bytes):
        return _shown(read_isolated(file, "", options))
    name = str(file)
    if name.startswith(_SAMPLE):
        sample = name.removeprefix(_SAMPLE)
        return _shown(read_radiograph(read_sample(sample), sample, options))
    path = Path(file)
    return _shown(read_isolated(read_bytes(path), path.name, options))


def _shown(radiograph: PlainRadiograph) -> Radiograph:
    return Radiograph(**{f.name: getattr(radiograph, f.name) for f in fields(radiograph)})


def _of_array(array: AnyArray) -> PlainRadiograph:
    source = as_source(array)
    pixels, white = source.plane("luma")
    is_integer = array.dtype.kind in "iu"
    if is_integer:  # a pipeline's description guesses white of signed ones
        white = float(np.iinfo(array.dtype).max)
    low, high = float(pixels.min()), float(pixels.max())
    detail = f"an array, {array.dtype.name}, shape {array.shape}"
    step = ProvenanceStep("Array", detail, (0.0, white), (low, high))
    notices = (_faint(array, high, white),) if is_integer and high < white / 256.0 else ()
    bits = 8 * min(array.dtype.itemsize, 2) if is_integer else 32
    frozen = read_only(np.ascontiguousarray(pixels))
    return PlainRadiograph(
        frozen, white, frozen, "array", bits, (step,), _digest(array, white), notices=notices
    )


def _faint(array: AnyArray, high: float, white: float) -> str:
    return (
        f"The brightest pixel is {high:g}, and white is {white:g}, the most that "
        f"{array.dtype.name} holds: nearly black. Give the array in the type of its file, such as "
        "uint8."
    )


def _digest(array: AnyArray, white: float) -> str:
    """Of all that makes the image: the same bytes are another one in another type or shape."""
    whole = hashlib.sha256(f"{array.dtype.str} {array.shape} {white!r}\n".encode())
    whole.update(np.ascontiguousarray(array).tobytes())
    return whole.hexdigest()


def normalize(
    image: "PlainRadiograph | AnyArray | str | PathLike[str]",
    scheme: str,
    *,
    statistics: tuple[float, float] | None = None,
) -> FloatArray:
    """Put an image under a scheme: a contrast step, then a scale step.

    Args:
        image: as for ``read``; it keeps its size.
        scheme: a preset such as ``"imagenet"``, or ``"contrast+scale"`` such as ``"clahe+byte"``.
        statistics: the training images' mean and standard deviation in [0, 1], for ``"dataset"``.

    Returns:
        (H, W, 3) float32, the array that a model receives; read-only.

    Raises:
        UnknownChoice: there is no such scheme.
        InputError: the image can't be read, or ``"dataset"`` has no statistics.

    >>> import numpy as np
    >>> import xray_app as xa
    >>> xa.normalize(np.array([[0, 255]], np.uint8), "signed")[..., 0]
    array([[-1.,  1.]], dtype=float32)
    """
    found = None if statistics is None else DatasetStatistics(*statistics)
    return normalized(read(image).display, parse_scheme(scheme), found).array
