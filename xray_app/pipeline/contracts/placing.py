"""Where an image lands in a model's input, to the pixel, as each library places it.

Sources, as installed: torchvision 0.28 ``transforms.functional.center_crop``, timm 1.0.31
``data/transforms.py`` (``ResizeKeepRatio``, ``center_crop_or_pad``), transformers 5.24
``image_transforms.py`` (``center_crop``, ``get_resize_output_image_size``).
"""

from dataclasses import dataclass, replace

from xray_app.core.images import Placement
from xray_app.pipeline.steps.placement import FITS, MayPlace


@dataclass(frozen=True, slots=True)
class ContractFit:
    """One way to bring an image into an input.

    Attributes:
        key: the fit of ``steps.placement`` that it is, but for a pixel.
        text: in words, for str.format with the number.
        place: from height and width of image and input, and the number.
        geometry: the fit of ``core.images.Geometry`` that it is, but for a pixel; None without.
    """

    key: str
    text: str
    place: MayPlace
    geometry: str | None


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


def _scaled(number: float, height: int, width: int) -> tuple[int, int]:
    """The size before the crop for an input that may be no square; ``number`` is the height's."""
    return int(number), int(number * width // height)


def _cover(h: int, w: int, height: int, width: int, number: float) -> Placement | None:
    """timm, crop_mode 'center', of an input that is no square."""
    tall, wide = _scaled(number, height, width)
    ratio = min(h / tall, w / wide)
    size = round(h / ratio), round(w / ratio)
    if size[0] < height or size[1] < width:
        return None
    start = round((size[0] - height) / 2.0), round((size[1] - width) / 2.0)
    return Placement("resize-crop", (0, 0, h, w), size, start, (height, width), number)


def _border(h: int, w: int, height: int, width: int, number: float) -> Placement:
    """timm, crop_mode 'border': the longer side is fitted, then cropped or padded."""
    tall, wide = _scaled(number, height, width)
    ratio = max(h / tall, w / wide)
    size = max(1, round(h / ratio)), max(1, round(w / ratio))
    start = tuple(
        -((wanted - side) // 2) if side < wanted else round((side - wanted) / 2.0)
        for side, wanted in zip(size, (height, width), strict=True)
    )
    return Placement("pad", (0, 0, h, w), size, (start[0], start[1]), (height, width), number)


def _squash(h: int, w: int, height: int, width: int, number: float) -> Placement | None:
    """timm, crop_mode 'squash': stretched to more than the input, then cropped."""
    size = _scaled(number, height, width)
    if size[0] < height or size[1] < width:
        return None
    start = round((size[0] - height) / 2.0), round((size[1] - width) / 2.0)
    return Placement("stretch-crop", (0, 0, h, w), size, start, (height, width), number)


_SHORTER = "shorter side to {0}, then centre crop"
_SQUARE = "stretched to {0} × {0}, then centre crop"
CONTRACT_FITS: dict[str, ContractFit] = {
    "stretch": ContractFit("stretch", "stretched", FITS["stretch"].place, "stretch"),
    "pad": ContractFit("pad", "padded", FITS["pad"].place, "pad"),
    "crop": ContractFit("crop", "centre crop", FITS["crop"].place, "crop"),
    "resize-crop": ContractFit("resize-crop", _SHORTER, FITS["resize-crop"].place, "resize-crop"),
    "resize-crop-floor": ContractFit(
        "resize-crop", _SHORTER, _cut_down("resize-crop"), "resize-crop"
    ),
    "cover-crop": ContractFit("resize-crop", _SHORTER, _cover, None),
    "stretch-crop": ContractFit("stretch-crop", _SQUARE, _squash, None),
    "stretch-crop-floor": ContractFit("stretch-crop", _SQUARE, _cut_down("stretch-crop"), None),
    "pad-border": ContractFit("pad", "kept in shape, padded", _border, None),
}
