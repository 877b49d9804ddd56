"""The cells of a comparison as they come, where all of them take more than a moment."""

import time
from collections.abc import Mapping

import streamlit as st

from xray_app.cards import ModelCard
from xray_app.core.normalization import CONTRASTS, SCALES
from xray_app.core.text import markdown_table
from xray_app.diagnosis import Grid, Outcome
from xray_app.presentation import MARKS, short_label
from xray_app.ui.words import plain

_MOMENT = 1.0  # seconds; what takes less would only flicker


class ArrivingGrid:
    """Draws the cells that are done until the grid itself takes their place."""

    def __init__(self, card: ModelCard, grid: Grid) -> None:
        self._card, self._grid = card, grid
        self._labels = {name: card.label(name) for name in card.class_names}
        self._place = st.empty()
        self._start = time.monotonic()

    def __call__(self, found: Mapping[str, Outcome]) -> None:
        """Draw all outcomes so far, if the rest will take a while."""
        names = self._grid.names
        whole = (time.monotonic() - self._start) * len(names) / len(found)
        if whole > _MOMENT:
            self._place.markdown(self._table(found))

    def clear(self) -> None:
        """Make room for the grid."""
        self._place.empty()

    def _table(self, found: Mapping[str, Outcome]) -> str:
        scales = [SCALES[column[0].scale.name].label for column in self._grid.columns]
        lines = [["", *scales]]
        for row in self._grid.rows:
            cells = [self._cell(found.get(scheme.name)) for scheme in row]
            lines.append([CONTRASTS[row[0].contrast.name].label, *cells])
        return markdown_table(lines)

    def _cell(self, outcome: Outcome | None) -> str:
        if outcome is None:
            return "…"
        prediction = outcome.prediction
        label = plain(short_label(prediction.predicted, self._labels))
        said = f"{label} {prediction.top_probability:.2f}"
        mark = MARKS[outcome.contract.verdict]
        return f"~~{said}~~ {mark}" if outcome.contract.verdict == "mismatch" else f"{said} {mark}"
