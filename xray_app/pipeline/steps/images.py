"""The image that went in: its pixels as stored, their full white, and one plane at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xray_app.core import AnyArray, InputError, Radiograph

Plane = NDArray[np.float32]

# Of a colour image: which single plane a pipeline can take. The first three are its channels.
_LUMA_601 = (0.299, 0.587, 0.114)
_LUMA_709 = (0.2125, 0.7154, 0.0721)
PLANES: dict[str, tuple[str, tuple[float, float, float]]] = {
    "R": ("the red channel", (1.0, 0.0, 0.0)),
    "G": ("the green channel", (0.0, 1.0, 0.0)),
    "B": ("the blue channel", (0.0, 0.0, 1.0)),
    "luma": ("gray by 0.299 R + 0.587 G + 0.114 B (Pillow, OpenCV, TensorFlow)", _LUMA_601),
    "luma-709": ("gray by 0.2125 R + 0.7154 G + 0.0721 B (scikit-image)", _LUMA_709),
    "luma-bytes": ("gray by Pillow's or OpenCV's luma, rounded to bytes", _LUMA_601),
    "mean": ("gray by the mean of the channels", (1 / 3, 1 / 3, 1 / 3)),
}
GRAY = "gray"
_SIGNED_WHITES = (255.0, 65535.0)  # of types whose largest value is no image's white
_LARGE = 1_000_000  # pixels


@dataclass(frozen=True, slots=True)
class Depth:
    """What is done to stored integers before anything else."""

    text: str
    white: float
    apply: Callable[[AnyArray], AnyArray]


# Sixteen bits cut to eight; "" leaves them.
DEPTHS: dict[str, Depth] = {
    "high-byte": Depth(
        "16 bits cut to the high 8 (v // 256)", 255.0, lambda v: (v >> 8).astype(np.uint8)
    ),
    "clipped": Depth(
        "16 bits clipped at 255, as Pillow's convert('L') does", 255.0,
        lambda v: np.minimum(v, 255).astype(np.uint8),
    ),
    "low-byte": Depth(
        "16 bits cut to the low 8 (v % 256), as astype(uint8) does", 255.0,
        lambda v: (v & 255).astype(np.uint8),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """An image as stored.

    Attributes:
        pixels: (H, W) or (H, W, 3), three channels that are not all the same; any real dtype.
        white: the stored value that stands for full white.
    """

    pixels: AnyArray
    white: float

    @property
    def is_colour(self) -> bool:
        """Whether there are three channels that differ."""
        return self.pixels.ndim == 3

    @property
    def is_deep(self) -> bool:
        """Whether there are integers of more than eight bits."""
        return self.pixels.dtype.kind in "iu" and self.pixels.dtype.itemsize > 1

    @property
    def is_large(self) -> bool:
        """Whether a step on the whole image takes a noticeable time."""
        return bool(self.pixels.shape[0] * self.pixels.shape[1] > _LARGE)

    @property
    def is_bytes(self) -> bool:
        """Whether the stored values are bytes."""
        return self.pixels.dtype == np.uint8

    def plane(self, name: str, depth: str = "") -> tuple[AnyArray, float]:
        """One plane (H, W), and the value that stands for full white in it."""
        return plane_of(self.pixels, name, depth), DEPTHS[depth].white if depth else self.white


def plane_of(pixels: AnyArray, name: str, depth: str = "") -> AnyArray:
    """One plane (H, W) of an image or of some of its rows; float32 where it is a mixture.

    Args:
        pixels: (H, W) or (H, W, 3), as stored.
        name: a key of ``PLANES``; of a gray image without effect. Floats have no luma in bytes:
            theirs is not rounded.
        depth: a key of ``DEPTHS``, or "".
    """
    if depth:
        pixels = DEPTHS[depth].apply(pixels)
    if pixels.ndim == 2:
        return pixels
    weights = np.asarray(PLANES[name][1])
    if weights.max() == 1.0:
        return np.ascontiguousarray(pixels[..., int(weights.argmax())])
    if name == "luma-bytes" and pixels.dtype.kind in "iu":
        return _pillow_luma(pixels)
    return np.asarray(_mixed(pixels, weights), np.float32)


def _mixed(pixels: AnyArray, weights: Sequence[float] | AnyArray) -> AnyArray:
    """A sum over channels, one by one: as a product of matrices it takes twice as long."""
    red, green, blue = (pixels[..., k] * weights[k] for k in range(3))
    return red + green + blue


def _pillow_luma(pixels: AnyArray) -> AnyArray:
    """``Image.convert("L")``: integer weights of 16 bits."""
    weighted = _mixed(pixels, np.array([19595, 38470, 7471], np.uint32))
    return np.asarray((weighted + np.uint32(0x8000)) >> np.uint32(16), pixels.dtype)


def is_table(plane: AnyArray) -> bool:
    """Whether a curve of a plane is a table of its integer levels."""
    return plane.dtype.kind == "u" and plane.dtype.itemsize <= 2


def as_source(image: object) -> Source:
    """Check one image.

    Args:
        image: a ``Radiograph``, or an array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) of integers
            or floats, not constant; a fourth channel (alpha) is left out. White is the most that an
            unsigned type holds. Signed integers are taken to run from 0 to 255, or to 65,535 where
            they pass it; floats to 1, or to these where they pass 1.

    Raises:
        InputError: it is none of these, is empty, constant or not finite; or its values lie below 0
            or above white, as Hounsfield units do, so that nothing tells which is black or white.
    """
    if isinstance(image, Radiograph):
        return _checked(image.pixels, image.white)
    pixels = as_numbers(image, "image")
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        pixels = pixels[..., :3]
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] != 3):
        raise InputError(
            f"Expected an image of shape (height, width) or (height, width, 3), received "
            f"{pixels.shape}."
        )
    if pixels.ndim == 3 and (pixels == pixels[..., :1]).all():
        pixels = np.ascontiguousarray(pixels[..., 0])
    return _checked(pixels, _white_of(pixels))


def _checked(pixels: AnyArray, white: float) -> Source:
    if pixels.max() == pixels.min():
        raise InputError(
            f"The image is {float(pixels.flat[0]):g} everywhere: a constant image shows nothing of "
            "what a pipeline does. Give a radiograph."
        )
    return Source(pixels, white)


def _white_of(pixels: AnyArray) -> float:
    if pixels.dtype.kind == "u":
        return float(np.iinfo(pixels.dtype).max)
    low, high = float(pixels.min()), float(pixels.max())
    for white in _SIGNED_WHITES if pixels.dtype.kind == "i" else (1.0, *_SIGNED_WHITES):
        if low >= 0.0 and high <= white:
            return white
    raise InputError(
        f"Expected pixel values from 0 black to white, at most {_SIGNED_WHITES[-1]:,.0f}, received "
        f"{low:g} to {high:g}, of which none is known to be black or white. Give the image before "
        "it is normalised, or subtract its smallest value from it."
    )


def as_numbers(value: object, what: str) -> AnyArray:
    """An array of finite real numbers.

    Raises:
        InputError: it is empty, or holds anything else.
    """
    try:
        array: NDArray[Any] = np.asarray(value)
    except ValueError as error:
        raise InputError(f"Expected the {what} as an array, received a ragged list.") from error
    if array.dtype == np.bool_:
        array = array.astype(np.uint8)
    if array.dtype.kind not in "iuf":
        raise InputError(
            f"Expected the {what} as an array of real numbers, received dtype {array.dtype}."
        )
    if array.size == 0:
        raise InputError(f"The {what} is empty: its shape is {array.shape}.")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise InputError(
            f"The {what} holds {int((~np.isfinite(array)).sum())} values that are NaN or infinite; "
            "what made it divides by zero or overflows."
        )
    return array


def as_sources(images: object) -> tuple[Source, ...]:
    """Check one image, or a list or tuple of at least one."""
    if isinstance(images, Sequence) and not isinstance(images, str | bytes):
        if not images:
            raise InputError("Expected at least one image, received an empty list.")
        if not isinstance(images[0], int | float) and np.ndim(images[0]) != 1:
            return _of_one_kind(tuple(as_source(image) for image in images))
    return (as_source(images),)


def _of_one_kind(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    """One description can hold for images of one size and one type only."""
    kinds = {(source.pixels.shape, source.pixels.dtype.name) for source in sources}
    if len(kinds) > 1:
        said = " and ".join(f"{shape} {dtype}" for shape, dtype in sorted(kinds))
        raise InputError(f"Expected images of one shape and one dtype, received {said}.")
    return sources
