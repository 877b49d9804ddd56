"""What a model says of one radiograph: prediction, explanation, comparison."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from xray_app.cards import ModelCard
from xray_app.core import FloatArray, Radiograph, Values
from xray_app.core.text import DISCLAIMER
from xray_app.diagnosis import Comparison as PlainComparison
from xray_app.diagnosis import Diagnosis, Grid
from xray_app.documents.html import Markup
from xray_app.library.result import (
    CONTRAST,
    FITS,
    MISMATCH,
    Result,
    box,
    code,
    embedded_image,
    headline,
    paragraph,
    rows,
)
from xray_app.presentation import (
    LEGEND,
    comparison_bars,
    comparison_heatmap,
    comparison_to_dict,
    conclude,
    diagnosis_text,
    diagnosis_to_dict,
    grid_sentences,
    grid_text,
    heat_caption,
    image_figure,
    is_meaningful,
    overlay,
    probability_bars,
    where_sentence,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLOURS = {"matches": FITS, "contrast": CONTRAST, "mismatch": MISMATCH}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Prediction(Result):
    """What a model says of a radiograph under one scheme.

    Attributes:
        card: the model's.
        radiograph: what was fed.
        diagnosis: everything that was computed: contract, gate, stages, provenance.
    """

    card: ModelCard
    radiograph: Radiograph
    diagnosis: Diagnosis

    @property
    def predicted(self) -> str:
        """The most probable class."""
        return self.diagnosis.prediction.predicted

    @property
    def probabilities(self) -> dict[str, float]:
        """By class, in [0, 1], calibrated where the model's card has a calibration."""
        found = self.diagnosis.prediction
        return dict(zip(found.classes, map(float, found.probabilities), strict=True))

    @property
    def scheme(self) -> str:
        """The scheme under which it was fed."""
        return self.diagnosis.scheme

    @property
    def is_meaningful(self) -> bool:
        """Whether it says anything: the gate is not closed and the scheme is no mismatch."""
        return is_meaningful(self.diagnosis)

    @property
    def text(self) -> str:
        """What is wrong first, then the class, then how sure."""
        return diagnosis_text(self.card, self.diagnosis, self.radiograph.notices)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON: what ``predict --json`` prints, the digest as file."""
        return diagnosis_to_dict(self.diagnosis, self.radiograph.digest)

    def figure(self) -> "go.Figure":
        """Return a bar a class, as a Plotly figure; gray where it can't be relied on."""
        prediction = self.diagnosis.prediction
        labels = [self.card.label(name) for name in prediction.classes]
        return probability_bars(prediction, labels, meaningful=self.is_meaningful)

    def _html(self) -> Markup:
        contract = self.diagnosis.contract
        label = self.card.label(self.predicted)
        top = f"{label} {self.diagnosis.prediction.top_probability:.2f}"
        said = top if self.is_meaningful else f"{top}, which can't be relied on here"
        listed = [(self.card.label(n), f"{p:.3f}") for n, p in self.probabilities.items()]
        return box(
            COLOURS[contract.verdict],
            headline(f"{said} (scheme {self.scheme})"),
            rows(("Class", "Probability"), listed),
            paragraph(self.text),
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Explanation(Result):
    """A heatmap of what speaks for a class.

    Attributes:
        card: the model's.
        radiograph: what was fed.
        diagnosis: everything that was computed, the map in ``diagnosis.saliency``.
    """

    card: ModelCard
    radiograph: Radiograph
    diagnosis: Diagnosis

    @property
    def map(self) -> FloatArray:
        """(h, w) float32, zero or positive, in the units of the method."""
        return self.diagnosis.saliency.map

    @property
    def text(self) -> str:
        """What the map shows, how little it may mean, and where its evidence lies."""
        lungs = self.diagnosis.lungs.lungs
        where = where_sentence(self.diagnosis.saliency, lungs)
        return f"{heat_caption(self.card, self.diagnosis)}. {where}\n{DISCLAIMER}"

    def overlay(self) -> NDArray[np.uint8]:
        """The map over the radiograph, (H, W, 3) uint8, at most 1,024 pixels a side."""
        return overlay(self.radiograph, self.diagnosis)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON: the map's facts and where its evidence lies."""
        values: dict[str, Any] = diagnosis_to_dict(self.diagnosis, self.radiograph.digest)
        return {"model": values["model"], "scheme": values["scheme"], **values["saliency"]}

    def figure(self) -> "go.Figure":
        """Return the map over the radiograph, as a Plotly figure."""
        return image_figure({heat_caption(self.card, self.diagnosis): self.overlay()})

    def _html(self) -> Markup:
        colour = COLOURS[self.diagnosis.contract.verdict]
        return box(colour, embedded_image(self.overlay(), self.text, 340), paragraph(self.text))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comparison(Result):
    """One radiograph under many schemes.

    Attributes:
        card: the model's.
        radiograph: what was fed.
        comparison: everything that was computed, by scheme.
        grid: contrasts by scales; None if schemes were named one by one.
        blanks: what the model says of blank images under each scale, where there is a grid.
    """

    card: ModelCard
    radiograph: Radiograph
    comparison: PlainComparison
    grid: Grid | None
    blanks: Mapping[str, Values]

    @property
    def conclusion(self) -> str:
        """Whether contrast or scale changed the class, in a few sentences."""
        if self.grid is None:
            return conclude(self.comparison, self._labels)
        return " ".join(grid_sentences(self.comparison, self.grid, self._labels, self.blanks))

    @property
    def text(self) -> str:
        """The conclusion and a line a scheme, or the grid."""
        return f"{self.conclusion}\n{self._table}\n{DISCLAIMER}"

    @property
    def _table(self) -> str:
        if self.grid is not None:
            return f"{grid_text(self.comparison, self.grid, self._labels)}\n{LEGEND}"
        return "\n".join("  ".join(line) for line in self._lines)

    @property
    def _labels(self) -> dict[str, str]:
        return {name: self.card.label(name) for name in self.card.class_names}

    @property
    def _lines(self) -> list[tuple[str, str, str]]:
        found = self.comparison
        tops = {n: p.prediction.top_probability for n, p in found.passes.items()}
        return [
            (row.scheme, f"{self.card.label(row.predicted)} {tops[row.scheme]:.2f}", row.headline)
            for row in found.rows
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON: what ``compare --json`` prints of the schemes."""
        return comparison_to_dict(self.comparison, self.radiograph.digest)

    def figure(self) -> "go.Figure":
        """Return the probability of the class as trained, by contrast and scale or by scheme."""
        if self.grid is None:
            return comparison_bars(self.card, self.comparison)
        return comparison_heatmap(self.card, self.comparison, self.grid)

    def _html(self) -> Markup:
        by_scheme = rows(("Scheme", "Predicted", "Verdict"), self._lines)
        table = by_scheme if self.grid is None else code(self._table)
        return box(FITS, paragraph(self.conclusion), table, paragraph(DISCLAIMER))
