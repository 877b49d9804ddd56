"""A processor of transformers, whose fields are those of a ``preprocessor_config.json``."""

from collections.abc import Iterator

from xray_app.pipeline.contracts.contract import InputContract
from xray_app.pipeline.snippets.arrays import borrowed
from xray_app.pipeline.snippets.snippet import FILE, Snippet, numbers, snippet
from xray_app.pipeline.snippets.words import AS_BYTES, EARLIER, WIDENED

_KERNELS = {
    "bilinear-antialiased": 2, "bicubic-antialiased": 3, "lanczos-antialiased": 1,
    "nearest-pillow": 0, "nearest": 0, "bilinear": 2, "bicubic": 3, "lanczos": 1,
}  # fmt: skip
_FITS = ("stretch", "resize-crop", "resize-crop-floor", "stretch-crop", "stretch-crop-floor")


def hugging_face_snippet(contract: InputContract) -> Snippet:
    """``CLIPImageProcessorPil`` with every field given; numpy where it has no such step."""
    lacking = _lacking(contract)
    if lacking:
        last = "pixel_values = torch.from_numpy(tensor)"
        return borrowed("hugging-face", contract, "import torch", last, lacking)
    lines = [
        "from PIL import Image",
        "from transformers import CLIPImageProcessorPil  # before 5.0: CLIPImageProcessor",
        "",
        "processor = CLIPImageProcessorPil(",
        *(f"    {field}," for field in _fields(contract)),
        ")",
        f'image = Image.open("{FILE}").convert("RGB")',
        'tensor = processor(image, return_tensors="np")["pixel_values"]  # or "pt"',
    ]
    if contract.order == "BGR":
        lines.append("tensor = tensor[:, ::-1]  # RGB to BGR")
    if contract.layout == "NHWC":
        lines.append(
            "tensor = tensor.transpose(0, 2, 3, 1)  # channels last, as the model has them"
        )
    return snippet("hugging-face", contract, lines, _departures(contract))


def _lacking(contract: InputContract) -> str:
    if contract.contrast != "none":
        return f"transformers has no contrast step like '{contract.contrast}'"
    if contract.fit not in _FITS:
        return f"transformers has no fit like '{contract.fit_text}'"
    if contract.sampling not in _KERNELS:
        return f"transformers has no kernel like '{contract.sampling_text}'"
    if contract.scale is not None and contract.scale.is_per_image:
        return "transformers has no z-score of an image"
    return "transformers feeds three channels" if contract.channels == 1 else ""


def _fields(contract: InputContract) -> Iterator[str]:
    height, width = contract.height, contract.width
    size = {"height": height, "width": width}
    if contract.fit.startswith("stretch-crop"):
        size = dict(zip(("height", "width"), contract.before_crop, strict=True))
    elif contract.fit != "stretch":
        size = {"shortest_edge": int(contract.number)}
    crops = contract.fit != "stretch"
    yield f"do_resize=True, size={size}, resample={_KERNELS[contract.sampling]}"
    crop = {"height": height, "width": width}
    yield f"do_center_crop={crops}, crop_size={crop}"
    mean, std = contract.mean, contract.std
    if contract.order == "BGR":
        mean, std = mean[::-1], std[::-1]
    yield "do_rescale=True, rescale_factor=1 / 255"
    yield "do_normalize=True"
    yield f"image_mean={numbers(mean)}, image_std={numbers(std)}"
    yield "do_convert_rgb=True"


def _departures(contract: InputContract) -> list[str]:
    found = []
    if not contract.rounding and contract.sampling != "nearest-pillow":
        found.append(f"transformers {AS_BYTES}")
    if contract.sampling in ("bilinear", "bicubic", "lanczos"):
        found.append(f"transformers {WIDENED}")
    if contract.fit in ("resize-crop", "stretch-crop"):
        found.append(f"transformers {EARLIER}")
    return found
