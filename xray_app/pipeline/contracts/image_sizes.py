"""``size``, ``crop_size`` and ``crop_pct`` of a Hugging Face file: how an image becomes the input.

Source: transformers 5.24, ``image_processing_backends.py`` (``resize`` asks for shortest_edge
before height and width) and ``ConvNextImageProcessor.resize`` (from 384 pixels on stretched, below
resized to size / crop_pct and cropped).
"""

from dataclasses import dataclass

from xray_app.core import InputError
from xray_app.pipeline.contracts.fields import Fields, as_pixels
from xray_app.pipeline.contracts.processors import Processor, square

_WARPED_FROM = 384
Sides = tuple[int, int]


class OpenGeometry(Exception):
    """What a file says gives no input of one size, or none that is reproduced here; and why."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fit of ``CONTRACT_FITS``, the input's sides, and the pixels before a crop; 0 without."""

    fit: str
    sides: Sides
    before: int = 0


def fitted_by(fields: Fields, known: Processor | None, kind: str) -> Fitted:
    """How a processor makes its input of an image.

    Raises:
        OpenGeometry: the input's size depends on the image's, or a step is not reproduced here.
        InputError: a field is wrong.
    """
    crop = _crop(fields, known)
    if not fields.flag("do_resize", True):
        raise OpenGeometry("do_resize is false: images go in at their own size.")
    size = _size(fields, known)
    if kind == "ConvNext" and "shortest_edge" in size:
        return _convnext(fields, size["shortest_edge"])
    if "longest_edge" in size or "max_height" in size:
        raise OpenGeometry("The input's size depends on the image's: the longer side is bounded.")
    if "shortest_edge" in size:
        return _by_shorter_side(size["shortest_edge"], crop)
    return _stretched((size["height"], size["width"]), crop)


def _convnext(fields: Fields, side: int) -> Fitted:
    fraction = fields.number("crop_pct", 224 / 256, 0.05, 1.0)
    if side >= _WARPED_FROM:
        return Fitted("stretch", (side, side))
    return Fitted("resize-crop-floor", (side, side), int(side / fraction))


def _by_shorter_side(side: int, crop: Sides | None) -> Fitted:
    if crop is None:
        raise OpenGeometry(
            f"The shorter side becomes {side} pixels and nothing is cropped: the input's size "
            "depends on the image's."
        )
    return _cropped("resize-crop-floor", crop, side)


def _stretched(size: Sides, crop: Sides | None) -> Fitted:
    if crop in (None, size):
        return Fitted("stretch", size)
    if size[0] != size[1]:
        raise OpenGeometry("A stretch to a rectangle, then a crop, is not reproduced here.")
    return _cropped("stretch-crop-floor", crop or size, size[0])


def _cropped(fit: str, crop: Sides, before: int) -> Fitted:
    if before < max(crop):
        raise OpenGeometry(
            f"The crop of {crop[0]} × {crop[1]} is larger than the {before} pixels before it: "
            "black is put around, which is not reproduced here."
        )
    return Fitted(fit, crop, before)


def _size(fields: Fields, known: Processor | None) -> dict[str, int]:
    """The size as a dictionary, whichever way a file writes it."""
    value = fields.content.get("size")
    if value is None:
        if known is None:
            raise OpenGeometry("size is not stated.")
        return known.size
    side = as_pixels(value)
    if side is not None:
        is_square = known.is_square if known else True
        return square(side) if is_square else {"shortest_edge": side}
    if isinstance(value, list):
        sides = [as_pixels(each) for each in value]
        if len(sides) == 2 and sides[0] is not None and sides[1] is not None:
            return {"height": sides[0], "width": sides[1]}
    if not isinstance(value, dict):
        raise fields.wrong("size", "pixels, or an object with shortest_edge or height and width")
    inner = fields.within("size")
    for names in (
        ("shortest_edge", "longest_edge"), ("shortest_edge",), ("max_height", "max_width"),
        ("longest_edge",), ("height", "width"),
    ):  # fmt: skip
        if all(name in inner for name in names):
            return {name: inner.pixels(name) for name in names}
    raise fields.wrong("size", "an object with shortest_edge or height and width")


def _crop(fields: Fields, known: Processor | None) -> tuple[int, int] | None:
    """Height and width of the centre crop; None where none is made."""
    if not fields.flag("do_center_crop", bool(known and known.crop)):
        return None
    value = fields.content.get("crop_size")
    if value is None and known and known.crop:
        return known.crop, known.crop
    side = as_pixels(value)
    if side is not None:
        return side, side
    if not isinstance(value, dict):
        raise fields.wrong("crop_size", "pixels, or an object with height and width")
    inner = fields.within("crop_size")
    if "shortest_edge" in inner and "height" not in inner:
        raise InputError(f"{fields.name}: a crop needs height and width, not shortest_edge.")
    return inner.pixels("height"), inner.pixels("width")
