"""Code that places an image of any size in the input: what ``CONTRACT_FITS`` does, as text."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from xray_app.pipeline.contracts.contract import InputContract


@dataclass(frozen=True, slots=True)
class PlacingCode:
    """Lines around the one that resizes an array ``x``, (H, W) or (H, W, C).

    Attributes:
        before: lines that cut the part to resize, and measure it.
        height, width: expressions of the size after resizing.
        after: lines that cut the input out of the result.
        margins: lines that set ``top`` and ``left`` of a padding; none where nothing is padded.
    """

    before: tuple[str, ...]
    height: str
    width: str
    after: tuple[str, ...] = ()
    margins: tuple[str, ...] = ()


def placing_code(contract: InputContract) -> PlacingCode:
    """The code of a contract's fit; its size and fit are stated."""
    placing = _PLACING[contract.fit](contract)
    if placing.height.isdigit():
        return placing
    size = f"tall, wide = {placing.height}, {placing.width}"
    return replace(placing, before=(*placing.before, size), height="tall", width="wide")


def _stretch(contract: InputContract) -> PlacingCode:
    return PlacingCode((), str(contract.height), str(contract.width))


def _crop(contract: InputContract) -> PlacingCode:
    height, width = contract.height, contract.width
    before = (
        "h, w = x.shape[:2]",
        f"tall, wide = min(h, w * {height} // {width}), min(w, h * {width} // {height})",
        "top, left = (h - tall) // 2, (w - wide) // 2",
        "x = x[top : top + tall, left : left + wide]",
    )
    return PlacingCode(before, str(height), str(width))


def _resize_crop(contract: InputContract) -> PlacingCode:
    to = int(contract.number)
    return PlacingCode(
        ("h, w = x.shape[:2]",), f"{to} * h // min(h, w)", f"{to} * w // min(h, w)",
        tuple(_middle(contract)),
    )  # fmt: skip


def _stretch_crop(contract: InputContract) -> PlacingCode:
    height, width = contract.before_crop
    return PlacingCode((), str(height), str(width), tuple(_middle(contract)))


def _cover(contract: InputContract) -> PlacingCode:
    height, width = contract.before_crop
    before = ("h, w = x.shape[:2]", f"ratio = min(h / {height}, w / {width})")
    return PlacingCode(before, "round(h / ratio)", "round(w / ratio)", tuple(_middle(contract)))


def _pad(contract: InputContract) -> PlacingCode:
    height, width = contract.height, contract.width
    before = ("h, w = x.shape[:2]", f"ratio = max(h / {height}, w / {width})")
    tall, wide = (f"max(1, int({side} / ratio + 1e-9))" for side in ("h", "w"))
    margins = (
        f"top = int(({height} - h / ratio + 1e-9) / 2)",
        f"left = int(({width} - w / ratio + 1e-9) / 2)",
    )
    return PlacingCode(before, tall, wide, (), margins)


def _border(contract: InputContract) -> PlacingCode:
    height, width = contract.height, contract.width
    tall, wide = contract.before_crop
    before = ("h, w = x.shape[:2]", f"ratio = max(h / {tall}, w / {wide})")
    after = (
        f"top = max(0, round((x.shape[0] - {height}) / 2))",
        f"left = max(0, round((x.shape[1] - {width}) / 2))",
        f"x = x[top : top + {height}, left : left + {width}]",
    )
    margins = (
        f"top, left = ({height} - x.shape[0]) // 2, ({width} - x.shape[1]) // 2",
    )  # fmt: skip
    return PlacingCode(before, "round(h / ratio)", "round(w / ratio)", after, margins)


def _middle(contract: InputContract) -> Iterator[str]:
    height, width = contract.height, contract.width
    if contract.fit.endswith("-floor"):
        yield f"top, left = (x.shape[0] - {height}) // 2, (x.shape[1] - {width}) // 2"
    else:
        yield f"top = round((x.shape[0] - {height}) / 2)"
        yield f"left = round((x.shape[1] - {width}) / 2)"
    yield f"x = x[top : top + {height}, left : left + {width}]"


_PLACING = {
    "stretch": _stretch,
    "crop": _crop,
    "pad": _pad,
    "pad-border": _border,
    "resize-crop": _resize_crop,
    "resize-crop-floor": _resize_crop,
    "stretch-crop": _stretch_crop,
    "stretch-crop-floor": _stretch_crop,
    "cover-crop": _cover,
}
