"""The code that makes the tensor, for a person to compare with their own."""

from collections.abc import Iterator

from xray_app.pipeline.contrast_code import contrast_code
from xray_app.pipeline.steps.description import PipelineDescription
from xray_app.pipeline.steps.images import GRAY, PLANES
from xray_app.pipeline.steps.placement import ORIENTATIONS
from xray_app.pipeline.steps.recipe import Recipe
from xray_app.pipeline.steps.sampling import PILLOW_FILTERS, SAMPLINGS
from xray_app.pipeline.steps.scale import ScaleStep

_DEPTHS = {
    "high-byte": "image = (image >> 8).astype(np.uint8)",
    "clipped": "image = np.minimum(image, 255).astype(np.uint8)",
    "low-byte": "image = image.astype(np.uint8)",
}
_INDEXED = {
    "nearest": "(2 * np.arange({wanted}) + 1) * x.shape[{axis}] // (2 * {wanted})",
    "nearest-corner": "np.arange({wanted}) * x.shape[{axis}] // {wanted}",
}
_SCORES = {
    "zscore": "tensor = (tensor - tensor.mean()) / tensor.std()",
    "zscore-before": "tensor = (tensor - x.mean()) / x.std()",
    "zscore-channels": "tensor = tensor - tensor.mean((1, 2), keepdims=True)\n"
    "tensor = tensor / tensor.std((1, 2), keepdims=True)",
}
_STORAGES = {
    "float16": "tensor = tensor.astype(np.float16)",
    "bfloat16": "bits = tensor.astype(np.float32).view(np.uint32)\n"
    "bits = (bits + 0x7FFF + (bits >> 16 & 1)) & np.uint32(0xFFFF0000)\n"
    "tensor = bits.view(np.float32)",
    "round": "tensor = np.floor(tensor + 0.5)",
    "floor": "tensor = np.floor(tensor)",
}
_LIBRARIES = {
    "Image.": "from PIL import Image",
    "ImageOps.": "from PIL import ImageOps",
    "exposure.": "from skimage import exposure",
    "transform.": "from skimage import transform",
    "cv2.": "import cv2",
    "resampled(": "from xray_app.pipeline import resampled",
}


def pipeline_code(description: PipelineDescription, white: float = 255.0) -> str:
    """Python that makes ``tensor`` of ``image``, one array as ``describe_pipeline`` takes it.

    Written with numpy and Pillow; with scikit-image or OpenCV where the step is theirs, and with
    ``xray_app.pipeline.resampled`` for kernels that none of these has in Python.

    Args:
        description: of a pipeline for images of one shape.
        white: the stored value that stands for full white, such as 65535 for 16 bits.
    """
    body = "\n".join(_body(description, white))
    return "\n".join([*import_code(body), "", body, ""])


def import_code(body: str) -> list[str]:
    """The imports that lines of code need."""
    return ["import numpy as np", *(line for use, line in _LIBRARIES.items() if use in body)]


def _body(description: PipelineDescription, white: float) -> Iterator[str]:
    recipe = description.recipe
    if description.planes[0] == GRAY:  # a file may hold it thrice, or with alpha
        yield "image = image[..., 0] if image.ndim == 3 else image"
    if recipe.depth:
        yield _DEPTHS[recipe.depth]
    yield "\ndef plane(x):"
    full = 255.0 if recipe.depth else white
    for line in _plane(recipe, full):
        yield f"    {line}"
    yield "    return x\n"
    yield f"tensor = np.stack([{', '.join(_sources(description))}])"
    if description.scale.name == "zscore-before":
        yield f"x = {_source(recipe.plane)}"
        yield from (line.replace("\n    ", "\n") for line in _before(recipe, full))
    yield from scale_code(description.scale)
    yield from _finished(description)


def _before(recipe: Recipe, white: float) -> Iterator[str]:
    """What is done to a plane before it is resized."""
    if recipe.orientation != "as stored":
        yield f"x = {ORIENTATIONS[recipe.orientation].code}"
    yield f"x = x / {white:.12g}"
    if recipe.contrast.when == "before":
        yield contrast_code(recipe.contrast, white)


def _plane(recipe: Recipe, white: float) -> Iterator[str]:
    yield from _before(recipe, white)
    yield from _placed(recipe)
    if recipe.contrast.when == "after":
        yield contrast_code(recipe.contrast)


def _placed(recipe: Recipe) -> Iterator[str]:
    placement = recipe.placement
    top, left, height, width = placement.part
    if top < 0 or left < 0:
        down = f"(({-top}, {height} - x.shape[0] + {top}), (0, 0))"
        across = f"((0, 0), ({-left}, {width} - x.shape[1] + {left}))"
        for sides in (down, across):
            yield f"x = np.pad(x, {sides}, constant_values={recipe.padding!r})"
    elif (top, left) != (0, 0) or placement.fit in ("crop", "central-crop"):
        yield f"x = x[{top}:{top + height}, {left}:{left + width}]"
    if placement.is_resized:
        yield from resize_code(recipe.sampling, recipe.rounding, *placement.size)
    rows, columns = placement.inside
    tall, wide = (
        (max(0, start), max(0, start) + side.stop - side.start)
        for start, side in zip(placement.start, (rows, columns), strict=True)
    )
    if (tall, wide) != ((0, placement.size[0]), (0, placement.size[1])):
        yield f"x = x[{tall[0]}:{tall[1]}, {wide[0]}:{wide[1]}]"
    if placement.is_padded:
        beside = tuple(
            (side.start, wanted - side.stop)
            for side, wanted in zip((rows, columns), placement.input, strict=True)
        )
        yield f"x = np.pad(x, {beside}, constant_values={recipe.padding!r})"


def resize_code(name: str, rounding: str, height: object, width: object) -> Iterator[str]:
    """Resizing the array ``x`` of one plane in [0, 1].

    Args:
        name: a key of ``SAMPLINGS``.
        rounding: a key of ``ROUNDINGS``.
        height, width: numbers, or expressions.
    """
    if name in _INDEXED:
        rows = _INDEXED[name].format(wanted=height, axis=0)
        columns = _INDEXED[name].format(wanted=width, axis=1)
        yield f"x = x[{rows}][:, {columns}]"
    elif name == "gaussian":
        yield f"x = transform.resize(x, ({height}, {width}), anti_aliasing=True)"
    elif name.endswith("-antialiased"):
        whole = rounding == "pillow"
        pixels = "np.rint(x * 255).astype(np.uint8)" if whole else "x.astype(np.float32)"
        filter_name = PILLOW_FILTERS[SAMPLINGS[name].kernel].name
        resized = f"Image.fromarray({pixels}).resize(({width}, {height}), Image.{filter_name})"
        yield f"x = np.asarray({resized})" + (" / 255" if whole else "")
    elif rounding == "opencv":
        pixels = "np.rint(x * 255).astype(np.uint8)"
        yield f"x = cv2.resize({pixels}, ({width}, {height})) / 255"
    else:
        yield f'x = resampled(x, {height}, {width}, "{name}")'
    if rounding in ("round", "floor"):
        half = " + 0.5" if rounding == "round" else ""
        yield f"x = np.floor(np.clip(x, 0, 1) * 255{half} + 1e-4) / 255"
    if rounding == "clipped":
        yield "x = np.clip(x, 0, 1)"


def _sources(description: PipelineDescription) -> Iterator[str]:
    for name in description.planes:
        yield f"plane({_source(name)})"


def _source(name: str) -> str:
    if name == GRAY:
        return "image"
    if name == "luma-bytes":
        return 'np.asarray(Image.fromarray(image).convert("L"))'
    weights = PLANES[name][1]
    if max(weights) == 1.0:
        return f"image[..., {weights.index(1.0)}]"
    return f"image[..., :3] @ np.array({weights})"


def scale_code(scale: ScaleStep) -> Iterator[str]:
    """A scale step on the array ``tensor`` (C, H, W) in [0, 1]."""
    if scale.name in _SCORES:
        yield _SCORES[scale.name]
        return
    for name, values, neutral in (("*", scale.gain, 1.0), ("+", scale.offset, 0.0)):
        if len(set(values)) > 1:
            yield f"tensor = tensor {name} np.array({values}).reshape(-1, 1, 1)"
        elif values[0] != neutral:
            yield f"tensor = tensor {name} {values[0]!r}"


def _finished(description: PipelineDescription) -> Iterator[str]:
    placement = description.recipe.placement
    if description.padded_with:
        rows, columns = placement.inside
        yield "outside = np.ones(tensor.shape[1:], bool)"
        yield f"outside[{rows.start}:{rows.stop}, {columns.start}:{columns.stop}] = False"
        values = f"np.array({description.padded_with}).reshape(-1, 1, 1)"
        yield f"tensor = np.where(outside, {values}, tensor)"
    if description.storage in _STORAGES:
        yield _STORAGES[description.storage]
    axes = [axis for axis in "CHW" if axis in description.layout]
    if "C" not in axes:
        yield "tensor = tensor[0]"
    order = tuple(axes.index(axis) for axis in description.layout if axis in axes)
    if order != tuple(sorted(order)):
        yield f"tensor = tensor.transpose{order}"
    if "N" in description.layout:
        yield "tensor = tensor[np.newaxis]"
