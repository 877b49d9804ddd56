"""One plane of a tensor, every recipe that was tried on it, and what each leaves."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from xray_app.pipeline.search.fitting import Line, Values, fit_line, roughness
from xray_app.pipeline.steps.recipe import Recipe
from xray_app.pipeline.steps.rendering import Renderer

EXPLAINED = 1e-3  # largest difference, as a fraction of the tensor's range
EXACT = 2e-5  # root mean square below which no other recipe is tried
_BINS = 2e-4  # the same where rounding can move a pixel from one bin to the next
_LEVELS = 300  # no more different values: rounded to bytes somewhere
_HOPELESS = 0.05
_LEADING = 4
_ROWS = 64  # about so many of the tensor's rows tell what a recipe leaves
_BAND = 16


@dataclass(frozen=True, slots=True)
class Found:
    """A recipe, and the line that its plane needs to become the tensor's."""

    recipe: Recipe
    line: Line

    @property
    def rms(self) -> float:
        """Root mean square of the residual, as a fraction of the tensor's range."""
        return self.line.rms


@dataclass(slots=True, eq=False)
class Search:
    """Everything that was tried on one plane of a tensor.

    Attributes:
        renderer: of the image.
        target: (height, width), one channel of the tensor.
        planes: which planes of the image that channel can come from.
        floor: root mean square that the tensor's own type leaves, as a fraction of its range.
    """

    renderer: Renderer
    target: Values
    planes: tuple[str, ...]
    floor: float
    tried: dict[Recipe, Found] = field(default_factory=dict)
    _roughness: dict[Recipe, float] = field(default_factory=dict)
    _bands: dict[Recipe, tuple[Values, Values]] = field(default_factory=dict)

    @property
    def best(self) -> Found:
        """The recipe that leaves least."""
        return min(self.tried.values(), key=lambda found: found.rms)

    @property
    def is_done(self) -> bool:
        """Whether a recipe leaves nothing but rounding in the tensor's type."""
        if not self.tried:
            return False
        best = self.best
        exact = _BINS if best.recipe.contrast.uses_bins else EXACT
        return best.rms <= max(exact, 1.2 * self.floor)

    def attempt(self, recipe: Recipe) -> Found:
        """Render, fit and remember."""
        if recipe not in self.tried:
            self.tried[recipe] = Found(recipe, fit_line(*self.in_sample(recipe)))
        return self.tried[recipe]

    def leaves(self, recipe: Recipe) -> float:
        """What a recipe leaves, root mean square; it is not remembered as tried."""
        return fit_line(*self.in_sample(recipe)).rms

    def in_sample(self, recipe: Recipe) -> tuple[Values, Values]:
        """The plane's values in rows all over the tensor that show the image, and the tensor's."""
        rows = recipe.placement.inside[0]
        step = max(1, (rows.stop - rows.start) // _ROWS)
        return self._in(recipe, np.arange(rows.start + step // 2, rows.stop, step))

    def ends(self, recipe: Recipe) -> tuple[float, float]:
        """Lowest and highest value of the tensor where it shows the image."""
        inside = self.target[recipe.placement.inside]
        return float(inside.min()), float(inside.max())

    def _in(self, recipe: Recipe, rows: NDArray[np.int64]) -> tuple[Values, Values]:
        columns = recipe.placement.inside[1]
        plane = self.renderer.some(recipe, rows)[:, columns]
        return plane.ravel().astype(np.float64), self.target[rows, columns].ravel()

    def glimpse(self, recipe: Recipe) -> float:
        """What a recipe leaves in a band of the tensor, root mean square."""
        x, y = self.in_band(recipe)
        return fit_line(x, y).rms

    def in_band(self, recipe: Recipe) -> tuple[Values, Values]:
        """The plane's values in a band of the tensor that shows the image, and the tensor's."""
        if recipe not in self._bands:
            self._bands[recipe] = self._in_band(recipe)
        return self._bands[recipe]

    def _in_band(self, recipe: Recipe) -> tuple[Values, Values]:
        rows = recipe.placement.inside[0]
        count = rows.stop - rows.start
        first = rows.start + count // 5  # off the middle, where a wrong zoom shows
        return self._in(recipe, np.arange(first, min(rows.stop, first + _BAND)))

    def roughness(self, recipe: Recipe) -> float:
        """How far the tensor is from a function of the recipe's plane, in a band."""
        if recipe not in self._roughness:
            self._roughness[recipe] = roughness(*self.in_band(recipe))
        return self._roughness[recipe]

    @property
    def is_hopeless(self) -> bool:
        """Whether the best leaves more than rounding, or another kernel, could explain."""
        return self.best.rms > _HOPELESS

    @property
    def is_quantised(self) -> bool:
        """Whether the tensor has so few values that resizing may have rounded to bytes."""
        bytes_went_in = self.renderer.source.is_bytes or any(
            each.recipe.depth for each in self.leading(_LEADING)
        )
        return bytes_went_in and len(np.unique(self.target)) <= _LEVELS

    def leading(self, count: int) -> list[Found]:
        """The best recipes so far."""
        return sorted(self.tried.values(), key=lambda found: found.rms)[:count]
