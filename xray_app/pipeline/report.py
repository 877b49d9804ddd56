"""What was found of a pipeline, and how sure it is."""

from dataclasses import dataclass
from typing import Any

from xray_app.pipeline.code import pipeline_code
from xray_app.pipeline.steps.description import PipelineDescription


@dataclass(frozen=True, slots=True)
class PipelineReport:
    """The answer of ``describe_pipeline``.

    Attributes:
        description: the shortest that reproduces the tensor; None where none does.
        closest: what comes closest, explained or not: no more than a hint where it does not.
        largest, rms: of tensor minus ``closest`` done again, as fractions of the tensor's range.
        within: "float" if ``largest`` is below a thousandth of the range; "one level" if values
            differ by one gray level of a byte at most; "most" if all but one in a thousand agree,
            under a contrast step with bins; "" if none of these.
        also: what fits as well within the noise, one sentence each.
        alternatives: those of them that are other steps, not other names, as descriptions.
        known: the darkest and the brightest gray, in [0, 1] before a window, of which the images
            tell what it does; None where there is no such limit. Beyond, it is a guess.
        limits: what they don't tell, one sentence each.
        images: how many went in.
        image_shape: (height, width) of the first, as stored.
        white: the stored value that was taken for full white.
    """

    description: PipelineDescription | None
    closest: PipelineDescription
    largest: float
    rms: float
    within: str
    also: tuple[str, ...]
    alternatives: tuple[PipelineDescription, ...]
    known: tuple[float | None, float | None]
    limits: tuple[str, ...]
    images: int
    image_shape: tuple[int, int]
    white: float

    @property
    def is_explained(self) -> bool:
        """Whether a description was found that reproduces the tensor."""
        return self.description is not None

    @property
    def code(self) -> str:
        """Python that makes the tensor of an image; empty where it is not explained."""
        if self.description is None:
            return ""
        limits = "".join(f"# {sentence}\n" for sentence in self.limits)
        return limits + pipeline_code(self.description, self.white)

    @property
    def text(self) -> str:
        """The answer in one or a few sentences."""
        left = f"largest difference {self.largest:.2g}, RMS {self.rms:.2g} of the tensor's range"
        if self.description is None:
            return (
                f"Not explained: no combination of known steps reproduces the tensor. The closest "
                f"leaves a {left}: {self.closest.text}."
            )
        exact = f"The tensor is reproduced ({left})"
        if self.within == "most":
            exact = (
                f"The tensor is reproduced but for a few values that rounding moves from one bin "
                f"of a histogram to the next ({left})"
            )
        if self.within == "one level":
            exact = f"The tensor is reproduced to one gray level ({left})"
        also = "".join(f" {sentence}" for sentence in (*self.limits, *self.also))
        return f"{self.description.text}. {exact}.{also}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "explained": self.is_explained,
            "description": self.description.to_dict() if self.description else None,
            "closest": self.closest.to_dict(),
            "largest_difference": self.largest,
            "rms_difference": self.rms,
            "within": self.within or None,
            "fits_as_well": list(self.also),
            "known_grays": list(self.known),
            "limits": list(self.limits),
            "images": self.images,
            "image_shape": list(self.image_shape),
            "text": self.text,
        }
