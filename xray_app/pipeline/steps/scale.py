"""The name of a gain and offset a channel."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from xray_app.core import InputError
from xray_app.core.normalization import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    DatasetStatistics,
)
from xray_app.core.text import channels_text

Channels = tuple[float, ...]
_WHITES = (255.0, 1023.0, 4095.0, 16383.0, 65535.0)
_CLIP_MEAN = np.array([0.48145466, 0.4578275, 0.40821073])
_CLIP_STD = np.array([0.26862954, 0.26130258, 0.27577711])


@dataclass(frozen=True, slots=True)
class ScaleStep:
    """A scale step with its numbers.

    Attributes:
        name: a key of ``SCALE_TEXTS``.
        gain, offset: one a channel, in the tensor's order: tensor = gain * x + offset, x from black
            0 to white 1 after the contrast step. Under a z-score, those of the first image.
        white: the stored value taken for full white, where it is not the type's own; 0 otherwise.
        inverted: whether black and white are exchanged first.
    """

    name: str
    gain: Channels
    offset: Channels
    white: float = 0.0
    inverted: bool = False

    @property
    def is_per_image(self) -> bool:
        """Whether gain and offset depend on the image."""
        return self.name in PER_IMAGE

    @property
    def text(self) -> str:
        """The step in words."""
        before = "black and white exchanged, then " if self.inverted else ""
        full = f", {self.white:g} taken for white" if self.white else ""
        return before + SCALE_TEXTS[self.name].format(**self._numbers()) + full

    def _numbers(self) -> dict[str, str]:
        gain, offset = np.array(self.gain), np.array(self.offset)
        if self.inverted:
            gain, offset = -gain, offset + gain
        divisor = np.where(gain == 0.0, 1.0, gain)
        return {
            "gain": channels_text(gain),
            "offset": channels_text(offset),
            "mean": channels_text(-offset / divisor),
            "std": channels_text(1.0 / divisor),
        }


SCALE_TEXTS: dict[str, str] = {
    "byte": "values 0 to 255",
    "unit": "values 0 to 1",
    "signed": "values -1 to 1",
    "imagenet": "ImageNet mean and std",
    "imagenet-reversed": "ImageNet mean and std in the order of BGR",
    "caffe": "bytes minus ImageNet's mean in the order of BGR (Caffe)",
    "caffe-reversed": "bytes minus ImageNet's mean in the order of RGB",
    "clip": "CLIP's mean and std",
    "imagenet-bytes": "ImageNet mean and std of [0, 1] applied to bytes",
    "imagenet-gray": "ImageNet's gray mean 0.449 and std 0.226",
    "xrv": "values -1024 to 1024 (TorchXRayVision)",
    "centred": "values -0.5 to 0.5",
    "unit-twice": "divided by 255 twice",
    "stored": "stored values unchanged",
    "stored-255": "stored values divided by 255",
    "zscore": "z-score of the image",
    "zscore-channels": "z-score of each channel of the image",
    "zscore-before": "z-score of the whole image before resizing",
    "dataset": "mean {mean}, std {std}",
    "affine": "gain {gain}, offset {offset}",
}
PER_IMAGE = ("zscore", "zscore-channels", "zscore-before")


def _fixed(white: float) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Name, gain and offset (3,) of each scale step whose numbers are known."""
    ones = np.ones(3)
    mean, std = IMAGENET_MEAN.astype(float), IMAGENET_STD.astype(float)
    caffe = np.array([103.939, 116.779, 123.68])
    yield "unit", ones, 0 * ones
    yield "byte", 255 * ones, 0 * ones
    yield "signed", 2 * ones, -ones
    yield "imagenet", 1 / std, -mean / std
    yield "imagenet-reversed", 1 / std[::-1], -(mean / std)[::-1]
    yield "caffe", 255 * ones, -caffe
    yield "caffe-reversed", 255 * ones, -caffe[::-1]
    yield "clip", 1 / _CLIP_STD, -_CLIP_MEAN / _CLIP_STD
    yield "imagenet-gray", ones / 0.226, -0.449 * ones / 0.226
    yield "imagenet-bytes", 255 / std, -mean / std
    yield "xrv", 2048 * ones, -1024 * ones
    yield "centred", ones, -0.5 * ones
    yield "unit-twice", ones / 255, 0 * ones
    if white not in (1.0, 255.0):
        yield "stored", white * ones, 0 * ones
        yield "stored-255", white / 255 * ones, 0 * ones


def named_scale(
    gain: Channels, offset: Channels, white: float, tolerance: float, whites: bool
) -> ScaleStep | None:
    """The scale step whose numbers these are.

    Args:
        gain: one a channel, from black 0 to ``white`` 1.
        offset: as many.
        white: the stored value that is 1.
        tolerance: by how much the ends may differ, as a fraction of the gain.
        whites: whether the image's type leaves open which stored value is white.

    >>> named_scale((2.0,), (-1.0,), 255.0, 1e-4, False).text
    'values -1 to 1'
    """
    options = [0.0, *(w for w in _WHITES if whites and w != white)]
    for inverted in (False, True):
        for taken in options:
            for name, g, o in _fixed(white):
                if taken and name.startswith("stored"):
                    continue
                step = _as_step(name, g, o, len(gain), white, taken, inverted)
                if step is not None and _agrees(step, gain, offset, tolerance):
                    return step
    return None


def _as_step(
    name: str, g: np.ndarray, o: np.ndarray, channels: int, white: float, taken: float,
    inverted: bool,
) -> ScaleStep | None:  # fmt: skip
    if channels == 1 and (np.ptp(g) > 0 or np.ptp(o) > 0):
        return None
    g, o = g[:channels], o[:channels]
    if taken:
        g = g * white / taken
    if inverted:
        g, o = -g, o + g
    return ScaleStep(name, tuple(map(float, g)), tuple(map(float, o)), taken, inverted)


def fixed_scales(channels: int, white: float) -> Iterator[ScaleStep]:
    """Every scale step whose numbers are known, for so many channels."""
    for name, gain, offset in _fixed(white):
        for inverted in (False, True):
            step = _as_step(name, gain, offset, channels, white, 0.0, inverted)
            if step is not None:
                yield step


def _agrees(step: ScaleStep, gain: Channels, offset: Channels, tolerance: float) -> bool:
    for g, o, a, b in zip(step.gain, step.offset, gain, offset, strict=True):
        if max(abs(b - o), abs(a + b - g - o)) > tolerance * abs(g):
            return False
    return True


def measured_scale(
    gain: Channels, offset: Channels, statistics: DatasetStatistics | None
) -> ScaleStep:
    """Mean and deviation where they can be those of pixels in [0, 1], else the bare line."""
    if statistics is not None:
        n = len(gain)
        known = ScaleStep(
            "dataset", (1 / statistics.std,) * n, (-statistics.mean / statistics.std,) * n
        )
        if _agrees(known, gain, offset, 1e-3):
            return known
    inverted = max(gain) < 0.0
    g, o = np.array(gain), np.array(offset)
    if inverted:
        g, o = -g, o + g
    plausible = g.min() > 0.0 and (1 / g).max() < 1.0 and (1 / g).min() > 0.01
    plausible = plausible and (-o / g).min() > 0.0 and (-o / g).max() < 1.0
    return ScaleStep("dataset" if plausible else "affine", gain, offset, 0.0, inverted)


def scale_of(name: str, channels: int, statistics: DatasetStatistics | None = None) -> ScaleStep:
    """The scale step of a name of ``core.normalization.SCALES``, for so many channels.

    Raises:
        InputError: ``dataset`` has no statistics.

    >>> scale_of("signed", 1).gain
    (2.0,)
    """
    if name == "zscore":
        return ScaleStep("zscore", (1.0,) * channels, (0.0,) * channels)
    if name == "dataset":
        if statistics is None:
            raise InputError("Expected the data set's mean and deviation for the scale 'dataset'.")
        gain, offset = 1.0 / statistics.std, -statistics.mean / statistics.std
        return ScaleStep("dataset", (gain,) * channels, (offset,) * channels)
    gains, offsets = next((g, o) for known, g, o in _fixed(255.0) if known == name)
    return ScaleStep(
        name, tuple(map(float, gains[:channels])), tuple(map(float, offsets[:channels]))
    )
