"""The ways of libraries to lay an image and to bring it into an input, which a search tries."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from xray_app.core import AnyArray
from xray_app.core.images import Placement, centre_crop, crop, pad, resize_crop, stretch


@dataclass(frozen=True, slots=True)
class Orientation:
    """One of the eight ways to lay an image; ``exif`` is the tag value that asks for it."""

    text: str
    exif: int
    apply: Callable[[AnyArray], AnyArray]
    code: str  # of an array x of (H, W) or (H, W, C)


UPRIGHT = "as stored"
ORIENTATIONS: dict[str, Orientation] = {
    UPRIGHT: Orientation("as stored", 1, lambda x: x, "x"),
    "mirrored": Orientation("mirrored left to right", 2, lambda x: x[:, ::-1], "x[:, ::-1]"),
    "upside down": Orientation("mirrored top to bottom", 4, lambda x: x[::-1], "x[::-1]"),
    "turned 180": Orientation("turned by 180 degrees", 3, lambda x: x[::-1, ::-1], "x[::-1, ::-1]"),
    "turned clockwise": Orientation(
        "turned by 90 degrees clockwise", 6, lambda x: np.rot90(x, -1), "np.rot90(x, -1)"
    ),
    "turned counterclockwise": Orientation(
        "turned by 90 degrees counterclockwise", 8, np.rot90, "np.rot90(x)"
    ),
    "transposed": Orientation(
        "rows and columns exchanged", 5, lambda x: np.swapaxes(x, 0, 1), "x.swapaxes(0, 1)"
    ),
    "transversed": Orientation(
        "rows and columns exchanged and turned by 180 degrees", 7,
        lambda x: np.swapaxes(x, 0, 1)[::-1, ::-1], "x.swapaxes(0, 1)[::-1, ::-1]",
    ),
}  # fmt: skip


MayPlace = Callable[[int, int, int, int, float], Placement | None]


@dataclass(frozen=True, slots=True)
class Fit:
    """One way to bring an image (H, W) into an input.

    ``text`` takes the number, the input's size and the size before a crop.

    ``numbers`` are those that pipelines commonly use, given the input's longer side.
    """

    text: str
    libraries: str
    place: MayPlace
    numbers: Callable[[int], tuple[float, ...]] = lambda _: (0.0,)


def _contained(h: int, w: int, height: int, width: int) -> tuple[int, int]:
    """Size of ``PIL.ImageOps.contain``."""
    if w * height > h * width:
        return round(h / w * width), width
    return height, round(w / h * height) if w * height < h * width else width


def _pad_pillow(h: int, w: int, height: int, width: int, _: float) -> Placement:
    tall, wide = _contained(h, w, height, width)
    start = -round((height - tall) * 0.5), -round((width - wide) * 0.5)
    return Placement("pad-pillow", (0, 0, h, w), (tall, wide), start, (height, width))


def _pad_half(h: int, w: int, height: int, width: int, _: float) -> Placement:
    """``LongestMaxSize`` and ``PadIfNeeded`` of albumentations: of an odd rest the end has more."""
    tall, wide = _contained(h, w, height, width)
    start = -((height - tall) // 2), -((width - wide) // 2)
    return Placement("pad-half", (0, 0, h, w), (tall, wide), start, (height, width))


def _pad_end(h: int, w: int, height: int, width: int, _: float) -> Placement:
    return Placement(
        "pad-end", (0, 0, h, w), _contained(h, w, height, width), (0, 0), (height, width)
    )


def _square_first(h: int, w: int, height: int, width: int, _: float) -> Placement:
    side = max(h, w)
    part = (-((side - h) // 2), -((side - w) // 2), side, side)
    return Placement("square-first", part, (height, width), (0, 0), (height, width))


def _resize_crop(h: int, w: int, height: int, width: int, number: float) -> Placement | None:
    return _unpadded(resize_crop(h, w, height, width, number))


def _square_crop(h: int, w: int, height: int, width: int, number: float) -> Placement | None:
    size = (int(number), int(number))
    return _unpadded(centre_crop("stretch-crop", (h, w), size, (height, width), number))


def _unpadded(placement: Placement) -> Placement | None:
    return None if placement.is_padded else placement


def _central(h: int, w: int, height: int, width: int, number: float) -> Placement | None:
    """As ``tf.image.central_crop``, then stretched."""
    top, left = int((h - h * number) / 2), int((w - w * number) / 2)
    part = (top, left, h - 2 * top, w - 2 * left)
    return Placement("central-crop", part, (height, width), (0, 0), (height, width), number)


def _window(h: int, w: int, height: int, width: int, _: float) -> Placement | None:
    """The middle, pixel by pixel."""
    return _unpadded(centre_crop("middle", (h, w), (h, w), (height, width), 0.0))


def _centred(h: int, w: int, height: int, width: int, _: float) -> Placement | None:
    """As MONAI's ``ResizeWithPadOrCrop``, where the input is no smaller than the image."""
    if h > height or w > width or (h, w) == (height, width):
        return None
    start = -((height - h) // 2), -((width - w) // 2)
    return Placement("centred", (0, 0, h, w), (h, w), start, (height, width))


def _common(longest: int) -> tuple[float, ...]:
    """The shorter sides that torchvision's and timm's presets resize to before they crop."""
    known = {256 / 224, 232 / 224, 1 / 0.875, 1 / 0.9, 1 / 0.95, 342 / 299, 1.0, 8 / 7, 1.25}
    sizes = {round(longest * zoom) for zoom in known} | {longest + 32, longest + 20}
    return tuple(float(size) for size in sorted(sizes))


# The usual first: of two that show the same pixels, the first is said.
FITS: dict[str, Fit] = {
    "stretch": Fit("stretched to {1}", "keras Resizing, tf.image.resize", stretch),
    "pad": Fit("kept in shape and padded to {1}", "tf.image.resize_with_pad", pad),
    "crop": Fit(
        "cropped to the input's aspect and resized to {1}",
        "keras Resizing(crop_to_aspect_ratio=True)", crop,
    ),
    "resize-crop": Fit(
        "shorter side to {0}, then centre crop to {1}",
        "torchvision Resize and CenterCrop", _resize_crop, _common,
    ),
    "stretch-crop": Fit(
        "stretched to {2}, then centre crop to {1}",
        "torchvision Resize((n, n)) and CenterCrop", _square_crop, _common,
    ),
    "pad-pillow": Fit(
        "kept in shape and padded to {1}, sizes rounded as Pillow does", "PIL.ImageOps.pad",
        _pad_pillow,
    ),
    "pad-half": Fit(
        "kept in shape and padded to {1}, sizes rounded, the odd pixel at the end",
        "albumentations LongestMaxSize and PadIfNeeded", _pad_half,
    ),
    "pad-end": Fit(
        "kept in shape and padded to {1} at the bottom or right", "letterbox", _pad_end
    ),
    "square-first": Fit(
        "padded to a square, then stretched to {1}", "monai Pad, by hand", _square_first
    ),
    "central-crop": Fit(
        "the central fraction {0}, stretched to {1}", "tf.image.central_crop", _central,
        lambda _: (0.875, 0.9, 0.8, 0.95),
    ),
    "middle": Fit("the middle {1} pixels, not resized", "CenterCrop", _window),
    "centred": Fit(
        "set in the middle of {1}, not resized", "MONAI ResizeWithPadOrCrop", _centred
    ),
}  # fmt: skip


def placement_text(placement: Placement) -> str:
    """The fit in words."""
    size, before = ("{} × {}".format(*sides) for sides in (placement.input, placement.size))
    if not placement.is_resized and placement.fit == "stretch":
        return f"the image's own size, {size}"
    return FITS[placement.fit].text.format(f"{placement.number:g}", size, before)


def placements(shape: tuple[int, ...], wanted: tuple[int, ...]) -> Iterator[Placement]:
    """Every common placement of an image (H, W) in an input, each set of pixels once."""
    seen = set()
    for placement in every_placement(shape, wanted):
        if placement.pixels not in seen:
            seen.add(placement.pixels)
            yield placement


def place(
    fit: Fit, shape: tuple[int, ...], wanted: tuple[int, ...], number: float
) -> Placement | None:
    """Bring an image (H, W) into an input; None where the number does not allow it."""
    return fit.place(shape[0], shape[1], wanted[0], wanted[1], number)


def every_placement(shape: tuple[int, ...], wanted: tuple[int, ...]) -> Iterator[Placement]:
    """As ``placements``, but with those that show the same pixels under another name."""
    for fit in FITS.values():
        for number in fit.numbers(max(wanted)):
            placement = place(fit, shape, wanted, number)
            if placement is not None:
                yield placement
