"""Contrast and scale as the two axes of a comparison, and which of them changed the class."""

from collections.abc import Iterable
from dataclasses import dataclass

from xray_app.cards import ModelCard, applicable, trained_scheme
from xray_app.core.normalization import CONTRASTS, SCALES, Scheme, scheme_grid
from xray_app.diagnosis.comparison import Comparison, ComparisonRow

# Answers that move less than this, whatever the contrast, say nothing of the image.
CONSTANT = 0.05


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
    """
    rows = scheme_grid(contrasts, scales)
    return Grid(tuple(tuple(applicable(card, row)) for row in rows), trained_scheme(card))


@dataclass(frozen=True, slots=True)
class ScaleEffect:
    """What one scale does, over all contrasts.

    Attributes:
        flips: cells whose class is another than as trained.
        spread: how far the probability of the first cell's class moves over the contrasts.
        is_constant: all cells give one class, within ``CONSTANT``: the contrast, and so the image,
            hardly matters.
    """

    scale: str
    cells: tuple[ComparisonRow, ...]
    flips: int
    spread: float
    is_constant: bool


def scale_effects(comparison: Comparison, grid: Grid) -> tuple[ScaleEffect, ...]:
    """One effect a column."""
    return tuple(_effect(comparison, column) for column in grid.columns)


def _effect(comparison: Comparison, column: tuple[Scheme, ...]) -> ScaleEffect:
    cells = tuple(comparison.row(scheme.name) for scheme in column)
    predictions = [comparison.passes[scheme.name].prediction for scheme in column]
    index = predictions[0].classes.index(predictions[0].predicted)
    values = [float(p.probabilities[index]) for p in predictions]
    spread = max(values) - min(values)
    one_class = len({cell.predicted for cell in cells}) == 1
    flips = sum(cell.flips for cell in cells)
    constant = one_class and spread < CONSTANT and len(cells) > 1
    return ScaleEffect(column[0].scale.name, cells, flips, spread, constant)
