"""Which pixels of an image land where in a model's input, to the pixel as the libraries do it.

The arithmetic alone: ``Geometry`` resamples what is placed so, and the search for what a pipeline
did tries these and more.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xray_app.core.records import AnyArray, FloatArray


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the image in its pixels, which may reach beyond its edges."""

    top: float
    left: float
    height: float
    width: float

    def within(self, height: int, width: int) -> "Box":
        """The same in fractions of an image of that size."""
        return Box(self.top / height, self.left / width, self.height / height, self.width / width)


@dataclass(frozen=True, slots=True)
class Placement:
    """A part of the image, resized, and the window of the result that is the input.

    Attributes:
        fit: the name of the fit that placed it.
        part: top, left, height and width of the part in image pixels; beyond the edge is padding.
        size: height and width of the part after resizing.
        start: row and column of the resized part where the input begins; negative means padding.
        input: height and width of the input.
        number: what the fit was asked for: pixels before the crop, or a fraction.
    """

    fit: str
    part: tuple[int, int, int, int]
    size: tuple[int, int]
    start: tuple[int, int]
    input: tuple[int, int]
    number: float = 0.0

    @property
    def is_resized(self) -> bool:
        """Whether any pixel is resampled."""
        return self.part[2:] != self.size

    @property
    def is_padded(self) -> bool:
        """Whether the input shows anything beside the image."""
        return self.inside != (slice(0, self.input[0]), slice(0, self.input[1]))

    @property
    def inside(self) -> tuple[slice, slice]:
        """Rows and columns of the input that show the image."""
        rows, columns = (
            slice(max(0, -start), min(wanted, size - start))
            for start, size, wanted in zip(self.start, self.size, self.input, strict=True)
        )
        return rows, columns

    @property
    def pixels(self) -> tuple[object, ...]:
        """Equal for two that show the same pixels in the same places."""
        return self.part, self.size, self.start, self.input

    @property
    def box(self) -> Box:
        """The rectangle of the image that the input shows."""
        (top, left, *part), size = self.part, self.size
        down, across = (
            (start * pixels / to, wanted * pixels / to)
            for start, wanted, pixels, to in zip(self.start, self.input, part, size, strict=True)
        )
        return Box(top + down[0], left + across[0], down[1], across[1])

    def shown(self, resized: AnyArray, empty: float) -> FloatArray:
        """The input (height, width) float32 from the resized part; ``empty`` beside it.

        It may be a view of ``resized``.
        """
        rows, columns = (
            slice(max(0, start), start + wanted)
            for start, wanted in zip(self.start, self.input, strict=True)
        )
        if not self.is_padded:
            return np.ascontiguousarray(resized[rows, columns], np.float32)
        whole = np.full(self.input, empty, np.float32)
        whole[self.inside] = resized[rows, columns]
        return whole


Place = Callable[[int, int, int, int, float], Placement]


def stretch(h: int, w: int, height: int, width: int, _: float = 0.0) -> Placement:
    """All of an image (h, w) in all of the input (height, width), as Keras' ``Resizing`` does.

    >>> stretch(300, 400, 224, 224).size
    (224, 224)
    """
    size = (height, width)
    return Placement("stretch", (0, 0, h, w), size, (0, 0), size)


def pad(h: int, w: int, height: int, width: int, _: float = 0.0) -> Placement:
    """Kept in shape, in the middle of the input, as ``tf.image.resize_with_pad`` does.

    >>> pad(300, 400, 224, 224).inside
    (slice(28, 196, None), slice(0, 224, None))
    """
    ratio = max(h / height, w / width)
    inside = h / ratio, w / ratio
    tall, wide = (max(1, int(side + 1e-9)) for side in inside)
    top, left = (
        max(0, int((side - taken + 1e-9) / 2))
        for side, taken in zip((height, width), inside, strict=True)
    )
    return Placement("pad", (0, 0, h, w), (tall, wide), (-top, -left), (height, width))


def crop(h: int, w: int, height: int, width: int, _: float = 0.0) -> Placement:
    """The middle, as large as the input's aspect allows: Keras' ``crop_to_aspect_ratio``.

    >>> crop(300, 400, 224, 224).part
    (0, 50, 300, 300)
    """
    tall = max(1, min(h, w * height // width))
    wide = max(1, min(w, h * width // height))
    part = ((h - tall) // 2, (w - wide) // 2, tall, wide)
    return Placement("crop", part, (height, width), (0, 0), (height, width))


def resize_crop(h: int, w: int, height: int, width: int, number: float) -> Placement:
    """The shorter side to ``number`` pixels, then torchvision's ``CenterCrop``.

    >>> placed = resize_crop(300, 400, 224, 224, 256)
    >>> placed.size, placed.start
    ((256, 341), (16, 58))
    """
    shorter, to = min(h, w), int(number)
    tall, wide = (to if side == shorter else to * side // shorter for side in (h, w))
    return centre_crop("resize-crop", (h, w), (tall, wide), (height, width), number)


def centre_crop(
    fit: str, image: tuple[int, int], size: tuple[int, int], wanted: tuple[int, int], number: float
) -> Placement:
    """The middle of an image resized to ``size``, as torchvision's ``CenterCrop``.

    >>> centre_crop("stretch-crop", (300, 400), (256, 256), (224, 224), 256).start
    (16, 16)
    """
    start = round((size[0] - wanted[0]) / 2), round((size[1] - wanted[1]) / 2)
    return Placement(fit, (0, 0, *image), size, start, wanted, number)
