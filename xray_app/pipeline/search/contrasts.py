"""The search for a contrast step: after and before resizing, then CLAHE of the whole image."""

from collections.abc import Iterable
from dataclasses import replace

from xray_app.pipeline.search.bench import Search
from xray_app.pipeline.search.coarse import Pose
from xray_app.pipeline.search.refining import refined_curves
from xray_app.pipeline.search.variants import (
    attempt_best,
    best_plane,
    possible_roundings,
    with_kernels,
)
from xray_app.pipeline.steps.contrast import OPENCV_CLAHES, SCIKIT_IMAGE_CLAHE_BEFORE, TRIED
from xray_app.pipeline.steps.recipe import Recipe

_CUT = 0.3  # times what the whole depth leaves, below which a cut one is believed
_LIKELY = 3
_NEAR = 1.5  # times what the best leaves, beyond which another pose is not looked at closely
# Roughness beyond which the tensor is no function of the plane's values, so that no curve explains
# it; where a curve did, it was below 0.04 (130 random pipelines).
_NO_FUNCTION = 0.2
_NO_RELATION = 0.9  # of noise it is 1


def attempt_contrasts(search: Search, found: list[Pose]) -> None:
    """Every contrast after and before resizing, with the kernels that fit best as functions."""
    likely = _likely(search, found[0])
    rough = min(search.roughness(recipe) for recipe in likely)
    if rough > _NO_RELATION:
        return
    curves = (_after, _before, _refined)
    for steps in (_local,) if rough > _NO_FUNCTION else curves:
        for recipe in likely:
            if not search.is_done:
                steps(search, recipe)
        _polish(search)


def _polish(search: Search) -> None:
    """Other kernels for the best contrast, then other contrasts like it for the best kernel."""
    best = search.best.recipe
    if search.is_done or search.is_hopeless or best.contrast.name == "none":
        return
    attempt_best(search, with_kernels(best))
    best = search.best.recipe
    if not search.is_done and not (best.contrast.is_local or best.contrast.name == "none"):
        attempt_best(
            search,
            (replace(best, contrast=replace(step, when=best.contrast.when)) for step in TRIED),
        )


def _after(search: Search, recipe: Recipe) -> None:
    for step in TRIED:
        if not search.is_done:
            search.attempt(replace(recipe, contrast=replace(step, when="after")))
    if not search.is_done:
        _local(search, recipe)


def _local(search: Search, recipe: Recipe) -> None:
    search.attempt(replace(recipe, contrast=replace(SCIKIT_IMAGE_CLAHE_BEFORE, when="after")))
    if search.is_quantised and not search.is_done:  # OpenCV's is of bytes
        steps = (replace(step, when="after") for step in OPENCV_CLAHES)
        attempt_best(search, (replace(recipe, contrast=step) for step in steps), 1)


def _before(search: Search, recipe: Recipe) -> None:
    """Looked at in a band; the best few in whole."""
    recipes = [replace(recipe, contrast=replace(step, when="before")) for step in TRIED]
    attempt_best(search, recipes, 2)


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
    plain = [recipe for base in bases for recipe in with_kernels(base)]
    if search.is_quantised:
        plain += [
            replace(recipe, rounding=rounding)
            for recipe in plain
            for rounding in possible_roundings(recipe, is_quantised=True)
            if rounding in ("round", "pillow", "opencv")
        ]
    rough = {recipe: search.roughness(recipe) for recipe in plain}
    ordered = sorted(plain, key=lambda recipe: rough[recipe])
    posed = [recipe for recipe in ordered if recipe.placement == first.placement]
    return list(dict.fromkeys([*ordered[: _LIKELY - 1], *posed[:1], *ordered]))[:_LIKELY]


def attempt_whole_clahe(search: Search, found: list[Pose]) -> None:
    """CLAHE of the whole image, which takes seconds where it is large."""
    likely = _likely(search, found[0])
    if min(map(search.roughness, likely)) > _NO_RELATION:
        return
    step = SCIKIT_IMAGE_CLAHE_BEFORE
    first = replace(best_plane(search, found[0]), contrast=step)
    usual = (first, *(replace(first, sampling=recipe.sampling) for recipe in likely))
    if _promising(search, usual):
        attempt_best(search, _promising(search, with_kernels(first)), 2)
    if not search.renderer.source.is_large:
        for recipe in likely:
            if not search.is_done:
                search.attempt(replace(recipe, contrast=step))
    if search.renderer.source.is_bytes and not search.is_done:
        steps = [replace(step, when="before") for step in OPENCV_CLAHES]
        unrounded = dict.fromkeys(replace(recipe, rounding="") for recipe in likely)
        of_bytes = [
            replace(recipe, contrast=step) for recipe in list(unrounded)[:2] for step in steps
        ]
        attempt_best(search, _promising(search, of_bytes), 2)
    best = search.best.recipe
    if search.is_done or not best.contrast.is_local:
        return
    attempt_best(search, with_kernels(best))
    near = _NEAR * search.glimpse(best)
    posed = [replace(best, orientation=p.orientation, placement=p.placement) for p in found[:3]]
    for base in dict.fromkeys(posed):
        if base != best and search.glimpse(base) <= near:
            attempt_best(search, with_kernels(base))


def _promising(search: Search, recipes: Iterable[Recipe]) -> list[Recipe]:
    """Those that leave less in a band than the best so far, before the whole is made of them."""
    most = search.glimpse(search.best.recipe)
    return [recipe for recipe in recipes if search.glimpse(recipe) < most]
