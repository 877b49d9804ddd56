"""Where an image lands in a model's input, to the pixel, as each library places it.

Sources, as installed: torchvision 0.28 ``transforms.functional.center_crop``, timm 1.0.31
``data/transforms.py`` (``ResizeKeepRatio``, ``center_crop_or_pad``), transformers 5.24
``image_transforms.py`` (``center_crop``, ``get_resize_output_image_size``).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from xray_app.core.images import Placement
from xray_app.pipeline.steps.placement import FITS, MayPlace

Sides = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ContractFit:
    """One way to bring an image into an input.

    Attributes:
        key: the fit of ``steps.placement`` that it is, but for a pixel.
        text: in words, for str.format with the number and the size before the crop.
        place: from height and width of image and input, and the number.
        geometry: the fit of ``core.images.Geometry`` that it is, but for a pixel; None without.
        before: height and width before the crop, from the number and those of the input.
        is_fraction: whether the number is the input's part of that size, not pixels.
    """

    key: str
    text: str
    place: MayPlace
    geometry: str | None
    before: Callable[[float, int, int], Sides] = lambda number, *_: (int(number), int(number))
    is_fraction: bool = False


def _cut_down(name: str) -> MayPlace:
    """As a fit of ``FITS``, but where the margin is odd the crop begins at the smaller half.

    Hugging Face cuts halves, torchvision rounds them to even.
    """

    def place(h: int, w: int, height: int, width: int, number: float) -> Placement | None:
        placement = FITS[name].place(h, w, height, width, number)
        if placement is None:
            return None
        start = (placement.size[0] - height) // 2, (placement.size[1] - width) // 2
        return replace(placement, start=start)

    return place


def scaled(fraction: float, height: int, width: int) -> Sides:
    """The size before timm's crop, each side from its own; ``fraction`` is crop_pct.

    >>> scaled(0.9, 224, 300)
    (248, 333)
    """
    return math.floor(height / fraction), math.floor(width / fraction)


def _cover(h: int, w: int, height: int, width: int, number: float) -> Placement | None:
    """timm, crop_mode 'center', of an input that is no square."""
    tall, wide = scaled(number, height, width)
    ratio = min(h / tall, w / wide)
    size = round(h / ratio), round(w / ratio)
    if size[0] < height or size[1] < width:
        return None
    start = round((size[0] - height) / 2.0), round((size[1] - width) / 2.0)
    shorter = float(min(size))
    return Placement("resize-crop", (0, 0, h, w), size, start, (height, width), shorter)


def _border(h: int, w: int, height: int, width: int, number: float) -> Placement:
    """timm, crop_mode 'border': the longer side is fitted, then cropped or padded."""
    tall, wide = scaled(number, height, width)
    ratio = max(h / tall, w / wide)
    size = max(1, round(h / ratio)), max(1, round(w / ratio))
    start = tuple(
        -((wanted - side) // 2) if side < wanted else round((side - wanted) / 2.0)
        for side, wanted in zip(size, (height, width), strict=True)
    )
    return Placement("pad", (0, 0, h, w), size, (start[0], start[1]), (height, width))


def _squash(h: int, w: int, height: int, width: int, number: float) -> Placement | None:
    """timm, crop_mode 'squash': stretched to more than the input, then cropped."""
    size = scaled(number, height, width)
    if size[0] < height or size[1] < width:
        return None
    start = round((size[0] - height) / 2.0), round((size[1] - width) / 2.0)
    tall = float(size[0])
    return Placement("stretch-crop", (0, 0, h, w), size, start, (height, width), tall)


_SHORTER = "shorter side to {0}, then centre crop"
_STRETCHED = "stretched to {1}, then centre crop"
_COVERING = "kept in shape to cover {1}, then centre crop"
CONTRACT_FITS: dict[str, ContractFit] = {
    "stretch": ContractFit("stretch", "stretched", FITS["stretch"].place, "stretch"),
    "pad": ContractFit("pad", "padded", FITS["pad"].place, "pad"),
    "crop": ContractFit("crop", "centre crop", FITS["crop"].place, "crop"),
    "resize-crop": ContractFit("resize-crop", _SHORTER, FITS["resize-crop"].place, "resize-crop"),
    "resize-crop-floor": ContractFit(
        "resize-crop", _SHORTER, _cut_down("resize-crop"), "resize-crop"
    ),
    "cover-crop": ContractFit("resize-crop", _COVERING, _cover, None, scaled, True),
    "stretch-crop": ContractFit("stretch-crop", _STRETCHED, _squash, None, scaled, True),
    "stretch-crop-floor": ContractFit("stretch-crop", _STRETCHED, _cut_down("stretch-crop"), None),
    "pad-border": ContractFit("pad", "kept in shape, padded", _border, None, scaled, True),
}
