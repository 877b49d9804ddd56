"""Recipes like a given one, with another kernel, rounding or plane; the best of them are tried."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from xray_app.pipeline.search.bench import EXACT, Search
from xray_app.pipeline.search.coarse import Pose
from xray_app.pipeline.steps.images import GRAY, Source
from xray_app.pipeline.steps.recipe import Recipe
from xray_app.pipeline.steps.sampling import SAMPLINGS, is_same_nearest

BEST = 4
_PILLOW = ("bilinear-antialiased", "bicubic-antialiased", "lanczos-antialiased")
_ALIKE = 1.5


def attempt_best(search: Search, recipes: Iterable[Recipe], count: int = BEST) -> None:
    """Those that leave least in a band; more of them where that does not tell them apart."""
    left = {recipe: search.glimpse(recipe) for recipe in recipes}
    near = _ALIKE * min(left.values(), default=0.0) + EXACT
    alike = [recipe for recipe in left if left[recipe] <= near]
    best = sorted(left, key=lambda recipe: left[recipe])[:count]
    for recipe in dict.fromkeys((*alike[: 2 * BEST], *best)):
        search.attempt(recipe)


def with_kernels(recipe: Recipe) -> Iterator[Recipe]:
    """The recipe with every kernel; its rounding only where that kernel can round so."""
    placement = recipe.placement
    kernels = list(SAMPLINGS) if placement.is_resized else list(SAMPLINGS)[:1]
    if all(map(is_same_nearest, placement.part[2:], placement.size)) and len(kernels) > 1:
        kernels.remove("nearest-pillow")
    for name in kernels:
        plain = replace(recipe, sampling=name, rounding="")
        may_round = recipe.rounding in possible_roundings(plain, is_quantised=True)
        yield replace(plain, rounding=recipe.rounding) if may_round else plain


def possible_roundings(recipe: Recipe, is_quantised: bool) -> Iterator[str]:
    """What resizing by its kernel can have done to the results; ``is_quantised``: to bytes."""
    if not recipe.placement.is_resized or recipe.sampling.startswith("nearest"):
        return  # nothing is computed that could be rounded
    yield "clipped"
    if is_quantised:
        yield from ("round", "floor")
    if is_quantised and recipe.sampling in _PILLOW:
        yield "pillow"
    if is_quantised and recipe.sampling == "bilinear":
        yield "opencv"


def best_plane(search: Search, pose: Pose) -> Recipe:
    """The plain recipe of a pose whose plane leaves least in a band."""
    first, padding = next(iter(SAMPLINGS)), _padding(search, pose)
    recipes = [
        Recipe(plane, "", pose.orientation, pose.placement, first, padding=padding)
        for plane in search.planes
    ]
    return recipes[0] if len(recipes) == 1 else min(recipes, key=search.glimpse)


def _padding(search: Search, pose: Pose) -> float:
    """White where what lies beside the image is as bright as its brightest, else black."""
    placement = pose.placement
    if not placement.is_padded:
        return 0.0
    outside = np.ones(placement.input, bool)
    outside[placement.inside] = False
    target = search.target if pose.correlation > 0.0 else -search.target
    return float(target[outside].mean() >= target[placement.inside].max() - 1e-9)


def attempt_planes(search: Search) -> None:
    """Try every plane of the image in place of that of the two best recipes."""
    for best in search.leading(2):
        for plane in search.planes:
            search.attempt(replace(best.recipe, plane=plane))


def planes_for(source: Source, channels: int, channel: int) -> tuple[str, ...]:
    """Which planes of an image one channel of a tensor can come from, the usual first."""
    if not source.is_colour:
        return (GRAY,)
    grays: tuple[str, ...] = ("luma", "luma-709", "mean")
    if source.is_bytes:
        grays = ("luma-bytes", *grays)
    if channels == 1:
        return (*grays, "R", "G", "B")
    own = {0: ("R", "B"), 1: ("G",), 2: ("B", "R")}[channel]
    return (*own, *grays)
