"""Two models on one radiograph, for notebooks and scripts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xray_app.core import Radiograph
from xray_app.core.text import DISCLAIMER
from xray_app.diagnosis import ModelSide
from xray_app.documents.html import Markup
from xray_app.library.result import NEUTRAL, Result, box, headline, paragraph, rows
from xray_app.presentation import heat_caption, image_figure, overlay
from xray_app.presentation.two_models import (
    LETTERS,
    MARKS_OF,
    contract_rows,
    scheme_lines,
    two_model_sentences,
    two_models_text,
    two_models_to_dict,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ModelComparison(Result):
    """Two models, A and B, on one radiograph.

    Attributes:
        first: A: its card and what it says, by scheme.
        second: B, likewise.
        radiograph: what was fed.
    """

    first: ModelSide
    second: ModelSide
    radiograph: Radiograph

    @property
    def conclusion(self) -> str:
        """What the two disagree on; never figures of different classes beside each other."""
        return two_model_sentences(self.first, self.second)[0]

    @property
    def differing(self) -> tuple[str, ...]:
        """The aspects of their contracts that differ, such as "Scheme" and "Size"."""
        return tuple(r.aspect for r in contract_rows(self.first, self.second) if r.differs)

    @property
    def text(self) -> str:
        """What they disagree on, each scheme for both, and both contracts in one table."""
        return two_models_text(self.first, self.second, self.radiograph.notices)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON: what ``compare --with --json`` prints.

        Its file is the radiograph's digest, since an array has no name.
        """
        radiograph = self.radiograph
        return two_models_to_dict(self.first, self.second, radiograph.digest, radiograph.notices)

    def overlays(self) -> dict[str, NDArray[np.uint8]]:
        """Both maps as trained over the radiograph, (H, W, 3) uint8, by what they show."""
        sides = zip(LETTERS, (self.first, self.second), strict=True)
        return {
            f"{letter}: {heat_caption(side.card, side.trained)}": overlay(
                self.radiograph, side.trained
            )
            for letter, side in sides
        }

    def figure(self) -> "go.Figure":
        """Return both maps over the radiograph, as a Plotly figure; each on a scale of its own."""
        return image_figure(self.overlays())

    def _html(self) -> Markup:
        contracts = [
            (MARKS_OF[row.differs], row.aspect, *row.shown)
            for row in contract_rows(self.first, self.second)
        ]
        return box(
            NEUTRAL,
            headline(self.conclusion),
            paragraph("\n".join(two_model_sentences(self.first, self.second)[1:])),
            rows(("Fed", *LETTERS), scheme_lines(self.first, self.second)),
            rows(("", "Contract", *LETTERS), contracts),
            paragraph(DISCLAIMER),
        )
