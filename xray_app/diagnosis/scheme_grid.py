"""Contrast and scale as the two axes of a comparison, and which of them changed the class."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from xray_app.cards import (
    ModelCard,
    applicable,
    model_inputs_under,
    named_schemes,
    trained_scheme,
)
from xray_app.core import Values
from xray_app.core.normalization import CONTRASTS, SCALES, Scheme, paired, scheme_grid
from xray_app.diagnosis.comparison import Comparison, ComparisonRow
from xray_app.diagnosis.prediction import calibrate_logits
from xray_app.engines import Engine

# An answer that differs by less from a blank image's says nothing of the image.
BLIND = 0.05


@dataclass(frozen=True, slots=True)
class Grid:
    """Schemes by contrast (rows) and scale (columns), as far as the model has figures for them.

    Attributes:
        trained: the scheme that the model was trained with.
    """

    rows: tuple[tuple[Scheme, ...], ...]
    trained: Scheme

    @property
    def names(self) -> tuple[str, ...]:
        """All schemes, row by row."""
        return tuple(scheme.name for row in self.rows for scheme in row)

    @property
    def columns(self) -> tuple[tuple[Scheme, ...], ...]:
        """The same, scale by scale."""
        return tuple(zip(*self.rows, strict=True))


def grid_for(
    card: ModelCard,
    contrasts: Iterable[str] = tuple(CONTRASTS),
    scales: Iterable[str] = tuple(SCALES),
) -> Grid:
    """The grid of a model; a scale whose statistics its card lacks is left out.

    Raises:
        UnknownChoice: a step that does not exist.
        InputError: no scale is left.
    """
    rows = scheme_grid(contrasts, scales)
    fed = tuple(tuple(applicable(card, row)) for row in rows)
    if rows and not fed[0]:
        named_schemes(card, [scheme.name for scheme in rows[0]])
    return Grid(fed, trained_scheme(card))


@dataclass(frozen=True, slots=True)
class ScaleEffect:
    """What one scale does, over all contrasts.

    Attributes:
        flips: cells whose class is another than as trained.
        sees: the largest difference of a probability between a cell and a blank image, over all
            cells, blanks and classes; small where the answer does not depend on the image.
    """

    scale: str
    cells: tuple[ComparisonRow, ...]
    flips: int
    sees: float

    @property
    def is_blind(self) -> bool:
        """Whether black, gray and white images get the same answer as this one."""
        return self.sees < BLIND


def blank_answers(engine: Engine, grid: Grid) -> dict[str, Values]:
    """What the model says of images without any content, by scale; the same for every image.

    Returns:
        (3, K) float64 for a black, a gray and a white image under that scale.

    Raises:
        EngineError: the model failed.
    """
    size = engine.card.input
    scales = [column[0].scale.name for column in grid.columns]
    blanks = [np.full((size.height, size.width), gray, np.float32) for gray in (0.0, 0.5, 1.0)]
    schemes = [paired("none", scale) for scale in scales]
    inputs = [each for blank in blanks for each in model_inputs_under(engine.card, blank, schemes)]
    logits = engine.forward(np.stack([each.array for each in inputs])).logits
    probabilities = np.asarray(calibrate_logits(engine.card, logits), np.float64)
    by_scale = probabilities.reshape(len(blanks), len(scales), -1).swapaxes(0, 1)
    return dict(zip(scales, by_scale, strict=True))


def scale_effects(
    comparison: Comparison, grid: Grid, blanks: Mapping[str, Values]
) -> tuple[ScaleEffect, ...]:
    """One effect a column.

    Args:
        comparison: of all schemes of the grid.
        grid: what was compared.
        blanks: what ``blank_answers`` gave for the model.
    """
    return tuple(_effect(comparison, column, blanks) for column in grid.columns)


def _effect(
    comparison: Comparison, column: tuple[Scheme, ...], blanks: Mapping[str, Values]
) -> ScaleEffect:
    scale = column[0].scale.name
    cells = tuple(comparison.row(scheme.name) for scheme in column)
    shown = np.stack([comparison.passes[s.name].prediction.probabilities for s in column])
    apart = float(np.abs(shown[:, np.newaxis] - blanks[scale]).max())
    return ScaleEffect(scale, cells, sum(cell.flips for cell in cells), apart)
