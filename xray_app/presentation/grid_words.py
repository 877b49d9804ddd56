"""What a grid of contrasts and scales shows of one radiograph, in sentences and as a table."""

from collections.abc import Mapping, Sequence

from xray_app.core import Values, Verdict
from xray_app.core.normalization import SCALES
from xray_app.core.text import plain_table
from xray_app.diagnosis import Comparison, ComparisonRow, Grid, ScaleEffect, scale_effects

MARKS: dict[Verdict, str] = {"matches": "=", "contrast": "~", "mismatch": "x"}
LEGEND = (
    f"{MARKS['matches']} fits training, {MARKS['contrast']} same range with another contrast, "
    f"{MARKS['mismatch']} mismatch: that figure can't be relied on."
)


def grid_sentences(
    comparison: Comparison, grid: Grid, labels: Mapping[str, str], blanks: Mapping[str, Values]
) -> list[str]:
    """Say which axis changed the class, in how many cells, and where the image is not seen at all.

    Args:
        comparison: of all schemes of the grid.
        grid: at least the column of the training scale.
        labels: the classes' labels by name.
        blanks: what ``blank_answers`` gave for the model.
    """
    effects = scale_effects(comparison, grid, blanks)
    own = next((e for e in effects if e.scale == grid.trained.scale.name), None)
    others = [effect for effect in effects if effect is not own]
    sentences = [_contrast_sentence(comparison, own, labels)] if own else []
    return sentences + ([_scale_sentence(others, labels)] if others else [])


def _contrast_sentence(comparison: Comparison, own: ScaleEffect, labels: Mapping[str, str]) -> str:
    others = [cell for cell in own.cells if cell.scheme != comparison.trained_scheme]
    flips = [cell for cell in others if cell.flips]
    trained = comparison.trained.prediction
    before = f"{labels[trained.predicted]} {trained.top_probability:.2f}"
    where = f"Contrast: at the model's own scale ({SCALES[own.scale].label.lower()})"
    if not others:
        return f"{where} only the training contrast was asked for: {before}."
    if not flips:
        moved = max((abs(cell.probability_change) for cell in others), default=0.0)
        return (
            f"{where} none of {len(others)} other contrasts changes the class, {before}; its "
            f"probability moves by {moved:.2f} at most."
        )
    turned = ", ".join(f"{labels[cell.predicted]} under `{cell.scheme}`" for cell in flips)
    return (
        f"{where} {len(flips)} of {len(others)} other contrasts change{'s' * (len(flips) == 1)} "
        f"the class: {before} as trained, {turned}."
    )


def _scale_sentence(others: Sequence[ScaleEffect], labels: Mapping[str, str]) -> str:
    blind = [effect for effect in others if effect.is_blind]
    seeing = [effect for effect in others if not effect.is_blind]
    parts = []
    if blind:
        classes = list(dict.fromkeys(labels[e.cells[0].predicted] for e in blind))
        apart = max(effect.sees for effect in blind)
        parts.append(
            f"under {_named(blind)} the answer is {' or '.join(classes)} whatever the image: a "
            f"blank one gets the same, within {apart:.2f}"
        )
    parts += [
        f"under {_named([effect])} the image counts, and {effect.flips} of {len(effect.cells)} "
        f"cells ha{'s' if effect.flips == 1 else 've'} another class"
        for effect in seeing
    ]
    return f"Scale: of {len(others)} others, {'; '.join(parts)}."


def _named(effects: Sequence[ScaleEffect]) -> str:
    return ", ".join(f"`{effect.scale}`" for effect in effects)


def grid_text(comparison: Comparison, grid: Grid, labels: Mapping[str, str]) -> str:
    """The grid for a terminal: contrasts down, scales across."""
    lines = [["contrast", *(_heading(grid, column[0].scale.name) for column in grid.columns)]]
    for row in grid.rows:
        cells = (_cell_text(comparison.row(scheme.name), comparison, labels) for scheme in row)
        lines.append([row[0].contrast.name, *cells])
    return plain_table(lines)


def _heading(grid: Grid, scale: str) -> str:
    return f"{scale} (own)" if scale == grid.trained.scale.name else scale


def _cell_text(row: ComparisonRow, comparison: Comparison, labels: Mapping[str, str]) -> str:
    top = comparison.passes[row.scheme].prediction.top_probability
    return f"{MARKS[row.verdict]} {short_label(row.predicted, labels).lower()} {top:.2f}"


def short_label(name: str, labels: Mapping[str, str]) -> str:
    """The first word of a class's label, where that is enough to tell it from the others."""
    firsts = [label.split()[0] for label in labels.values()]
    first = labels[name].split()[0]
    return first if firsts.count(first) == 1 else labels[name]
