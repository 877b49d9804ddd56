"""From the planes of a recipe and the tensor to a named scale step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xray_app.core.normalization import DatasetStatistics
from xray_app.pipeline.search.fitting import fit_line
from xray_app.pipeline.steps.contrast import NO_CONTRAST, ContrastStep
from xray_app.pipeline.steps.description import image_statistics
from xray_app.pipeline.steps.recipe import Recipe
from xray_app.pipeline.steps.rendering import Renderer
from xray_app.pipeline.steps.scale import (
    PER_IMAGE,
    Channels,
    ScaleStep,
    fixed_scales,
    measured_scale,
    named_scale,
)

Planes = NDArray[np.float64]
_SAME = 2e-4  # of a gain; more where the residual is larger
_SAME_GRAY = 1e-3
_LINEAR = ("none", "minmax", "max")  # contrast steps that only a gain tells apart


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One image: its renderer, the planes (C, H, W) of a recipe, and the tensor's (C, H, W)."""

    renderer: Renderer
    planes: Planes
    tensor: Planes


Lines = list[tuple[Channels, Channels]]


def scale_options(
    recipe: Recipe, cases: Sequence[Case], rms: float, statistics: DatasetStatistics | None
) -> Iterator[tuple[ContrastStep, ScaleStep]]:
    """Every contrast and scale step that gives these gains and offsets, the plainest first.

    Args:
        recipe: as searched.
        cases: one an image.
        rms: what the recipe leaves, as a fraction of the tensor's range.
        statistics: mean and deviation that a data set may have been standardised with.
    """
    lines = [_lines(recipe, case) for case in cases]
    tolerance = max(_SAME, 3.0 * rms)
    source = cases[0].renderer.source
    white = source.plane(recipe.plane, recipe.depth)[1]
    open_white = source.is_deep and not recipe.depth
    measured, is_named = [], False
    for contrast in _contrasts(recipe):
        moved = [
            _behind(contrast, recipe, case, line) for case, line in zip(cases, lines, strict=True)
        ]
        common = _common(moved, tolerance)
        if common is None:
            continue
        whites = open_white and contrast.name == "none"
        named = named_scale(*common, white, tolerance, whites)
        if named is not None:
            is_named = True
            yield contrast, named
            continue
        if contrast.name == "window":
            yield from _reaching_further(contrast, common, white, tolerance)
        measured.append((contrast, measured_scale(*common, statistics)))
    for name in PER_IMAGE:
        if all(
            _is_standardised(name, recipe, case, line, tolerance)
            for case, line in zip(cases, lines, strict=True)
        ):
            yield from _scores(name, recipe, cases[0], lines[0])
            measured, is_named = measured[:1], False
    if not is_named:
        yield from measured
        if recipe.contrast == NO_CONTRAST and measured:
            line = measured[0][1]
            yield from _unreached(recipe, cases, (line.gain, line.offset), white)


def _scores(
    name: str, recipe: Recipe, case: Case, line: tuple[Channels, Channels]
) -> Iterator[tuple[ContrastStep, ScaleStep]]:
    """A z-score, also behind a min-max stretch, which only the padding shows.

    Black beside the image is then the image's own darkest gray.
    """
    own = recipe.contrast, ScaleStep(name, *line)
    stretch = ContrastStep("minmax", (), "before")
    if recipe.contrast != NO_CONTRAST or not recipe.placement.is_padded:
        yield own
        return
    stretched = stretch, ScaleStep(name, *_behind(stretch, recipe, case, line))
    is_plain = stretched_padding(recipe, case.renderer) in (0.0, 1.0)
    options = [own, stretched] if is_plain else [own]
    yield from options if recipe.padding in (0.0, 1.0) else reversed(options)


def stretched_padding(recipe: Recipe, renderer: Renderer) -> float:
    """The padding of a recipe behind a min-max stretch before resizing, from black to white.

    To a thousandth black or white where it is nearly that.
    """
    low, high = renderer.image.ends(recipe)
    value = (recipe.padding - low) / (high - low)
    return float(round(value)) if abs(value - round(value)) < _SAME_GRAY else value


def _reaching_further(
    contrast: ContrastStep, line: tuple[Channels, Channels], white: float, tolerance: float
) -> Iterator[tuple[ContrastStep, ScaleStep]]:
    """Windows with an end that no pixel reaches, moved to where the scale step has a name.

    The search sets such an end to black or white, for lack of anything that tells where it is.
    """
    low, high = contrast.numbers
    gain, offset = (np.array(each) for each in line)
    for step in fixed_scales(len(gain), white):
        wide = np.array(step.gain) / gain * (high - low)
        if np.ptp(wide) > tolerance * np.abs(wide).max() or not 0.0 < wide[0] <= 1.0:
            continue
        black = np.abs(np.array(step.offset) - offset)
        white_apart = np.abs(np.array(step.gain) + step.offset - gain - offset)
        limits = tolerance * np.abs(gain)
        if high == 1.0 and (black <= limits).all() and low + wide[0] <= 1.0:
            yield replace(contrast, numbers=(low, _round(low + wide[0]))), step
        if low == 0.0 and (white_apart <= limits).all() and high - wide[0] >= 0.0:
            yield replace(contrast, numbers=(_round(high - wide[0]), high)), step


def _unreached(
    recipe: Recipe, cases: Sequence[Case], line: tuple[Channels, Channels], white: float
) -> Iterator[tuple[ContrastStep, ScaleStep]]:
    """Windows whose ends no pixel reaches: they would be the same line, with a named scale."""
    gain, offset = (np.array(each) for each in line)
    inside = (..., *recipe.placement.inside)
    lowest = min(float(case.planes[inside].min()) for case in cases)
    highest = max(float(case.planes[inside].max()) for case in cases)
    for step in fixed_scales(len(gain), white):
        low = (np.array(step.offset) - offset) / gain
        high = (np.array(step.offset) + step.gain - offset) / gain
        is_one = max(np.ptp(low), np.ptp(high)) < _SAME
        if is_one and -_SAME < low[0] <= lowest and highest <= high[0] < 1.0 + _SAME:
            numbers = _round(float(low[0])), _round(float(high[0]))
            yield ContrastStep("window", numbers, "before"), step


def _round(value: float) -> float:
    """To hundredths or 255ths where it is as good as one."""
    near = min((round(value, 2), round(value * 255.0) / 255.0), key=lambda x: abs(x - value))
    return float(near if abs(near - value) < 1e-4 else value)


def _contrasts(recipe: Recipe) -> Iterator[ContrastStep]:
    yield recipe.contrast
    if recipe.contrast == NO_CONTRAST:
        for name in _LINEAR[1:]:
            for when in ("after", "before"):
                yield ContrastStep(name, (), when)


def _lines(recipe: Recipe, case: Case) -> tuple[Channels, Channels]:
    inside = recipe.placement.inside
    fits = [
        fit_line(plane[inside].ravel(), values[inside].ravel())
        for plane, values in zip(case.planes, case.tensor, strict=True)
    ]
    return tuple(fit.gain for fit in fits), tuple(fit.offset for fit in fits)


def _behind(
    contrast: ContrastStep, recipe: Recipe, case: Case, line: tuple[Channels, Channels]
) -> tuple[Channels, Channels]:
    """The line behind a linear contrast step, from the line before it."""
    if contrast.name not in _LINEAR[1:]:
        return line
    low, high = _ends(contrast, recipe, case)
    gain, offset = (np.array(each) for each in line)
    return tuple(map(float, gain * (high - low))), tuple(map(float, offset + gain * low))


def _ends(contrast: ContrastStep, recipe: Recipe, case: Case) -> tuple[float, float]:
    if contrast.when == "before":
        whole = [case.renderer.image.ends(recipe)]
    else:
        whole = [(float(case.planes.min()), float(case.planes.max()))]
    low, high = whole[0]
    return (0.0 if contrast.name == "max" else low), high


def _common(lines: Lines, tolerance: float) -> tuple[Channels, Channels] | None:
    """The mean line, if all images have it."""
    gains, offsets = (np.array([line[k] for line in lines]) for k in (0, 1))
    size = tolerance * np.abs(gains).max()
    if np.ptp(gains, axis=0).max() > size or np.ptp(offsets, axis=0).max() > size:
        return None
    return tuple(map(float, gains.mean(axis=0))), tuple(map(float, offsets.mean(axis=0)))


def _is_standardised(
    name: str, recipe: Recipe, case: Case, line: tuple[Channels, Channels], tolerance: float
) -> bool:
    mean, std = image_statistics(case.planes, name, recipe, case.renderer)
    channels = len(case.planes)
    gain = np.broadcast_to(1.0 / std.ravel(), channels)
    offset = np.broadcast_to(-mean.ravel() / std.ravel(), channels)
    apart = np.abs(np.array(line[1]) - offset), np.abs(np.array(line[0]) - gain)
    return bool(max(apart[0].max(), apart[1].max()) <= tolerance * gain.max())
