"""Tensors with the usual mistakes, made of any image, for a person who has none at hand."""

from dataclasses import dataclass, replace

import numpy as np

from xray_app.cards import ModelCard, trained_scheme
from xray_app.core import AnyArray, FloatArray, UnknownChoice
from xray_app.core.images import Geometry
from xray_app.core.normalization import Scheme, normalize, paired
from xray_app.pipeline.contracts.cards import card_axes
from xray_app.pipeline.steps.images import as_source


@dataclass(frozen=True, slots=True)
class Example:
    """What one pipeline does otherwise than a model was trained; "" and None change nothing."""

    label: str
    contrast: str = ""
    scale: str = ""
    fit: str = ""
    antialias: bool | None = None
    channels_first: bool = False

    def scheme(self, trained: Scheme) -> Scheme:
        """The scheme in place of the trained one."""
        return paired(self.contrast or trained.contrast.name, self.scale or trained.scale.name)

    def geometry(self, trained: Geometry) -> Geometry:
        """The geometry in place of the trained one."""
        antialias = trained.antialias if self.antialias is None else self.antialias
        return replace(trained, fit=self.fit or trained.fit, antialias=antialias, resize_to=None)


EXAMPLES: dict[str, Example] = {
    "unit": Example("divided by 255", scale="unit"),
    "imagenet": Example("ImageNet mean and std", scale="imagenet"),
    "clahe": Example("CLAHE before the model", contrast="clahe"),
    "crop": Example("shorter side resized, then a centre crop", fit="resize-crop"),
    "aliased": Example("resized without antialiasing", antialias=False),
    "first": Example("channels in front (NCHW)", channels_first=True),
    "right": Example("as the model was trained"),
}


def make_example(name: str, image: AnyArray, card: ModelCard) -> FloatArray:
    """Feed an image as a model was trained, but for one thing.

    Args:
        name: a key of ``EXAMPLES``.
        image: as for ``describe_pipeline``, of a colour one the luma is fed.
        card: the model's.

    Returns:
        (1, H, W, C) or (1, C, H, W) float32 at the model's size, of as many channels as it takes.

    Raises:
        UnknownChoice: there is no such example.
        InputError: the image is none, or is constant.
    """
    if name not in EXAMPLES:
        raise UnknownChoice.of("example", name, EXAMPLES)
    example, source = EXAMPLES[name], as_source(image)
    pixels, _ = source.plane("luma")
    display = np.clip(example.geometry(card.input.geometry).of(pixels) / source.white, 0.0, 1.0)
    scheme = example.scheme(trained_scheme(card))
    tensor = normalize(display.astype(np.float32), scheme, card.contract.statistics).array
    channels, layout = card_axes(card)
    is_first = example.channels_first or layout == "NCHW"
    tensor = tensor[..., :channels]
    return np.ascontiguousarray(tensor.transpose(2, 0, 1) if is_first else tensor)[np.newaxis]
