"""The front door: from images and the tensor that a pipeline made of them to a report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from xray_app.core.normalization import DatasetStatistics
from xray_app.pipeline.report import PipelineReport
from xray_app.pipeline.search.bench import EXPLAINED, Found, Search
from xray_app.pipeline.search.completing import completed
from xray_app.pipeline.search.fitting import Values, residual
from xray_app.pipeline.search.recipes import searched
from xray_app.pipeline.search.variants import planes_for
from xray_app.pipeline.steps.contrast import NO_CONTRAST
from xray_app.pipeline.steps.description import PipelineDescription, rendered_planes, reproduced
from xray_app.pipeline.steps.images import Source, as_sources
from xray_app.pipeline.steps.layout import Tensor, readings
from xray_app.pipeline.steps.placement import ORIENTATIONS, every_placement, placement_text
from xray_app.pipeline.steps.rendering import Renderer
from xray_app.pipeline.steps.storage import type_floor

_NOISE = 2e-6  # float32's, and that of Pillow's weights
_TRIED = 6
_ALSO = 8
_FEW, _MOST_RMS = 1e-3, 3e-4  # values that rounding moved to another bin
_TURNED = 5  # EXIF orientations from here on exchange rows and columns
_OFF_BY_ONE = 0.25  # fraction of values that may differ by a gray level


def describe_pipeline(
    images: object, tensors: object, statistics: DatasetStatistics | None = None
) -> PipelineReport:
    """Find what a pipeline did, from what went in and what came out.

    Args:
        images: one image or a list of them: ``Radiograph``, or array (H, W) or (H, W, 3) of
            integers or floats, as decoded (colour in the order RGB, EXIF orientation not applied).
        tensors: what the pipeline made: (H, W), (H, W, C), (C, H, W), with or without a batch axis,
            of 1 or 3 channels; or a list of one an image.
        statistics: a data set's mean and deviation in [0, 1], to be recognised by name.

    Returns:
        The shortest description that reproduces the tensor, what it leaves, and what fits as well.
        Where none reproduces it, ``description`` is None.

    Raises:
        InputError: an image or tensor is empty, constant, not finite, or of an unknown shape.

    >>> rng = np.random.default_rng(0)
    >>> image = rng.integers(0, 256, (60, 50), np.uint8)
    >>> print(describe_pipeline(image, image[:, ::-1] / 127.5 - 1.0).description.scale.text)
    values -1 to 1
    """
    sources = as_sources(images)
    reports = [
        _described(sources, tensor, statistics) for tensor in readings(tensors, len(sources))
    ]
    return min(reports, key=lambda report: (not report.is_explained, report.rms))


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """A description, and what it leaves."""

    description: PipelineDescription
    largest: float
    rms: float
    within: str


def _described(
    sources: Sequence[Source], tensor: Tensor, statistics: DatasetStatistics | None
) -> PipelineReport:
    renderers = [Renderer.of(source) for source in sources]
    search = _searched(renderers, tensor)
    contenders = _contenders(search)
    judged: list[_Judged] = []
    for found in contenders[:_TRIED]:
        for description in completed(found, renderers, tensor, statistics):
            judged.append(_judge(description, renderers, tensor))
    best = next((each for each in judged if each.within == "float"), None)
    best = best or next((each for each in judged if each.within), None)
    closest = best or min(judged, key=lambda each: each.rms)
    shape = sources[0].pixels.shape
    others = _alternatives(closest, judged) if best else ()
    known = _known(closest.description, renderers) if best else (None, None)
    return PipelineReport(
        description=best.description if best else None,
        closest=closest.description,
        largest=closest.largest,
        rms=closest.rms,
        within=closest.within,
        also=tuple(_also(closest.description, others, shape)) if best else (),
        alternatives=others,
        known=known,
        limits=tuple(_limits(known)),
        images=len(sources),
        image_shape=(shape[0], shape[1]),
        white=sources[0].white,
    )


def _searched(renderers: Sequence[Renderer], tensor: Tensor) -> Search:
    """Search on the image whose tensor varies most, and on the middle channel."""
    channels = tensor.planes.shape[1]
    main = int(np.argmax(tensor.planes.std(axis=(1, 2, 3))))
    channel = channels // 2
    renderer = renderers[main]
    target = tensor.planes[main, channel]
    planes = planes_for(renderer.source, channels, channel)
    return searched(Search(renderer, target, planes, type_floor(tensor)))


def _contenders(search: Search) -> list[Found]:
    """Recipes that fit as well as the best within the noise, the plainest first."""
    best = search.best
    # Below the type's own rounding a recipe rounds where the pipeline does: it is no coincidence.
    floor = search.floor if best.rms > 0.5 * search.floor else 0.0
    noise = max(1.5 * best.rms, _NOISE, 1.2 * floor)
    order = {recipe: k for k, recipe in enumerate(search.tried)}
    equal = [found for found in search.tried.values() if found.rms <= noise]
    equal.sort(key=lambda found: (_steps(found), order[found.recipe]))
    rest = sorted(search.tried.values(), key=lambda found: found.rms)
    return equal if best.rms <= EXPLAINED else [*rest[:2]]


def _steps(found: Found) -> int:
    recipe = found.recipe
    return (
        (recipe.orientation != "as stored")
        + bool(recipe.rounding)
        + 2 * (recipe.contrast.name != "none")
        + (recipe.contrast.name in ("window", "gamma"))  # of numbers that were searched for
        + bool(recipe.depth)
        + bool(recipe.padding)
    )


def _judge(
    description: PipelineDescription, renderers: Sequence[Renderer], tensor: Tensor
) -> _Judged:
    made = reproduced(description, renderers)
    rms, largest = residual(made.ravel(), tensor.planes.ravel())
    return _Judged(
        description, largest, rms, _within(description, made, tensor.planes, largest, rms)
    )


def _within(
    description: PipelineDescription, made: Values, planes: Values, largest: float, rms: float
) -> str:
    if largest <= EXPLAINED:
        return "float"
    recipe = description.recipe
    if recipe.contrast.uses_bins and rms <= _MOST_RMS:
        beyond = np.abs(made - planes) > EXPLAINED * np.ptp(planes)
        return "most" if beyond.mean() <= _FEW else ""
    if description.storage in ("round", "floor"):
        level = 1.0
    elif recipe.rounding not in ("", "clipped") or recipe.plane == "luma-bytes" or recipe.depth:
        level = max(map(abs, description.scale.gain)) / 255.0
    else:
        return ""
    apart = np.abs(made - planes)
    is_close = apart.max() <= 1.01 * level and (apart > 0.1 * level).mean() <= _OFF_BY_ONE
    return "one level" if is_close else ""


def _alternatives(chosen: _Judged, judged: Sequence[_Judged]) -> tuple[PipelineDescription, ...]:
    """Other steps that fit as well within the noise."""
    noise = max(2.0 * chosen.rms, _NOISE)
    fitting = [each.description for each in judged if each.within and each.rms <= noise]
    others = dict.fromkeys(each for each in fitting if each != chosen.description)
    return tuple(others)[:_ALSO]


def _also(
    own: PipelineDescription,
    others: Sequence[PipelineDescription],
    shape: tuple[int, ...],
) -> Iterator[str]:
    """Sentences on what fits as well: other steps, and other names for the same pixels."""
    placement = own.recipe.placement
    is_turned = ORIENTATIONS[own.recipe.orientation].exif >= _TURNED
    image = shape[1::-1] if is_turned else shape[:2]
    same = [
        placement_text(each)
        for each in every_placement(image, placement.input)
        if each.pixels == placement.pixels and each.fit != placement.fit
    ]
    if same:
        yield f"Of an image of this shape the same would be: {'; '.join(dict.fromkeys(same))}."
    yield from dict.fromkeys(filter(None, (_instead(own, other) for other in others)))


def _known(
    own: PipelineDescription, renderers: Sequence[Renderer]
) -> tuple[float | None, float | None]:
    """The grays before a window between which the images tell what it does; None: no limit.

    The search sets an end that no pixel reaches to black or white. Where the scale has a name, it
    tells where the end is; else the end could lie anywhere beyond the darkest or brightest value
    that the tensor shows, which resizing and cropping leave of the image.
    """
    contrast = own.recipe.contrast
    if contrast.name != "window" or own.scale.name not in ("dataset", "affine"):
        return None, None
    plain = replace(own.recipe, contrast=NO_CONTRAST)
    inside = ..., *plain.placement.inside
    grays = [rendered_planes(plain, own.planes, renderer)[inside] for renderer in renderers]
    low, high = contrast.numbers
    darkest = min(float(each.min()) for each in grays)
    brightest = max(float(each.max()) for each in grays)
    return (
        darkest if low == 0.0 and darkest > 0.0 else None,
        brightest if high == 1.0 and brightest < 1.0 else None,
    )


def _limits(known: tuple[float | None, float | None]) -> Iterator[str]:
    """Ends of a window that no pixel reaches."""
    ends = (("lower", "darker"), ("upper", "brighter"))
    for (end, beyond), limit in zip(ends, known, strict=True):
        if limit is not None:
            yield (
                f"No pixel reaches the window's {end} end, which may lie elsewhere: what happens "
                f"to grays {beyond} than {limit:.4g} of white, these images don't tell; give one "
                f"that has them."
            )


def _instead(own: PipelineDescription, other: PipelineDescription) -> str:
    mine, its = own.aspects, other.aspects
    different = [its[name] or f"no {name} step" for name in its if its[name] != mine[name]]
    return f"This fits as well: {'; '.join(different)}." if different else ""
