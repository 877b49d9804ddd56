"""Making the plane that a pipeline would make, up to gain and offset."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xray_app.pipeline.steps.clahe import Tiles
from xray_app.pipeline.steps.contrast import (
    SCIKIT_IMAGE_CLAHE_BEFORE,
    ContrastStep,
    contrasted,
    local_curves,
    local_tiles,
)
from xray_app.pipeline.steps.images import Plane, Source
from xray_app.pipeline.steps.recipe import Recipe
from xray_app.pipeline.steps.resizing import Rows, resized, rounded, without_rounding
from xray_app.pipeline.steps.whole_image import WholeImage, keep

_KEPT = 16


@dataclass(frozen=True, slots=True, eq=False)
class Renderer:
    """Renders recipes of one image; keeps what it made last."""

    source: Source
    image: WholeImage
    _resized: dict[Recipe, Plane] = field(default_factory=dict)
    _after: dict[Recipe, Plane] = field(default_factory=dict)
    _tiles: dict[Any, Tiles] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source) -> "Renderer":
        """For one image."""
        return cls(source, WholeImage(source))

    def render(self, recipe: Recipe) -> Plane:
        """The plane (height, width) float32 of a recipe, from black 0 to white 1."""
        contrast = recipe.contrast
        if recipe in self._after:
            return self._after[recipe]
        plain = replace(recipe, contrast=recipe.first)
        plane = _placed(self._inside(plain), recipe, np.arange(recipe.placement.input[0]))
        if contrast.when != "after":
            return plane
        made = self._contrasted(plane, plain, contrast)
        keep(self._after, recipe, made, _KEPT)
        return made

    def _contrasted(self, plane: Plane, plain: Recipe, contrast: ContrastStep) -> Plane:
        if not contrast.is_local:
            return contrasted(plane, 1.0, contrast)
        key = plain, contrast.tiling
        if key not in self._tiles:
            keep(self._tiles, key, local_tiles(contrast, plane, 1.0))
        return local_curves(contrast, self._tiles[key]).whole()

    def some(self, recipe: Recipe, rows: NDArray[np.int64]) -> Plane:
        """Those rows of ``render`` alone, which cost less where the image is large.

        Args:
            recipe: what to render.
            rows: of the input, in ascending order.

        Returns:
            (len(rows), width) float32; after scikit-image's CLAHE up to a gain and an offset.
        """
        if recipe.contrast.when == "after":
            return self.render(recipe)[rows]
        bare = _bare(recipe)
        if bare in self._resized:
            first = recipe.placement.inside[0].start
            inside = _shown(recipe, rows)
            plane = rounded(self._resized[bare][inside - first], without_rounding(recipe)[1])
        else:
            is_beside = min(recipe.placement.part[:2]) < 0
            if bare.first == SCIKIT_IMAGE_CLAHE_BEFORE and (recipe.rounding or is_beside):
                self.image.whole(bare)  # rounding and padding need the gain
            plane = resized(self._rows(bare), bare, _shown(recipe, rows), is_rough=True)
            plane = rounded(plane, without_rounding(recipe)[1])
        return _placed(plane, recipe, rows)

    def _inside(self, recipe: Recipe) -> Plane:
        """All that shows the image, of a recipe without a contrast step after resizing."""
        bare = _bare(recipe)
        if bare not in self._resized:
            rows = recipe.placement.inside[0]
            if bare.first.is_local:  # so that its gain is known, whatever part is taken
                self.image.whole(bare)
            made = resized(self._rows(bare), bare, np.arange(rows.start, rows.stop))
            keep(self._resized, bare, made, _KEPT)
        return rounded(self._resized[bare], without_rounding(recipe)[1])

    def _rows(self, recipe: Recipe) -> Rows:
        return Rows(
            self.image.shape(recipe),
            lambda rows: self.image.rows(recipe, rows),
            lambda: self.image.bytes_of(recipe),
        )


def _bare(recipe: Recipe) -> Recipe:
    """The recipe without what comes behind resizing, so that what was resized serves many."""
    is_within = recipe.placement.part[0] < 0 or recipe.placement.part[1] < 0
    return replace(
        recipe,
        rounding=without_rounding(recipe)[0],
        padding=recipe.padding if is_within else 0.0,
    )


def _shown(recipe: Recipe, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of the input's rows that show the image."""
    inside = recipe.placement.inside[0]
    return np.asarray(rows[(rows >= inside.start) & (rows < inside.stop)])


def _placed(plane: Plane, recipe: Recipe, rows: NDArray[np.int64]) -> Plane:
    """Put what shows the image, in those rows, beside the padding."""
    placement = recipe.placement
    if not placement.is_padded:
        return plane
    whole = np.full((len(rows), placement.input[1]), recipe.padding, np.float32)
    inside = placement.inside[0]
    whole[(rows >= inside.start) & (rows < inside.stop), placement.inside[1]] = plane
    return whole
