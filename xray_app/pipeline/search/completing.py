"""From a recipe that fits one plane to descriptions of the whole tensor."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from xray_app.core.normalization import DatasetStatistics
from xray_app.pipeline.search.bench import Found
from xray_app.pipeline.search.fitting import Values, fit_line
from xray_app.pipeline.search.naming import Case, scale_options, stretched_padding
from xray_app.pipeline.search.variants import planes_for
from xray_app.pipeline.steps.description import PipelineDescription, rendered_planes
from xray_app.pipeline.steps.layout import Tensor
from xray_app.pipeline.steps.recipe import Recipe
from xray_app.pipeline.steps.rendering import Renderer
from xray_app.pipeline.steps.scale import Channels
from xray_app.pipeline.steps.storage import storages

_SAME_PADDING = 2e-3
_GRAYS = (0.0, 1.0, 0.5)


def completed(
    found: Found,
    renderers: Sequence[Renderer],
    tensor: Tensor,
    statistics: DatasetStatistics | None,
) -> Iterator[PipelineDescription]:
    """Add planes, padding, scale and storage; the plainest first."""
    recipe = _with_padding(found, renderers[0], tensor)
    names = _planes(recipe, renderers, tensor)
    cases = [
        Case(renderer, rendered_planes(recipe, names, renderer), planes)
        for renderer, planes in zip(renderers, tensor.planes, strict=True)
    ]
    for contrast, scale in scale_options(recipe, cases, found.rms, statistics):
        whole = replace(recipe, contrast=contrast)
        if scale.is_per_image and contrast != recipe.contrast:
            padding = stretched_padding(recipe, renderers[0])
            padded = PipelineDescription(
                tensor.layout, names, replace(whole, padding=padding), scale
            )
        else:
            plain = PipelineDescription(tensor.layout, names, whole, scale)
            padded = _own_padding(plain, cases[0].planes, tensor)
        for storage in storages(tensor, found.rms):
            yield replace(padded, storage=storage)
            if storage and contrast.name == "gamma":
                yield from _usual_gammas(replace(padded, storage=storage))


def _usual_gammas(description: PipelineDescription) -> Iterator[PipelineDescription]:
    """The same with exponents of two decimals around: whole numbers moved the one that fitted."""
    recipe = description.recipe
    (exponent,) = recipe.contrast.numbers
    for near in sorted({round(exponent + step, 2) for step in (-0.01, 0.0, 0.01)} - {exponent}):
        step = replace(recipe.contrast, numbers=(near,))
        yield replace(description, recipe=replace(recipe, contrast=step))


def _planes(recipe: Recipe, renderers: Sequence[Renderer], tensor: Tensor) -> tuple[str, ...]:
    """The plane of the image that fits each channel best."""
    channels = int(tensor.planes.shape[1])
    source = renderers[0].source
    if not source.is_colour:
        return (recipe.plane,) * channels
    if recipe.plane not in ("R", "G", "B"):
        return (recipe.plane,) * channels
    if channels == 1:
        return (recipe.plane,)
    inside = recipe.placement.inside
    found = []
    for channel in range(channels):
        values = tensor.planes[0, channel][inside].ravel()
        options = [name for name in planes_for(source, channels, channel) if len(name) == 1]
        left = {
            name: fit_line(_rendered(recipe, name, renderers[0])[inside].ravel(), values).rms
            for name in options
        }
        found.append(min(options, key=lambda name: left[name]))
    return tuple(found)


def _rendered(recipe: Recipe, name: str, renderer: Renderer) -> Values:
    return renderer.render(replace(recipe, plane=name)).astype(np.float64)


def _outside(recipe: Recipe) -> Values:
    outside = np.ones(recipe.placement.input, bool)
    outside[recipe.placement.inside] = False
    return outside


def _with_padding(found: Found, renderer: Renderer, tensor: Tensor) -> Recipe:
    """The recipe with the gray beside the image that the searched channel's line gives."""
    recipe, line = found.recipe, found.line
    if not recipe.placement.is_padded or line.gain == 0.0:
        return recipe
    channel = tensor.planes[0, tensor.planes.shape[1] // 2]
    value = (float(channel[_outside(recipe)].mean()) - line.offset) / line.gain
    if recipe.contrast.when != "after":
        return replace(recipe, padding=_tidy(value))
    if recipe.contrast.name not in ("window", "gamma"):  # the search has tried black and white
        return recipe
    outside = _outside(recipe)
    options = [replace(recipe, padding=gray) for gray in _GRAYS]
    return min(options, key=lambda each: abs(renderer.render(each)[outside].mean() - value))


def _tidy(value: float) -> float:
    """A whole number of 255ths where it is nearly one."""
    near = round(value * 255.0) / 255.0
    return near if abs(near - value) < _SAME_PADDING / 2 and 0.0 <= near <= 1.0 else value


def _own_padding(
    description: PipelineDescription, planes: Values, tensor: Tensor
) -> PipelineDescription:
    """Name the padding in the tensor's values where it did not go through the other steps.

    Args:
        description: without it.
        planes: (C, H, W) of its recipe, before the scale step.
        tensor: where the padding is read.
    """
    recipe, scale = description.recipe, description.scale
    if not recipe.placement.is_padded:
        return description
    outside = _outside(recipe)
    values: Channels = tuple(float(plane[outside].mean()) for plane in tensor.planes[0])
    grays = [float(plane[outside].mean()) for plane in planes]
    expected = [g * x + o for g, x, o in zip(scale.gain, grays, scale.offset, strict=True)]
    apart = np.abs(np.array(values) - expected) / np.abs(scale.gain)
    if apart.max() <= _SAME_PADDING and 0.0 <= recipe.padding <= 1.0:
        return description
    return replace(description, padded_with=values)
