"""OpenCV, which reads BGR."""

from collections.abc import Iterator

from xray_app.pipeline.contracts.contract import InputContract
from xray_app.pipeline.contrast_code import contrast_code
from xray_app.pipeline.snippets.placing_code import placing_code
from xray_app.pipeline.snippets.snippet import FILE, Snippet, numbers, snippet
from xray_app.pipeline.snippets.words import AS_FLOATS
from xray_app.pipeline.steps.contrast import contrast_after

_KERNELS = {
    "bilinear": "INTER_LINEAR", "area": "INTER_AREA", "nearest": "INTER_NEAREST_EXACT",
    "nearest-pillow": "INTER_NEAREST_EXACT", "nearest-corner": "INTER_NEAREST",
    "bicubic-0.75": "INTER_CUBIC", "lanczos4": "INTER_LANCZOS4", "bicubic": "INTER_CUBIC",
    "lanczos": "INTER_LANCZOS4",
}  # fmt: skip
_ANTIALIASED = (
    "OpenCV has no antialiased {}: INTER_AREA is the closest where an image is made smaller, but "
    "smooths less."
)
_OTHER = {
    "bicubic": "OpenCV's bicubic kernel has the constant -0.75, the contract's -0.5.",
    "lanczos": "OpenCV's Lanczos kernel has eight pixels, the contract's six.",
    "nearest-pillow": "OpenCV steps from pixel to pixel otherwise than Pillow: a few differ.",
}


def opencv_snippet(contract: InputContract) -> Snippet:
    """``cv2.resize`` of floats; what OpenCV has no kernel for is said, and the closest taken."""
    lines = [
        *_imports(contract),
        "",
        *_read(contract),
        *_placed(contract),
        *_contrast(contract),
        *_scaled(contract),
        *_laid(contract),
    ]
    return snippet("opencv", contract, lines, _departures(contract))


def _imports(contract: InputContract) -> Iterator[str]:
    yield "import cv2"
    yield "import numpy as np"
    if contract.contrast in ("equalize", "clahe"):
        yield "from skimage import exposure"


def _read(contract: InputContract) -> Iterator[str]:
    if contract.channels == 1:
        yield f'x = cv2.imread("{FILE}", cv2.IMREAD_GRAYSCALE)[..., np.newaxis]'
    elif contract.order == "BGR":
        yield f'x = cv2.imread("{FILE}")  # OpenCV reads BGR, as the model takes it'
    else:
        yield f'x = cv2.cvtColor(cv2.imread("{FILE}"), cv2.COLOR_BGR2RGB)  # OpenCV reads BGR'
    yield "x = x.astype(np.float32) / 255"


def _placed(contract: InputContract) -> Iterator[str]:
    placing = placing_code(contract)
    kernel = _KERNELS.get(contract.sampling, "INTER_AREA")
    yield from placing.before
    resized = f"cv2.resize(x, ({placing.width}, {placing.height}), interpolation=cv2.{kernel})"
    yield f"x = {resized}"
    if contract.channels == 1:
        yield "x = x[..., np.newaxis]"
    yield from placing.after
    if placing.margins:
        yield from placing.margins
        beside = contract.padding * contract.channels if len(contract.padding) == 1 else (
            contract.padding
        )  # fmt: skip
        shape = (contract.height, contract.width, contract.channels)
        yield f"whole = np.full({shape}, {numbers(beside)}, np.float32)"
        yield "whole[top : top + x.shape[0], left : left + x.shape[1]] = x"
        yield "x = whole"


def _contrast(contract: InputContract) -> Iterator[str]:
    if contract.contrast == "none":
        return
    yield "planes = []"
    yield "for x in np.moveaxis(x, -1, 0):"
    for line in contrast_code(contrast_after(contract.contrast)).split("\n    "):
        yield f"    {line}"
    yield "    planes.append(x)"
    yield "x = np.stack(planes, axis=-1)"


def _scaled(contract: InputContract) -> Iterator[str]:
    scale = contract.scale
    if scale is not None and scale.is_per_image:
        yield "x = (x - x.mean()) / x.std()"
    elif scale is not None:
        if any(gain != 1.0 for gain in scale.gain):
            yield f"x = x * np.array({numbers(scale.gain)}, np.float32)"
        if any(scale.offset):
            yield f"x = x + np.array({numbers(scale.offset)}, np.float32)"


def _laid(contract: InputContract) -> Iterator[str]:
    if contract.layout == "NCHW":
        yield "tensor = x.transpose(2, 0, 1)[np.newaxis].astype(np.float32)"
    else:
        yield "tensor = x[np.newaxis].astype(np.float32)"


def _departures(contract: InputContract) -> list[str]:
    found = []
    if contract.sampling.endswith("-antialiased"):
        found.append(_ANTIALIASED.format(contract.sampling.removesuffix("-antialiased")))
    if contract.sampling in _OTHER:
        found.append(_OTHER[contract.sampling])
    if contract.rounding == "pillow":
        found.append(f"OpenCV {AS_FLOATS}")
    return found
