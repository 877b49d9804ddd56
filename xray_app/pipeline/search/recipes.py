"""The search for a recipe: placement, kernel, contrast, rounding, in that order.

Each step keeps what explains most and hands it to the next; it stops as soon as a recipe leaves
nothing but rounding.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from xray_app.pipeline.search.bench import EXACT, EXPLAINED, Search
from xray_app.pipeline.search.coarse import Pose, poses
from xray_app.pipeline.search.contrasts import attempt_contrasts, attempt_whole_clahe
from xray_app.pipeline.search.fitting import rank_correlation
from xray_app.pipeline.search.refining import refined_curves
from xray_app.pipeline.search.variants import (
    BEST,
    attempt_best,
    attempt_planes,
    best_plane,
    possible_roundings,
    with_kernels,
)
from xray_app.pipeline.steps.contrast import NO_CONTRAST
from xray_app.pipeline.steps.images import DEPTHS
from xray_app.pipeline.steps.placement import FITS, place
from xray_app.pipeline.steps.recipe import Recipe
from xray_app.pipeline.steps.sampling import SAMPLINGS

_POSES = 5
_SIZES = 4
_TIMES = 20.0  # how much less sure than the best pose another may be
_BASES = 3
_FARTHER = 5.0  # times the best's residual, beyond which a pose is given up
_WORSE = 0.003  # by how much a crop may correlate less and still be looked at closely


def searched(search: Search) -> Search:
    """Try everything, step by step, until a recipe leaves nothing but rounding."""
    found = list(_first_poses(search))
    for step in (
        _kernels,
        _zooms,
        _roundings,
        attempt_contrasts,
        _paddings,
        _roundings,
        attempt_whole_clahe,
    ):
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
    first, *rest = (best_plane(search, pose) for pose in found)
    search.attempt(first)
    if search.is_done:
        return
    near = _FARTHER * search.glimpse(first)
    close = [base for base in sorted(rest, key=search.glimpse) if search.glimpse(base) <= near]
    for base in (first, *close[: _BASES - 1]):
        if not search.is_done:
            attempt_best(search, with_kernels(base), 3)
    attempt_planes(search)
    for depth in _depths(search)[1:]:
        for best in search.leading(2):
            if not search.is_done:
                search.attempt(replace(best.recipe, depth=depth))


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
        attempt_best(search, (each for _, size in sizes for each in with_kernels(size)))
    attempt_planes(search)


def _around(search: Search, base: Recipe) -> Iterator[tuple[float, Recipe]]:
    """Neighbouring sizes, each with the absolute rank correlation near the upper edge.

    There a size that is off by one moves the image most.
    """
    shape = search.renderer.image.shape(base)
    height = search.target.shape[0]
    rows = np.arange(height // 20, min(height, max(8, height // 8)))
    near, reach = int(base.placement.number), max(4, round(0.04 * base.placement.number))
    for size in range(near - reach, near + reach + 1):
        placement = place(FITS[base.placement.fit], shape, search.target.shape, float(size))
        if placement is not None:
            recipe = replace(base, placement=placement)
            plane = search.renderer.some(recipe, rows)
            score = rank_correlation(plane.ravel().astype(np.float64), search.target[rows].ravel())
            yield abs(score), recipe


def _roundings(search: Search, _: list[Pose]) -> None:
    """What resizing did to its results, for the best recipes."""
    is_clahe = search.best.recipe.contrast.is_local  # which hides that there were bytes
    quantised = search.is_quantised or (is_clahe and search.renderer.source.is_bytes)
    if search.is_hopeless or (search.is_done and not quantised):
        return
    for each in search.leading(BEST):
        for rounding in possible_roundings(each.recipe, quantised):
            search.attempt(replace(each.recipe, rounding=rounding))
    best = search.best.recipe
    if best.rounding and best.contrast.numbers and not search.is_done:
        for again in refined_curves(search, replace(best, contrast=NO_CONTRAST)):
            search.attempt(again)


def _paddings(search: Search, _: list[Pose]) -> None:
    """White beside the image, where the padding takes part in what follows."""
    for each in search.leading(BEST):
        placement = each.recipe.placement
        if placement.is_padded or placement.fit == "square-first":
            search.attempt(replace(each.recipe, padding=1.0))


def _rivals(search: Search, found: list[Pose]) -> None:
    """What else could fit as well as the best: other poses, kernels, and order of steps."""
    if search.is_hopeless:
        return
    best = search.best.recipe
    for pose in found:
        search.attempt(replace(best, orientation=pose.orientation, placement=pose.placement))
    contrast = best.contrast
    if contrast.is_local:  # takes its time, and is the same for no two kernels
        return
    if contrast.when:
        other = "before" if contrast.when == "after" else "after"
        search.attempt(replace(best, contrast=replace(contrast, when=other)))
    near = 2.0 * search.glimpse(best) + EXACT
    for recipe in with_kernels(best):
        if recipe not in search.tried and search.glimpse(recipe) <= near:
            search.attempt(recipe)
