"""Every contrast at every scale in one view: a button a cell, which opens it below."""

import re
from collections.abc import Callable

import streamlit as st

from xray_app.cards import ModelCard
from xray_app.core.normalization import CONTRASTS, SCALES, Scheme
from xray_app.diagnosis import Comparison, Grid
from xray_app.presentation import short_label
from xray_app.ui.words import VERDICT_ICONS, plain

_OPEN, _STAR = "opened_cell", ":material/star: "

# A cell's colour is its verdict, which its icon tells as well. The grid scrolls before a cell cuts
# its figure.
_STYLE = """<style>
.st-key-scheme_grid [data-testid="stHorizontalBlock"] { flex-wrap: nowrap; gap: 0.25rem; }
.st-key-scheme_grid [data-testid="stColumn"] { min-width: 7rem; flex: 1 1 7rem; }
.st-key-scheme_grid { overflow-x: auto; gap: 0.25rem; }
.st-key-scheme_grid button { min-height: 2.9rem; padding: 0.1rem 0.25rem; width: 100%; }
.st-key-scheme_grid button p { font-size: 0.8rem; line-height: 1.15; }
.st-key-scheme_grid button, .st-key-scheme_grid button p, .st-key-scheme_grid button span {
    color: light-dark(#0B131A, #E6ECF0) !important;
}
[class*="st-key-cell_matches"] button { background: light-dark(#DDF3E4, #17402A) !important; }
[class*="st-key-cell_contrast"] button { background: light-dark(#FDEFD5, #4A3510) !important; }
[class*="st-key-cell_mismatch"] button { background: light-dark(#F3E3E3, #3D2323) !important; }
OPENED button { outline: 3px solid light-dark(#0B6690, #5FB6E0) !important; outline-offset: -2px; }
</style>"""


def show_grid(card: ModelCard, comparison: Comparison, grid: Grid, chosen: str) -> str:
    """Draw the grid.

    Args:
        card: the model's.
        comparison: of all schemes of the grid.
        grid: what is drawn.
        chosen: the scheme whose cell is open before a visitor opened one.

    Returns:
        The scheme whose cell is open.
    """
    opened: str = st.session_state.get(_OPEN, chosen)
    if opened not in grid.names:
        opened = grid.trained.name if grid.trained.name in grid.names else grid.names[0]
    # By style, not by type: a button of another type would be drawn anew and lose the focus.
    st.html(_STYLE.replace("OPENED", f".{_class_of(_key(comparison, opened))}"))
    with st.container(key="scheme_grid"):
        _heading(grid)
        for row in grid.rows:
            name, *places = st.columns(1 + len(row), vertical_alignment="center")
            contrast = row[0].contrast.name
            star = _STAR if contrast == grid.trained.contrast.name else ""
            name.markdown(f"{star}**{CONTRASTS[contrast].label}**")
            for place, scheme in zip(places, row, strict=True):
                with place:
                    _cell(card, comparison, grid, scheme)
    st.caption(
        ":material/check_circle: fits training  :material/contrast: same range, another contrast  "
        ":material/dangerous: mismatch, the figure can't be relied on  :material/star: as trained. "
        "A cell opens below."
    )
    return opened


def _heading(grid: Grid) -> None:
    corner, *places = st.columns(1 + len(grid.columns))
    corner.caption("Contrast ↓ Scale →")
    for place, column in zip(places, grid.columns, strict=True):
        scale = column[0].scale.name
        star = _STAR if scale == grid.trained.scale.name else ""
        place.markdown(f"{star}**{SCALES[scale].label}**")


def _cell(card: ModelCard, comparison: Comparison, grid: Grid, scheme: Scheme) -> None:
    row = comparison.row(scheme.name)
    labels = {name: card.label(name) for name in card.class_names}
    top = comparison.passes[scheme.name].prediction.top_probability
    said = f"{plain(short_label(row.predicted, labels))} {top:.2f}"
    trained = scheme.name == grid.trained.name
    text = f"~~{said}~~" if row.verdict == "mismatch" else f"**{said}**" if trained else said
    st.button(
        text,
        key=_key(comparison, scheme.name),
        help=plain(
            f"{scheme.label}: {row.headline}. Probability of "
            f"{card.label(comparison.trained.prediction.predicted)} {row.probability:.3f} "
            f"({row.probability_change:+.3f}), input {row.range[0]:.4g} to {row.range[1]:.4g}."
        ),
        icon=VERDICT_ICONS[row.verdict],
        on_click=_opener(scheme.name),
        width="stretch",
    )


def _key(comparison: Comparison, scheme: str) -> str:
    return f"cell_{comparison.row(scheme).verdict}_{scheme}"


def _class_of(key: str) -> str:
    """The class that Streamlit gives an element with that key."""
    return "st-key-" + re.sub(r"[^A-Za-z0-9_-]", "-", key)


def _opener(name: str) -> Callable[[], None]:
    def open_cell() -> None:
        st.session_state[_OPEN] = name

    return open_cell
