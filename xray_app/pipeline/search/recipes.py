"""The search for a recipe: placement, kernel, contrast, rounding, in that order.

Each step keeps what explains most and hands it to the next; it stops as soon as a recipe leaves
nothing but rounding.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from xray_app.pipeline.search.bench import EXACT, EXPLAINED, Search
from xray_app.pipeline.search.coarse import Pose, poses
from xray_app.pipeline.search.fitting import rank_correlation, roughness
from xray_app.pipeline.search.refining import refined_curves
from xray_app.pipeline.steps.contrast import NO_CONTRAST, TRIED, ContrastStep
from xray_app.pipeline.steps.images import DEPTHS, GRAY, Source
from xray_app.pipeline.steps.placement import FITS, place
from xray_app.pipeline.steps.rendering import Recipe
from xray_app.pipeline.steps.sampling import SAMPLINGS, is_same_nearest

_PILLOW = ("bilinear-antialiased", "bicubic-antialiased", "lanczos-antialiased")
_POSES = 5
_SIZES = 4
_ALIKE = 1.5
_TIMES = 20.0  # how much less sure than the best pose another may be
_BASES = 3
_CUT = 0.3  # times what the whole depth leaves, below which a cut one is believed
_FARTHER = 5.0  # times the best's residual, beyond which a pose is given up
_BEST = 4
_LIKELY = 3
_WORSE = 0.003  # by how much a crop may correlate less and still be looked at closely


def searched(search: Search) -> Search:
    """Try everything, step by step, until a recipe leaves nothing but rounding."""
    found = list(_first_poses(search))
    for step in (_kernels, _zooms, _roundings, _contrasts, _paddings, _roundings, _last):
        if search.is_done:
            break
        step(search, found)
    _roundings(search, found)
    _rivals(search, found)
    return search


def _first_poses(search: Search) -> Iterator[Pose]:
    plane, white = search.renderer.source.plane(search.planes[0])
    image = np.asarray(plane, np.float32) / np.float32(white)
    ordered = poses(image, search.target)
    best = abs(ordered[0].correlation)
    least = best - _WORSE - _TIMES * (1.0 - best)
    yield from (pose for pose in ordered[:_POSES] if abs(pose.correlation) >= least)


def _depths(search: Search) -> tuple[str, ...]:
    return ("", *DEPTHS) if search.renderer.source.is_deep else ("",)


def _kernels(search: Search, found: list[Pose]) -> None:
    """The poses with one kernel and every plane, the best of them with all kernels."""
    first, *rest = (_best_plane(search, pose) for pose in found)
    search.attempt(first)
    if search.is_done:
        return
    near = _FARTHER * search.glimpse(first)
    close = [base for base in sorted(rest, key=search.glimpse) if search.glimpse(base) <= near]
    for base in (first, *close[: _BASES - 1]):
        if not search.is_done:
            _attempt_best(search, _with_kernels(base), 3)
    _planes(search)
    for depth in _depths(search)[1:]:
        for best in search.leading(2):
            if not search.is_done:
                search.attempt(replace(best.recipe, depth=depth))


def _planes(search: Search) -> None:
    for best in search.leading(2):
        for plane in search.planes:
            search.attempt(replace(best.recipe, plane=plane))


def _padding(search: Search, pose: Pose) -> float:
    """White where what lies beside the image is as bright as its brightest, else black."""
    placement = pose.placement
    if not placement.is_padded:
        return 0.0
    outside = np.ones(placement.input, bool)
    outside[placement.inside] = False
    target = search.target if pose.correlation > 0.0 else -search.target
    return float(target[outside].mean() >= target[placement.inside].max() - 1e-9)


def _best_plane(search: Search, pose: Pose) -> Recipe:
    first, padding = next(iter(SAMPLINGS)), _padding(search, pose)
    recipes = [
        Recipe(plane, "", pose.orientation, pose.placement, first, padding=padding)
        for plane in search.planes
    ]
    return recipes[0] if len(recipes) == 1 else min(recipes, key=search.glimpse)


def _attempt_best(search: Search, recipes: Iterable[Recipe], count: int = _BEST) -> None:
    """Those that leave least in a band; more of them where that does not tell them apart."""
    left = {recipe: search.glimpse(recipe) for recipe in recipes}
    near = _ALIKE * min(left.values(), default=0.0) + EXACT
    alike = [recipe for recipe in left if left[recipe] <= near]
    best = sorted(left, key=lambda recipe: left[recipe])[:count]
    for recipe in dict.fromkeys((*alike[: 2 * _BEST], *best)):
        search.attempt(recipe)


def _with_kernels(recipe: Recipe) -> Iterator[Recipe]:
    placement = recipe.placement
    kernels = list(SAMPLINGS) if placement.is_resized else list(SAMPLINGS)[:1]
    if all(map(is_same_nearest, placement.part[2:], placement.size)) and len(kernels) > 1:
        kernels.remove("nearest-pillow")
    for name in kernels:
        plain = replace(recipe, sampling=name, rounding="")
        may_round = recipe.rounding in _possible(plain, is_quantised=True)
        yield replace(plain, rounding=recipe.rounding) if may_round else plain


def _zooms(search: Search, found: list[Pose]) -> None:
    """Sizes before the crop one by one, around the best; then all kernels for the best size."""
    near = abs(found[0].correlation) - _WORSE
    cropped = [
        pose
        for pose in found
        if pose.placement.fit in ("resize-crop", "stretch-crop") and abs(pose.correlation) >= near
    ]
    if not cropped or search.best.line.largest < EXPLAINED:
        return
    recipe = search.best.recipe
    for fit in sorted({pose.placement.fit for pose in cropped}):
        pose = next(pose for pose in cropped if pose.placement.fit == fit)
        base = Recipe(
            recipe.plane, recipe.depth, pose.orientation, pose.placement, next(iter(SAMPLINGS))
        )
        sizes = sorted(_around(search, base), key=lambda each: -each[0])[:_SIZES]
        _attempt_best(search, (each for _, size in sizes for each in _with_kernels(size)))
    _planes(search)


def _around(search: Search, base: Recipe) -> Iterator[tuple[float, Recipe]]:
    """Neighbouring sizes, each with the absolute rank correlation near the upper edge.

    There a size that is off by one moves the image most.
    """
    shape = search.renderer.shape(base)
    rows = slice(search.target.shape[0] // 20, max(8, search.target.shape[0] // 8))
    near, reach = int(base.placement.number), max(4, round(0.04 * base.placement.number))
    for size in range(near - reach, near + reach + 1):
        placement = place(FITS[base.placement.fit], shape, search.target.shape, float(size))
        if placement is not None:
            recipe = replace(base, placement=placement)
            plane = search.renderer.band(recipe, rows)
            score = rank_correlation(plane.ravel().astype(np.float64), search.target[rows].ravel())
            yield abs(score), recipe


def _roundings(search: Search, _: list[Pose]) -> None:
    """What resizing did to its results, for the best recipes."""
    is_clahe = search.best.recipe.contrast.name == "clahe"  # which hides that there were bytes
    quantised = search.is_quantised or (is_clahe and search.renderer.source.is_bytes)
    if search.is_done and not quantised:
        return
    for each in search.leading(_BEST):
        for rounding in _possible(each.recipe, quantised):
            search.attempt(replace(each.recipe, rounding=rounding))
    best = search.best.recipe
    if best.rounding and best.contrast.numbers and not search.is_done:
        for again in refined_curves(search, replace(best, contrast=NO_CONTRAST)):
            search.attempt(again)


def _possible(recipe: Recipe, is_quantised: bool) -> Iterator[str]:
    if not recipe.placement.is_resized or recipe.sampling.startswith("nearest"):
        return  # nothing is computed that could be rounded
    yield "clipped"
    if is_quantised:
        yield from ("round", "floor")
    if is_quantised and recipe.sampling in _PILLOW:
        yield "pillow"
    if is_quantised and recipe.sampling == "bilinear":
        yield "opencv"


def _contrasts(search: Search, found: list[Pose]) -> None:
    """Every contrast after and before resizing, with the kernels that fit best as functions."""
    likely = _likely(search, found[0])
    for steps in (_after, _before, _refined):
        for recipe in likely:
            if not search.is_done:
                steps(search, recipe)
        _polish(search)


def _polish(search: Search) -> None:
    """Other kernels for the best contrast, then other contrasts like it for the best kernel."""
    best = search.best.recipe
    if search.is_done or best.contrast.name == "none":
        return
    _attempt_best(search, _with_kernels(best))
    best = search.best.recipe
    if not search.is_done and best.contrast.when:
        _attempt_best(
            search,
            (replace(best, contrast=replace(step, when=best.contrast.when)) for step in TRIED),
        )


def _after(search: Search, recipe: Recipe) -> None:
    for step in (*TRIED, ContrastStep("clahe")):
        if not search.is_done:
            search.attempt(replace(recipe, contrast=replace(step, when="after")))


def _before(search: Search, recipe: Recipe) -> None:
    """Looked at in a band; the best few in whole."""
    recipes = [replace(recipe, contrast=replace(step, when="before")) for step in TRIED]
    _attempt_best(search, recipes, 2)


def _refined(search: Search, recipe: Recipe) -> None:
    for each in refined_curves(search, recipe):
        search.attempt(each)


def _likely(search: Search, first: Pose) -> list[Recipe]:
    """The plain recipes of whose plane the tensor is most nearly a function."""
    plain_found = [each for each in search.tried.values() if each.recipe.contrast.name == "none"]
    whole = min(each.rms for each in plain_found if not each.recipe.depth)
    bases = {
        replace(each.recipe, sampling="", rounding="")
        for each in plain_found
        if not each.recipe.depth or each.rms < _CUT * whole
    }
    plain = [recipe for base in bases for recipe in _with_kernels(base)]
    if search.is_quantised:
        plain += [
            replace(recipe, rounding=rounding)
            for recipe in plain
            for rounding in _possible(recipe, is_quantised=True)
            if rounding in ("round", "pillow", "opencv")
        ]
    rough = {recipe: roughness(*search.in_band(recipe)) for recipe in plain}
    ordered = sorted(plain, key=lambda recipe: rough[recipe])
    posed = [recipe for recipe in ordered if recipe.placement == first.placement]
    return list(dict.fromkeys([*ordered[: _LIKELY - 1], *posed[:1], *ordered]))[:_LIKELY]


def _paddings(search: Search, _: list[Pose]) -> None:
    """White beside the image, where the padding takes part in what follows."""
    for each in search.leading(_BEST):
        placement = each.recipe.placement
        if placement.is_padded or placement.fit == "square-first":
            search.attempt(replace(each.recipe, padding=1.0))


def _last(search: Search, found: list[Pose]) -> None:
    """CLAHE of the whole image, which takes seconds where it is large."""
    step = ContrastStep("clahe", (), "before")
    first = replace(_best_plane(search, found[0]), contrast=step)
    _attempt_best(search, _with_kernels(first), 2)
    if not search.renderer.source.is_large:
        for recipe in _likely(search, found[0]):
            if not search.is_done:
                search.attempt(replace(recipe, contrast=step))
    best = search.best.recipe
    if search.is_done or best.contrast.name != "clahe":
        return
    posed = [replace(best, orientation=p.orientation, placement=p.placement) for p in found[:3]]
    for base in dict.fromkeys((best, *posed)):
        _attempt_best(search, _with_kernels(base))
    _sizes_again(search)


def _sizes_again(search: Search) -> None:
    """Sizes before the crop around the best, now that its contrast is known."""
    best = search.best.recipe
    if search.is_done or best.placement.fit not in ("resize-crop", "stretch-crop"):
        return
    shape, fit = search.renderer.shape(best), FITS[best.placement.fit]
    for step in range(-_SIZES, _SIZES + 1):
        placement = place(fit, shape, search.target.shape, best.placement.number + step)
        if placement is not None:
            search.attempt(replace(best, placement=placement))
    _attempt_best(search, _with_kernels(search.best.recipe))


def _rivals(search: Search, found: list[Pose]) -> None:
    """What else could fit as well as the best: other poses, kernels, and order of steps."""
    best = search.best.recipe
    for pose in found:
        search.attempt(replace(best, orientation=pose.orientation, placement=pose.placement))
    contrast = best.contrast
    if contrast.name == "clahe":  # takes its time, and is the same for no two kernels
        return
    if contrast.when:
        other = "before" if contrast.when == "after" else "after"
        search.attempt(replace(best, contrast=replace(contrast, when=other)))
    near = 2.0 * search.glimpse(best) + EXACT
    for recipe in _with_kernels(best):
        if recipe not in search.tried and search.glimpse(recipe) <= near:
            search.attempt(recipe)


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
