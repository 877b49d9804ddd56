"""What is measured of a model, whatever framework it came from: one record for all of them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from xray_app.core.normalization import IMAGENET_MEAN, Affine, Channels

# Numbers of every kind of input, [0, 1], [-1, 1] and bytes, so that a clip anywhere shows.
PROBE_VALUES = (-2.0, 0.0, 0.25, 0.5, 1.0, 64.0, 127.5, 255.0)

_BYTE_RANGES = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))
STORED = 0.03  # of the range: a converter takes it from samples
LARGEST_SIDE = 1024  # pixels of an input; the largest in Keras Applications is 600
Layout = Literal["NHWC", "NCHW"]
OutputKind = Literal["logits", "softmax", "sigmoid"]
# What class activation maps can be made of: the head's weights, feature maps alone, or nothing.
Maps = Literal["exact", "maps", "none"]


@dataclass(frozen=True, slots=True)
class LayerFacts:
    """One layer in front of the first convolution.

    Attributes:
        path: its name, behind those of the models that it is nested in.
        constants: what it applies; stored: what its weights hold, where it has such weights.
        affine: what it does to what it receives; None if channels are taken apart or mixed.
        outputs: what it gives for each of ``PROBE_VALUES`` at the model's input.
    """

    path: str
    kind: str
    constants: dict[str, Channels]
    stored: dict[str, Channels]
    affine: Affine | None
    outputs: tuple[Channels, ...]


@dataclass(frozen=True, slots=True)
class Quantization:
    """An input that is stored as whole numbers: ``real = scale * (stored - zero_point)``.

    Where bytes are what is stored, those are the model's input here: an image of [0, 1] that is put
    in as it is becomes 0 and 1 alone. Else the real values are, and they are stored by the formula.

    Attributes:
        dtype: of what is stored, such as "uint8".
    """

    dtype: Literal["uint8", "int8"]
    scale: float
    zero_point: int

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest real value that can be stored."""
        low, high = (0, 255) if self.dtype == "uint8" else (-128, 127)
        return self.scale * (low - self.zero_point), self.scale * (high - self.zero_point)

    @property
    def takes_bytes(self) -> bool:
        """Whether bytes (less 128 in int8) are what is stored: 0 to 1, -1 to 1 or 0 to 255."""
        return any(
            all(abs(a - b) <= STORED * (usual[1] - usual[0]) for a, b in pairs)
            for usual in _BYTE_RANGES
            for pairs in (tuple(zip(self.ends, usual, strict=True)),)
        )


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What was measured of a model; nothing in it comes from a card.

    Attributes:
        input_shape: (height, width, channels), None where any size goes, however they are laid out.
        outputs: length of the output vector; None for a backbone without a head.
        dtypes: what its layers compute in.
        affine: from the model's input to the first convolution.
        ranges: by preset, lowest and highest value a channel at the first convolution for a
            black-to-white ramp.
        blank_ratios: on uniform images, the largest cell norm over the median's; empty if the model
            gives no maps.
        behind_mixing: behind a learned 1 x 1 convolution that stands in front; None without one.
        other_outputs: those that were left out, beside the one that classifies.
        layout: channels last or first, in what the model itself takes.
        channel_order: "RGB" or "BGR" where the constants inside tell; None where nothing does.
        output_kind: what the outputs are; None where that can't be told.
        input_dtype: what the model itself takes; quantization: of a whole-number input.
        maps: what class activation maps can be made of; None where that was not asked.
        labels: of the outputs, in their order, where the file holds them.
        declared: mean and deviation, a channel, that the file's own metadata names.
        pass_ms: what one image takes here; None where it was not timed.
        producer: what wrote the file, where it says so.
    """

    file: str
    file_format: str
    sha256: str
    keras_version: str | None
    architecture: str | None
    input_shape: tuple[int | None, int | None, int]
    outputs: int | None
    activation: str | None
    dropout: float
    dtypes: tuple[str, ...]
    layers: tuple[LayerFacts, ...]
    affine: Affine
    ranges: dict[str, tuple[Channels, Channels]]
    blank_ratios: tuple[float, ...] = ()
    behind_mixing: Affine | None = None
    other_outputs: tuple[str, ...] = ()
    layout: Layout = "NHWC"
    channel_order: Literal["RGB", "BGR", "gray"] | None = None
    output_kind: OutputKind | None = None
    input_dtype: str = "float32"
    quantization: Quantization | None = None
    maps: Maps | None = None
    labels: tuple[str, ...] = ()
    declared: tuple[Channels, Channels] | None = None
    pass_ms: float | None = None
    producer: str | None = None


def channel_order(affine: Affine, *, exchanged: bool = False) -> Literal["RGB", "BGR"] | None:
    """In which order a model takes colours, where the mean that it subtracts is ImageNet's.

    Args:
        affine: at the first convolution, one number a channel there.
        exchanged: whether the layers put the first channel last.

    Returns:
        None where the constants are another's, or the same for all channels.
    """
    if len(affine.gain) != 3 or not all(affine.gain):
        return None
    means = np.array([-o / g for g, o in zip(affine.gain, affine.offset, strict=True)])
    unit = means / means.sum() if means.sum() else means
    red_first = IMAGENET_MEAN / IMAGENET_MEAN.sum()
    if np.allclose(unit, red_first, atol=2e-3):
        return "BGR" if exchanged else "RGB"
    if np.allclose(unit, red_first[::-1], atol=2e-3):
        return "RGB" if exchanged else "BGR"
    return None
