"""What a model must be fed: its input's size, how an image is fitted into it, and the values."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from xray_app.core import InputError, UnknownChoice
from xray_app.core.images import Geometry
from xray_app.core.normalization import DatasetStatistics, parse_scheme
from xray_app.core.text import channels_text
from xray_app.pipeline.contracts.placing import CONTRACT_FITS
from xray_app.pipeline.steps.contrast import contrast_after
from xray_app.pipeline.steps.description import PipelineDescription
from xray_app.pipeline.steps.images import GRAY
from xray_app.pipeline.steps.placement import UPRIGHT
from xray_app.pipeline.steps.recipe import ROUNDINGS, Recipe
from xray_app.pipeline.steps.sampling import SAMPLINGS
from xray_app.pipeline.steps.scale import Channels, ScaleStep, measured_scale, named_scale

_SCHEMES = {
    "byte": "raw", "unit": "rescale", "signed": "signed", "imagenet": "imagenet", "caffe": "caffe",
    "zscore": "zscore",
}  # fmt: skip
_SAME = 1e-4


@dataclass(frozen=True, slots=True)
class InputContract:
    """What a model must be fed, as one source states it; what it doesn't state is empty.

    Attributes:
        source: who says so, within a sentence, such as "preprocessor_config.json".
        library: whose words the file uses, such as "Hugging Face"; "" for a card or a measurement.
        height, width: of the input in pixels; None where any size goes or none is stated.
        fit: a key of ``CONTRACT_FITS``; "" where it is not stated.
        number: what the fit asks for: pixels before the crop; timm's, the part that is cropped.
        sampling: a key of ``SAMPLINGS``; "" where it is not stated.
        rounding: a key of ``ROUNDINGS``: what resizing does to bytes.
        padding: what stands beside the image, from black 0 to white 1; one, or one a channel.
        channels: 1 or 3.
        order: "RGB" or "BGR".
        layout: "NCHW" or "NHWC".
        scale: from black 0 and white 1 to the tensor's values, channels in the tensor's order;
            None where it is not stated.
        contrast: a key of ``core.normalization.CONTRASTS``, applied after resizing.
        notes: sentences on what was taken from defaults, left out, or looks wrong.
    """

    source: str
    library: str = ""
    height: int | None = None
    width: int | None = None
    fit: str = ""
    number: float = 0.0
    sampling: str = ""
    rounding: str = ""
    padding: Channels = (0.0,)
    channels: int = 3
    order: str = "RGB"
    layout: str = "NCHW"
    scale: ScaleStep | None = None
    contrast: str = "none"
    notes: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing that making a tensor needs."""
        stated = self.height and self.width and self.fit and self.sampling
        return bool(stated and self.scale is not None)

    @property
    def scheme(self) -> str | None:
        """The scheme of this app with the same numbers; None where it has no name here."""
        if self.scale is None or self.scale.inverted or self.scale.white:
            return None
        name = self.scale.name
        if name == "dataset" and self.statistics is not None:
            return _paired(self.contrast, "dataset")
        return _paired(self.contrast, _SCHEMES[name]) if name in _SCHEMES else None

    @property
    def statistics(self) -> DatasetStatistics | None:
        """Gray mean and deviation, where all channels have the same."""
        if self.scale is None or self.scale.name != "dataset":
            return None
        gain, offset = self.scale.gain[0], self.scale.offset[0]
        if not np.allclose(self.scale.gain, gain) or not np.allclose(self.scale.offset, offset):
            return None
        return DatasetStatistics(-offset / gain, 1.0 / gain)

    @property
    def ends(self) -> tuple[float, float] | None:
        """The lowest and the highest value of black and white over all channels."""
        if self.scale is None or self.scale.is_per_image:
            return None
        gain, offset = np.array(self.scale.gain), np.array(self.scale.offset)
        reached = np.concatenate([offset, gain + offset])
        return float(reached.min()), float(reached.max())

    @property
    def geometry(self) -> Geometry | None:
        """The same as a ``Geometry``, but for rounding; None where that has no word for it."""
        if not (self.height and self.width and self.sampling) or not self.fit:
            return None
        fit, sampling = CONTRACT_FITS[self.fit].geometry, SAMPLINGS[self.sampling]
        if fit is None or len(set(self.padding)) > 1:
            return None
        try:
            return Geometry(
                self.height, self.width, fit, sampling.kernel, sampling.antialias,
                self.padding[0], int(self.number) if fit == "resize-crop" else None,
            )  # fmt: skip
        except (InputError, UnknownChoice):
            return None

    @property
    def size_text(self) -> str:
        """Such as "224 × 224", or that none is stated."""
        if not self.height or not self.width:
            return "not stated"
        return f"{self.height} × {self.width}"

    @property
    def is_cropped_by_a_fraction(self) -> bool:
        """Whether the number is a part of the size before the crop, not pixels."""
        return bool(self.fit) and CONTRACT_FITS[self.fit].is_fraction

    @property
    def before_crop(self) -> tuple[int, int]:
        """Height and width of what is cropped, where the fit stretches to or covers a size."""
        return CONTRACT_FITS[self.fit].before(self.number, self.height or 0, self.width or 0)

    @property
    def fit_text(self) -> str:
        """The fit in the words of a card's geometry, with the padding."""
        if not self.fit:
            return "not stated"
        before = "{} × {}".format(*self.before_crop)
        text = CONTRACT_FITS[self.fit].text.format(f"{self.number:g}", before)
        padded = f" with {channels_text(self.padding)}" if "pad" in self.fit else ""
        return text + padded

    @property
    def sampling_text(self) -> str:
        """The kernel, and what it does to bytes."""
        if not self.sampling:
            return "not stated"
        rounded = f", {ROUNDINGS[self.rounding]}" if self.rounding else ""
        return SAMPLINGS[self.sampling].text + rounded

    @property
    def values_text(self) -> str:
        """The scale step in words and in numbers."""
        if self.scale is None:
            return "not stated"
        text = self.scale.text
        if self.scale.name in _WITH_NUMBERS:
            text += f" (mean {channels_text(self.mean)}, std {channels_text(self.std)})"
        return text if self.contrast == "none" else f"{self.contrast}, then {text}"

    @property
    def mean(self) -> Channels:
        """What is subtracted from values in [0, 1], a channel; () where no scale is stated."""
        scale = self.scale
        return tuple(-o / g for g, o in zip(scale.gain, scale.offset, strict=True)) if scale else ()

    @property
    def std(self) -> Channels:
        """What is then divided by, a channel; () where no scale is stated."""
        return tuple(1.0 / gain for gain in self.scale.gain) if self.scale else ()

    @property
    def text(self) -> str:
        """The whole contract in one line."""
        channels = f"{self.channels} channels, {self.order}" if self.channels > 1 else "one channel"
        return (
            f"{self.size_text}; {self.fit_text}; {self.sampling_text}; {channels}; "
            f"{self.values_text}; {self.layout}"
        )

    def description(self, shape: tuple[int, ...]) -> PipelineDescription:
        """What the contract does to an image of this shape, (H, W) gray or (H, W, 3) RGB.

        Raises:
            InputError: something is not stated, or the image has no place in the input.
        """
        if not (self.height and self.width and self.fit and self.sampling) or self.scale is None:
            raise InputError(
                f"{self.source} does not state all that making a tensor needs: {self.text}."
            )
        size = (self.height, self.width)
        placement = CONTRACT_FITS[self.fit].place(shape[0], shape[1], *size, self.number)
        if placement is None:
            raise InputError(
                f"An image of {shape[0]} × {shape[1]} pixels can't be fitted as {self.source} "
                f"says: {self.fit_text}."
            )
        planes = self._planes(len(shape) == 3)
        equal = len(set(self.padding)) == 1
        beside = () if equal else tuple(
            g * p + o
            for g, p, o in zip(self.scale.gain, self.padding, self.scale.offset, strict=True)
        )  # fmt: skip
        recipe = Recipe(
            planes[0], "", UPRIGHT, placement, self.sampling, self.rounding,
            contrast_after(self.contrast), self.padding[0] if equal else 0.0,
        )  # fmt: skip
        return PipelineDescription(self.layout, planes, recipe, self.scale, "", beside)

    def _planes(self, is_colour: bool) -> tuple[str, ...]:
        if not is_colour:
            return (GRAY,) * self.channels
        return ("luma-bytes",) if self.channels == 1 else tuple(self.order)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        scale = self.scale
        return {
            "source": self.source,
            "library": self.library or None,
            "height": self.height,
            "width": self.width,
            "fit": CONTRACT_FITS[self.fit].key if self.fit else None,
            "number": self.number or None,
            "before_crop": list(self.before_crop) if self.is_cropped_by_a_fraction else None,
            "kernel": self.sampling or None,
            "rounding": self.rounding or None,
            "channels": self.channels,
            "order": self.order,
            "layout": self.layout,
            "contrast": self.contrast,
            "scheme": self.scheme,
            "gain": list(scale.gain) if scale else None,
            "offset": list(scale.offset) if scale else None,
            "range": list(self.ends) if self.ends else None,
            "notes": list(self.notes),
            "text": self.text,
        }


_WITH_NUMBERS = ("imagenet", "clip", "imagenet-reversed", "imagenet-bytes")


def _paired(contrast: str, scheme: str) -> str:
    if contrast == "none":
        return scheme
    scale = parse_scheme(scheme).scale.name
    return contrast if scale == "unit" else f"{contrast}+{scale}"


def scale_from(gain: Channels, offset: Channels) -> ScaleStep:
    """The scale step with these numbers, under its name where it has one.

    >>> scale_from((2.0,) * 3, (-1.0,) * 3).text
    'values -1 to 1'
    """
    return named_scale(gain, offset, 255.0, _SAME, False) or measured_scale(gain, offset, None)
