"""What a pipeline does to one plane of an image, up to gain and offset, as a record."""

from dataclasses import dataclass

from xray_app.core.images import Placement
from xray_app.pipeline.steps.contrast import NO_CONTRAST, ContrastStep

# What resizing bytes does to its results; all but "clipped" need bytes.
ROUNDINGS: dict[str, str] = {
    "": "",
    "round": "rounded to whole bytes",
    "floor": "cut to whole bytes (astype(uint8))",
    "pillow": "rounded to whole bytes along each axis (Pillow)",
    "opencv": "in OpenCV's fixed point",
    "clipped": "clipped to the image's range",
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything but layout, channel order and scale.

    Attributes:
        plane: a key of ``PLANES``, or "gray".
        depth: a key of ``DEPTHS``, or "".
        orientation: a key of ``ORIENTATIONS``.
        placement: which part of the image goes where.
        sampling: a key of ``SAMPLINGS``.
        rounding: a key of ``ROUNDINGS``: what resizing does to its results.
        contrast: the contrast step.
        padding: what stands beside the image, in [0, 1] from black to white.
    """

    plane: str
    depth: str
    orientation: str
    placement: Placement
    sampling: str
    rounding: str = ""
    contrast: ContrastStep = NO_CONTRAST
    padding: float = 0.0

    @property
    def first(self) -> ContrastStep:
        """The contrast step before resizing; none where it comes after."""
        return self.contrast if self.contrast.when == "before" else NO_CONTRAST
