"""timm's ``create_transform``."""

import math

from xray_app.pipeline.contracts.contract import InputContract
from xray_app.pipeline.snippets.arrays import borrowed
from xray_app.pipeline.snippets.snippet import FILE, Snippet, numbers, snippet
from xray_app.pipeline.snippets.words import AS_BYTES, LATER, WIDENED

_KERNELS = {
    "bilinear-antialiased": "bilinear", "bicubic-antialiased": "bicubic",
    "lanczos-antialiased": "lanczos", "nearest-pillow": "nearest", "nearest": "nearest",
    "bilinear": "bilinear", "bicubic": "bicubic", "lanczos": "lanczos",
}  # fmt: skip
_MODES = {
    "stretch": "squash", "stretch-crop": "squash", "stretch-crop-floor": "squash",
    "resize-crop": "center", "resize-crop-floor": "center", "cover-crop": "center",
    "pad-border": "border",
}  # fmt: skip
_OF_SQUARES = ("resize-crop", "resize-crop-floor", "stretch-crop-floor")  # timm scales both sides


def timm_snippet(contract: InputContract) -> Snippet:
    """A transform of timm, which resizes bytes with Pillow; numpy where it has no such step."""
    lacking = _lacking(contract)
    if lacking:
        last = "tensor = torch.from_numpy(tensor)"
        return borrowed("timm", contract, "import torch", last, lacking)
    kernel = _KERNELS[contract.sampling]
    lines = [
        "from PIL import Image",
        "from timm.data import create_transform",
        "",
        "transform = create_transform(",
        f"    input_size=({contract.channels}, {contract.height}, {contract.width}),",
        f'    interpolation="{kernel}", crop_mode="{_MODES[contract.fit]}",',
        f"    crop_pct={_fraction(contract)!r},",
        f"    mean={numbers(contract.mean)}, std={numbers(contract.std)},",
        ")",
        f'tensor = transform(Image.open("{FILE}").convert("RGB"))[None]',
    ]
    if contract.layout == "NHWC":
        lines.append("tensor = tensor.permute(0, 2, 3, 1)  # channels last, as the model has them")
    return snippet("timm", contract, lines, _departures(contract))


def _lacking(contract: InputContract) -> str:
    """What timm has no step for; "" where it has all."""
    is_other = contract.fit in _OF_SQUARES and contract.height != contract.width
    reasons = {
        f"timm has no contrast step like '{contract.contrast}'": contract.contrast != "none",
        f"timm has no fit like '{contract.fit_text}'": contract.fit not in _MODES or is_other,
        "timm pads with the mean only": contract.fit == "pad-border"
        and not _is_padded_with_the_mean(contract),
        f"timm has no kernel like '{contract.sampling_text}'": contract.sampling not in _KERNELS,
        "timm has no z-score of an image": contract.scale is None or contract.scale.is_per_image,
        "timm feeds RGB": contract.order == "BGR" or contract.channels == 1,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _is_padded_with_the_mean(contract: InputContract) -> bool:
    wanted = [round(255 * mean) / 255 for mean in contract.mean]
    beside = contract.padding * len(wanted) if len(contract.padding) == 1 else contract.padding
    return all(abs(a - b) < 1e-6 for a, b in zip(wanted, beside, strict=True))


def _fraction(contract: InputContract) -> float:
    """What timm divides each side by and cuts to whole pixels, so that the contract's come out."""
    height = contract.height or 1
    if contract.fit == "stretch":
        return 1.0
    if contract.is_cropped_by_a_fraction:
        return contract.number
    fraction = round(height / contract.number, 6)
    exact = height / (contract.number + 1e-6)
    return fraction if math.floor(height / fraction) == contract.number else exact


def _departures(contract: InputContract) -> list[str]:
    found = []
    if not contract.rounding and contract.sampling != "nearest-pillow":
        found.append(f"timm {AS_BYTES}")
    if contract.sampling in ("bilinear", "bicubic", "lanczos"):
        found.append(f"timm {WIDENED}")
    if contract.fit.endswith("-floor"):
        found.append(f"timm {LATER}")
    return found
