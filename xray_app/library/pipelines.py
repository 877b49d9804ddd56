"""What a pipeline did, and how two of them differ."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xray_app.core import AnyArray
from xray_app.core import Radiograph as PlainRadiograph
from xray_app.core.normalization import parse_scheme
from xray_app.diagnosis import stage_of
from xray_app.documents.html import Markup
from xray_app.library.models import Model
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
from xray_app.pipeline import (
    PipelineReport,
    PreprocessingComparison,
    check_pipeline,
    compare_preprocessing,
    tensor_planes,
)
from xray_app.pipeline import describe_pipeline as described
from xray_app.presentation import (
    check_headline,
    check_images,
    check_rows,
    check_sentences,
    check_to_dict,
    check_verdict,
    image_figure,
    mending_sentence,
    stage_histogram,
)

if TYPE_CHECKING:
    import plotly.graph_objects as go

Images = PlainRadiograph | AnyArray | Sequence[PlainRadiograph | AnyArray]
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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pipeline(Result):
    """What a pipeline did to images.

    Attributes:
        report: the description found, what it leaves, and what fits as well.
        images, tensors: what it was found from.
    """

    report: PipelineReport
    images: Images
    tensors: Any

    @property
    def is_explained(self) -> bool:
        """Whether known steps were found that reproduce the tensor."""
        return self.report.is_explained

    @property
    def code(self) -> str:
        """Python that makes the tensor of an image; empty where it is not explained."""
        return self.report.code

    @property
    def text(self) -> str:
        """The steps, what they leave, and what fits as well; or that it is not explained."""
        return self.report.text

    def check(self, expected: "Model | str | AnyArray") -> PipelineCheck:
        """Compare it with what it should be.

        Args:
            expected: a model, a scheme's name, or the tensor that another pipeline makes of the
                first image.

        Raises:
            UnknownChoice: there is no such scheme.
            InputError: the expected tensor is not explained.

        >>> import numpy as np
        >>> import xray_app as xa
        >>> image = xa.read("sample:normal_1")
        >>> xa.describe_pipeline(image, image.pixels / 255).check("raw").code
        'tensor = tensor * 255.0'
        """
        image, tensor = _first(self.images), _first_tensor(self.images, self.tensors)
        report = self.report
        if isinstance(expected, Model):
            found = check_pipeline(image, tensor, expected.card, report=report)
            return PipelineCheck(expected.name, found)
        if isinstance(expected, str):
            found = check_pipeline(image, tensor, parse_scheme(expected), report=report)
            return PipelineCheck(f"the scheme {expected}", found)
        return PipelineCheck(
            "the expected tensor",
            check_pipeline(image, tensor, np.asarray(expected), report=report),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return self.report.to_dict()

    def figure(self) -> "go.Figure":
        """Return the histogram of the tensor, as a Plotly figure."""
        planes = tensor_planes(_first_tensor(self.images, self.tensors), self.report)
        return stage_histogram(stage_of("Tensor", np.moveaxis(planes, 0, -1)))

    def _html(self) -> Markup:
        found = self.report.description or self.report.closest
        steps = [(name, text) for name, text in found.aspects.items() if text]
        said = "The steps of this pipeline" if self.is_explained else "Not explained"
        return box(
            FITS if self.is_explained else CONTRAST,
            headline(said),
            rows(("Step", "Found" if self.is_explained else "Closest"), steps),
            paragraph(self.text),
            *([code(self.code.strip())] if self.code else []),
        )


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


def describe_pipeline(images: Images, tensors: Any) -> Pipeline:
    """Find what a pipeline did, from what went in and what came out.

    Args:
        images: one image or a list of them: radiographs, or arrays (H, W) or (H, W, 3) as decoded
            (colour in RGB, EXIF orientation not applied).
        tensors: what the pipeline made: (H, W), (H, W, C), (C, H, W), with or without a batch axis,
            of 1 or 3 channels; or a list of one an image.

    Raises:
        InputError: an image or tensor is empty, constant, not finite, or of an unknown shape.

    >>> import xray_app as xa
    >>> image = xa.read("sample:normal_1")
    >>> print(xa.describe_pipeline(image, image.pixels[None] / 127.5 - 1).report.description.text)
    one channel; the image's own size, 224 × 224; values -1 to 1; 1 channel, height, width (CHW)
    """
    return Pipeline(described(images, tensors), images, tensors)


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


def _first(images: Images) -> PlainRadiograph | AnyArray:
    return images[0] if isinstance(images, list | tuple) else images  # type: ignore[return-value]


def _first_tensor(images: Images, tensors: Any) -> AnyArray:
    """The tensor of the first image, without the other images'."""
    several = isinstance(images, list | tuple) and len(images) > 1
    whole = np.asarray(tensors)
    return whole[:1] if several else whole
