"""What the runtimes of strangers' models have in common: one image in, one figure a class out.

Images are (N, H, W, C) float32 here, C the model's own 1 or 3, whatever the model itself takes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from xray_app.core import FloatArray
from xray_app.core.normalization import Channels
from xray_app.engines.facts import Layout, OutputKind, Quantization

FREE_SIDE = 224  # pixels that an image is given where a model takes any size


@dataclass(frozen=True, slots=True)
class ImageInput:
    """What a network takes.

    Attributes:
        height, width: None where any size goes.
        batch: how many images at a time; None for any number.
        dtype: "float32", "float16", "uint8" or "int8".
    """

    height: int | None
    width: int | None
    channels: int
    layout: Layout
    dtype: str
    batch: int | None = None
    quantization: Quantization | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of an image that goes."""
        return self.height or FREE_SIDE, self.width or FREE_SIDE

    def stored(self, batch: FloatArray) -> np.ndarray:
        """Images (N, H, W, C) as the network itself takes them.

        Whole numbers are rounded, and what can't be stored becomes the nearest that can.
        """
        values = np.moveaxis(batch, -1, 1) if self.layout == "NCHW" else batch
        if self.dtype in {"uint8", "int8"}:
            ends, (scale, zero) = np.iinfo(self.dtype), self._storage
            values = np.clip(np.rint(values / scale + zero), ends.min, ends.max)
        return np.ascontiguousarray(values, self.dtype)

    def after_storing(self, batch: FloatArray) -> FloatArray:
        """What is left of images (N, H, W, C) once they are stored, as ``stored`` receives them."""
        if self.dtype not in {"uint8", "int8"}:
            return batch
        scale, zero = self._storage
        real = (self.stored(batch).astype(np.float64) - zero) * scale
        return np.asarray(np.moveaxis(real, 1, -1) if self.layout == "NCHW" else real, np.float32)

    @property
    def _storage(self) -> tuple[float, float]:
        """Scale and zero point between the images and the whole numbers that are stored."""
        if self.quantization is not None and not self.quantization.takes_bytes:
            return self.quantization.scale, self.quantization.zero_point
        return 1.0, -128.0 if self.dtype == "int8" else 0.0


@dataclass(frozen=True, slots=True)
class StepName:
    """One operator in front of the first convolution that changes pixel values."""

    name: str
    kind: str
    constants: Mapping[str, Channels]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What one pass gives.

    Attributes:
        outputs: (N, K) float32, in front of a softmax or sigmoid if the network ends with one.
        maps: (N, h, w, C) float32 of the last feature maps; None if there are none.
        first: (N, H, W, C) float32, what reaches the first convolution; None where a pass of its
            own gives that.
    """

    outputs: FloatArray
    maps: FloatArray | None
    first: FloatArray | None = None


class Network(Protocol):
    """A loaded network of any runtime."""

    @property
    def image(self) -> ImageInput:
        """What it takes."""

    @property
    def file_format(self) -> str:
        """Such as "onnx"."""

    @property
    def producer(self) -> str | None:
        """What wrote the file."""

    @property
    def steps(self) -> tuple[StepName, ...]:
        """The operators in front of the first convolution that change pixel values, in order."""

    @property
    def ending(self) -> OutputKind | None:
        """Softmax or sigmoid, if the network ends with such an operator."""

    @property
    def other_outputs(self) -> tuple[str, ...]:
        """Outputs that are left out, beside the one that classifies."""

    @property
    def dtypes(self) -> tuple[str, ...]:
        """What it computes in."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Of the outputs, where the file holds them."""

    @property
    def declared(self) -> tuple[Channels, Channels] | None:
        """Mean and deviation that the file's metadata names."""

    def front(self, batch: FloatArray) -> list[FloatArray]:
        """What each of ``steps`` gives, and last what reaches the first convolution, unpadded."""

    def run(self, batch: FloatArray) -> Answer:
        """Run all of it."""

    def tail(self, maps: FloatArray) -> FloatArray | None:
        """From feature maps (N, h, w, C) to the outputs; None where that can't be run alone."""

    @property
    def dense(self) -> FloatArray | None:
        """What the file itself names as the head behind pooling, (C, K); None if it does not."""
