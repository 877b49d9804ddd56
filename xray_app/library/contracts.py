"""What a model must be fed: declared by its card, measured on its layers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xray_app.cards import ModelCard
from xray_app.core.text import ends_text
from xray_app.documents.html import Markup
from xray_app.inspection import InsideModel, Inspection, span
from xray_app.library.result import FITS, MISMATCH, Result, box, headline, paragraph, rows
from xray_app.presentation import reach_bars

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Contract(Result):
    """What a model must be fed, and whether what it declares is what its layers do.

    Attributes:
        scheme: the scheme that fits, such as ``"raw"``; None if the layers can't tell.
        agrees: whether card and layers agree; None where a file came without a card.
        spans: by scheme, what black to white spans at the first convolution.
        values: everything as plain values.
    """

    scheme: str | None
    agrees: bool | None
    text_: str
    spans: Mapping[str, tuple[float, float]]
    values: Mapping[str, Any]

    @property
    def text(self) -> str:
        """What is wrong first, then the scheme, the geometry and the layers."""
        return self.text_

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return dict(self.values)

    def figure(self) -> "go.Figure":
        """Return what each scheme spans at the first convolution, as a Plotly figure."""
        return reach_bars(self.spans, "value at the first convolution")

    def _html(self) -> Markup:
        spans = [(name, ends_text(ends)) for name, ends in self.spans.items()]
        return box(
            MISMATCH if self.agrees is False else FITS,
            headline(f"Expects {self.scheme or 'a scheme that its layers do not tell'}"),
            paragraph(self.text),
            rows(("Scheme", "Black to white at the first convolution"), spans),
        )


def contract_of_model(card: ModelCard, inside: InsideModel) -> Contract:
    """The contract of a model that was opened."""
    geometry, check = card.input.geometry, inside.check
    layers = [layer.kind for layer in inside.facts.layers]
    size = f"{geometry.height} × {geometry.width}"
    lines = [
        f"{check.headline}. {check.message}",
        f"Geometry: {size}, {geometry.text}.",
        *(issue.message for issue in inside.issues),
    ]
    spans = {name: span(ends) for name, ends in inside.facts.ranges.items()}
    values = {
        "model": card.name,
        "scheme": card.contract.scheme,
        "range": list(card.contract.range),
        "height": geometry.height,
        "width": geometry.width,
        "fit": geometry.fit,
        "kernel": geometry.kernel,
        "antialias": geometry.antialias,
        "layers": layers,
        "agrees": check.agrees,
        "message": check.message,
        "training_range": list(inside.training_range),
        "first_convolution": {name: list(ends) for name, ends in spans.items()},
        "warnings": [{"kind": i.kind, "message": i.message} for i in inside.issues],
    }
    return Contract(card.contract.scheme, check.agrees, "\n".join(lines), spans, values)


def contract_of_file(inspection: Inspection) -> Contract:
    """The contract of a file that was inspected."""
    spans = {name: span(ends) for name, ends in inspection.facts.ranges.items()}
    agrees = inspection.check.agrees if inspection.check else None
    scheme = inspection.expectation.scheme
    return Contract(scheme, agrees, inspection.describe(), spans, inspection.to_dict())
