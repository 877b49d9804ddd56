"""How two preprocessing functions differ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xray_app.core import AnyArray
from xray_app.core import Radiograph as PlainRadiograph
from xray_app.documents.html import Markup
from xray_app.library.pipeline_check import PipelineCheck
from xray_app.library.result import FITS, MISMATCH, Result, box, headline, paragraph
from xray_app.pipeline import PreprocessingComparison, compare_preprocessing
from xray_app.presentation import image_figure

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PipelineComparison(Result):
    """How two preprocessing functions differ.

    Attributes:
        found: the sentences, and the tensors of the first image on which they differ.
    """

    found: PreprocessingComparison

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return self.found.is_same

    @property
    def sentences(self) -> tuple[str, ...]:
        """What differs, a sentence each; none where nothing does."""
        return self.found.sentences

    @property
    def check(self) -> PipelineCheck | None:
        """Serving's tensor against training's; None where nothing differs or is explained."""
        return PipelineCheck("training", self.found.check) if self.found.check else None

    @property
    def text(self) -> str:
        """All sentences."""
        count = self.found.images
        same = f"The same on {count} image{'s' if count > 1 else ''}."
        return " ".join(self.sentences) or same

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "same": self.is_same,
            "images": self.found.images,
            "sentences": list(self.sentences),
            "check": self.check.to_dict() if self.check else None,
        }

    def figure(self) -> "go.Figure":
        """Return both tensors and their difference as images; empty where nothing differs."""
        return self.check.figure() if self.check else image_figure({})

    def _html(self) -> Markup:
        if self.check is not None:
            return self.check._html()
        said = "The same" if self.is_same else "They differ"
        return box(FITS if self.is_same else MISMATCH, headline(said), paragraph(self.text))


def compare_pipelines(
    train: Callable[[Any], Any],
    serve: Callable[[Any], Any],
    images: Sequence[PlainRadiograph | AnyArray],
    *,
    atol: float = 1e-3,
) -> PipelineComparison:
    """Say how two preprocessing functions differ. They are your own code and run here.

    Args:
        train: from one image to its tensor, as training did it.
        serve: the same, as the server does it.
        images: at least one; given to the functions as they are.
        atol: how far two values may lie apart, in the tensor's units.

    Raises:
        InputError: there is no image, or a function fails on one.

    >>> import xray_app as xa
    >>> image = xa.read("sample:normal_1").pixels
    >>> xa.compare_pipelines(lambda x: x / 255, lambda x: x / 255 / 255, [image]).sentences[-1]
    'Contrast is divided by 255.'
    """
    return PipelineComparison(compare_preprocessing(train, serve, images, atol))
