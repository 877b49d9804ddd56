"""What a pipeline did, found from what went in and what came out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xray_app.core import AnyArray
from xray_app.core import Radiograph as PlainRadiograph
from xray_app.core.normalization import parse_scheme
from xray_app.diagnosis import stage_of
from xray_app.documents.html import Markup
from xray_app.library.models import Model
from xray_app.library.pipeline_check import PipelineCheck
from xray_app.library.result import CONTRAST, FITS, Result, box, code, headline, paragraph, rows
from xray_app.pipeline import PipelineReport, check_pipeline, tensor_planes
from xray_app.pipeline import describe_pipeline as described
from xray_app.presentation import stage_histogram

if TYPE_CHECKING:
    import plotly.graph_objects as go

Images = PlainRadiograph | AnyArray | Sequence[PlainRadiograph | AnyArray]


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


def _first(images: Images) -> PlainRadiograph | AnyArray:
    return images[0] if isinstance(images, list | tuple) else images  # type: ignore[return-value]


def _first_tensor(images: Images, tensors: Any) -> AnyArray:
    """The tensor of the first image, without the other images'."""
    several = isinstance(images, list | tuple) and len(images) > 1
    whole = np.asarray(tensors)
    return whole[:1] if several else whole
