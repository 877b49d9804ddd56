"""A pipeline's tensor beside the one that should have come."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
from xray_app.pipeline import PipelineCheck as PlainCheck
from xray_app.presentation import (
    check_headline,
    check_images,
    check_rows,
    check_sentences,
    check_to_dict,
    check_verdict,
    image_figure,
    mending_sentence,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

_COLOURS = {"same": FITS, "rounding": FITS, "differs": MISMATCH, "unexplained": CONTRAST}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PipelineCheck(Result):
    """A pipeline's tensor beside the one that should have come.

    Attributes:
        name: what it should match.
        found: everything that was computed: report, difference, both tensors.
    """

    name: str
    found: PlainCheck

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return check_verdict(self.found) == "same"

    @property
    def code(self) -> str:
        """Python that takes the difference away; empty where there is none to take."""
        return self.found.mending.code if self.found.mending else ""

    @property
    def text(self) -> str:
        """The verdict, what differs, and the code that would mend it."""
        said = f"{check_headline(self.found, self.name)}. {check_sentences(self.found)}"
        if not self.code:
            return said
        lines = "\n".join(f"    {line}".rstrip() for line in self.code.splitlines())
        return f"{said}\n{mending_sentence(self.found)}\n{lines}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return check_to_dict(self.found, self.name)

    def figure(self) -> "go.Figure":
        """Return both tensors and their difference as images, as a Plotly figure."""
        found = check_images(self.found)
        images = {"received": found.received, "wanted": found.wanted}
        if found.difference is not None:
            images["difference"] = found.difference
        return image_figure(images, found.caption)

    def _html(self) -> Markup:
        marks = {True: "differs", False: ""}
        table = [(r.step, r.found, r.wanted, marks[r.differs]) for r in check_rows(self.found)]
        shown = check_images(self.found)
        images = [
            embedded_image(shown.received, "received", 200),
            embedded_image(shown.wanted, "wanted", 200),
        ]
        if shown.difference is not None:
            images.append(embedded_image(shown.difference, f"difference. {shown.caption}", 200))
        mending = [paragraph(mending_sentence(self.found)), code(self.code)] if self.code else []
        return box(
            _COLOURS[check_verdict(self.found)],
            headline(check_headline(self.found, self.name)),
            paragraph(check_sentences(self.found)),
            *mending,
            rows(("Step", "This pipeline", "Should be", ""), table),
            *images,
            paragraph(shown.caption),
        )
