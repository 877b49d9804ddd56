"""torchvision's transforms, version 2."""

from collections.abc import Iterator

from xray_app.pipeline.contracts.contract import InputContract
from xray_app.pipeline.snippets.arrays import borrowed
from xray_app.pipeline.snippets.snippet import FILE, Snippet, numbers, snippet

# Of images that Pillow resizes, and of float tensors (its bicubic without antialiasing has -0.75).
_OF_IMAGES = {
    "bilinear-antialiased": "BILINEAR", "bicubic-antialiased": "BICUBIC",
    "lanczos-antialiased": "LANCZOS", "nearest-pillow": "NEAREST",
}  # fmt: skip
_OF_TENSORS = {
    "bilinear-antialiased": ("BILINEAR", True), "bicubic-antialiased": ("BICUBIC", True),
    "bilinear": ("BILINEAR", False), "nearest": ("NEAREST_EXACT", False),
}  # fmt: skip
_FITS = ("stretch", "resize-crop", "resize-crop-floor", "stretch-crop", "stretch-crop-floor")


def torchvision_snippet(contract: InputContract) -> Snippet:
    """A ``v2.Compose``; with numpy and Pillow where torchvision has no such step."""
    lacking = _lacking(contract)
    if lacking:
        last = "tensor = torch.from_numpy(tensor)"
        return borrowed("torchvision", contract, "import torch", last, lacking)
    mode = "RGB" if contract.channels > 1 else "L"
    lines = [
        "import torch",
        "from PIL import Image",
        "from torchvision.transforms import InterpolationMode, v2",
        "",
        "transform = v2.Compose([",
        *(f"    {step}," for step in _steps(contract)),
        "])",
        f'tensor = transform(Image.open("{FILE}").convert("{mode}"))[None]',
    ]
    if contract.layout == "NHWC":
        lines.append("tensor = tensor.permute(0, 2, 3, 1)  # channels last, as the model has them")
    return snippet("torchvision", contract, lines)


def _is_of_images(contract: InputContract) -> bool:
    return contract.rounding == "pillow" or contract.sampling == "nearest-pillow"


def _lacking(contract: InputContract) -> str:
    """What torchvision has no step for; "" where it has all."""
    if contract.contrast != "none":
        return f"torchvision has no contrast step like '{contract.contrast}'"
    if contract.fit not in _FITS:
        return f"torchvision has no fit like '{contract.fit_text}'"
    known = _OF_IMAGES if _is_of_images(contract) else _OF_TENSORS
    if contract.sampling not in known:
        return f"torchvision has no kernel like '{contract.sampling_text}' for floats"
    if contract.scale is not None and contract.scale.is_per_image and contract.channels > 1:
        return "torchvision has no z-score of an image"
    return ""


def _steps(contract: InputContract) -> Iterator[str]:
    as_floats = ("v2.ToImage()", "v2.ToDtype(torch.float32, scale=True)")
    if not _is_of_images(contract):
        yield from as_floats
    yield from _resizing(contract)
    if _is_of_images(contract):
        yield from as_floats
    if contract.order == "BGR":
        yield "v2.Lambda(lambda x: x.flip(-3))  # RGB to BGR"
    if contract.scale is not None and contract.scale.is_per_image:
        yield "v2.Lambda(lambda x: (x - x.mean()) / x.std(correction=0))"
    elif contract.scale is not None and not any(contract.mean) and len(set(contract.std)) == 1:
        if contract.scale.gain[0] != 1.0:
            yield f"v2.Lambda(lambda x: x * {contract.scale.gain[0]:.7g})"
    else:
        yield f"v2.Normalize({numbers(contract.mean)}, {numbers(contract.std)})"


def _resizing(contract: InputContract) -> Iterator[str]:
    height, width = contract.height, contract.width
    if _is_of_images(contract):
        name, antialias = _OF_IMAGES[contract.sampling], True
    else:
        name, antialias = _OF_TENSORS[contract.sampling]
    kernel = f"InterpolationMode.{name}, antialias={antialias}"
    size = f"({height}, {width})"
    if contract.fit.startswith("stretch-crop"):
        size = str(contract.before_crop)
    elif contract.fit != "stretch":
        size = str(int(contract.number))
    yield f"v2.Resize({size}, {kernel})"
    if contract.fit.endswith("-floor"):
        margins = "[(side - {}) // 2 for side in v2.functional.get_size(x)[{}]]"
        top, left = margins.format(height, ":1"), margins.format(width, "1:")
        yield f"v2.Lambda(lambda x: v2.functional.crop(x, *{top}, *{left}, {height}, {width}))"
    elif contract.fit != "stretch":
        yield f"v2.CenterCrop(({height}, {width}))"
