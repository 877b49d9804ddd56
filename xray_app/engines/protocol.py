"""What an engine must offer. Numpy goes in and comes out; no runtime's own type crosses."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from xray_app.cards import ModelCard
from xray_app.core import FloatArray

CLOSED = "The model was closed; reload the page."


@dataclass(frozen=True, slots=True, eq=False)
class Forward:
    """What one pass over a batch gives.

    Attributes:
        logits: (N, K) float32; their softmax are the model's own probabilities.
        activations: (N, h, w, C) float32 of the last convolutional layer, ``layers[0]``.
        first_convolution: (N, H, W, 3) float32, what reaches the first convolution, unpadded.
        gate_statistics: (N, D) float32; of each layer that the card names for the gate the means
            of its channels, then their standard deviations; None if it names none.
    """

    logits: FloatArray
    activations: FloatArray
    first_convolution: FloatArray
    gate_statistics: FloatArray | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LayerGradients:
    """Activations (N, h, w, C) of a layer and the gradients of one logit an image to them."""

    activations: FloatArray
    gradients: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class LayerOutput:
    """What one layer in front of the first convolution gives for a batch.

    Attributes:
        name, kind: the layer's name and class, such as "rescaling" and "Rescaling".
        constants: the layer's own numbers, such as {"scale": (0.0039,)}.
        output: (N, H, W, C) float32.
    """

    name: str
    kind: str
    constants: Mapping[str, tuple[float, ...]]
    output: FloatArray


class Engine(Protocol):
    """A loaded model. Every method may be called from several threads at once."""

    @property
    def card(self) -> ModelCard:
        """The card of the model."""

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers that can be explained: the last of each resolution, the coarsest first."""

    def forward(self, batch: FloatArray) -> Forward:
        """Run the model on (N, H, W, 3) float32."""

    def head_gradients(self, activations: FloatArray, targets: tuple[int, ...]) -> FloatArray:
        """Differentiate, for each image n, the logit ``targets[n]`` with respect to ``layers[0]``.

        Takes that layer's activations (N, h, w, C), as ``forward`` gave them, so that no second
        pass over the model is needed. Returns the same shape.
        """

    def gradients(self, batch: FloatArray, layer: str, targets: tuple[int, ...]) -> LayerGradients:
        """Differentiate, for each image n, the logit ``targets[n]`` with respect to ``layer``."""

    def input_gradients(self, batch: FloatArray, targets: tuple[int, ...]) -> FloatArray:
        """Differentiate, for each image n, the logit ``targets[n]`` with respect to its pixels.

        Takes and returns (N, H, W, 3) float32.
        """

    def trace(self, batch: FloatArray) -> tuple[LayerOutput, ...]:
        """Return what each layer in front of the first convolution gives, in order."""

    def close(self) -> None:
        """Free what the engine holds; a closed engine must not be called again."""
