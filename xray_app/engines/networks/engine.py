"""A stranger's network as an engine; it lives in the child process that ``worker`` starts."""

import numpy as np

from xray_app.cards import ModelCard
from xray_app.core import EngineError, FloatArray, UnknownChoice
from xray_app.engines.networks.measuring import (
    gives_probabilities,
    head_kernel,
    measure_outputs,
)
from xray_app.engines.networks.network import Network
from xray_app.engines.protocol import Forward, LayerGradients, LayerOutput

LAST, NONE = "the last feature maps", "no feature maps"
_SMALLEST = 1e-12  # of a probability, whose logarithm stands for the logit
_NO_GRADIENTS = (
    "This model's file gives no gradients{but}; choose Score-CAM, occlusion or RISE, whichever is "
    "offered for it."
)


class NetworkEngine:
    """An ``Engine`` over a ``Network``: gradients only where the head's weights tell them.

    A single output z becomes the two logits 0 and z, whose softmax is the sigmoid of z.
    """

    def __init__(self, card: ModelCard, network: Network) -> None:
        """Find the head's weights.

        Raises:
            UnsupportedFile: the network doesn't give as many figures as the card has classes.
        """
        self._card = card
        self._network = network
        size = card.input
        shape = (1, size.height, size.width, network.image.channels)
        noise = np.random.default_rng(0).random(shape, np.float32)
        count, kind, _ = measure_outputs(network)
        self._is_single = count == 1
        self._is_probability = gives_probabilities(network, kind)
        if len(card.classes) != max(2, count):
            raise EngineError(
                f"Expected names for {max(2, count)} classes, received {len(card.classes)}; name "
                "each output of the model."
            )
        maps = network.run(noise).maps
        self._layers = (LAST if maps is not None else NONE,)
        kernel = None if maps is None else head_kernel(network, maps)
        self._kernel = None
        if kernel is not None and not self._is_probability:
            self._kernel = self._two(kernel)

    @property
    def card(self) -> ModelCard:
        """The card of the model."""
        return self._card

    @property
    def layers(self) -> tuple[str, ...]:
        """The last feature maps alone: behind others there are no gradients."""
        return self._layers

    def forward(self, batch: FloatArray) -> Forward:
        """Run the model on (N, H, W, 3) float32."""
        images = self._images(batch)
        answer = self._network.run(images)
        logits = answer.outputs
        if self._is_probability:
            logits = np.log(np.maximum(logits, _SMALLEST))
        maps = answer.maps
        if maps is None:
            maps = np.zeros((len(batch), 1, 1, 1), np.float32)
        first = self._network.front(images)[-1] if answer.first is None else answer.first
        return Forward(_whole(self._two(logits)), _whole(maps), _whole(first))

    def head_gradients(self, activations: FloatArray, targets: tuple[int, ...]) -> FloatArray:
        """Differentiate the logits ``targets`` with respect to ``layers[0]``, as the protocol.

        Raises:
            EngineError: the head is none whose weights tell it.
        """
        if self._kernel is None:
            raise EngineError(_NO_GRADIENTS.format(but=""))
        _, height, width, _ = activations.shape
        columns = self._kernel[:, list(targets)].T[:, np.newaxis, np.newaxis, :]
        gradients = np.broadcast_to(columns / np.float32(height * width), activations.shape)
        return _whole(gradients)

    def gradients(self, batch: FloatArray, layer: str, targets: tuple[int, ...]) -> LayerGradients:
        """As ``head_gradients``, of images.

        Raises:
            UnknownChoice: the layer is another.
            EngineError: as ``head_gradients``.
        """
        if layer not in self._layers:
            raise UnknownChoice.of("layer", layer, self._layers)
        activations = self.forward(batch).activations
        return LayerGradients(activations, self.head_gradients(activations, targets))

    def input_gradients(self, batch: FloatArray, targets: tuple[int, ...]) -> FloatArray:
        """There are none.

        Raises:
            EngineError: always.
        """
        raise EngineError(_NO_GRADIENTS.format(but=" to the pixels"))

    def trace(self, batch: FloatArray) -> tuple[LayerOutput, ...]:
        """Return what each operator in front of the first convolution gives, in order."""
        *outputs, _ = self._network.front(self._images(batch))
        return tuple(
            LayerOutput(step.name, step.kind, dict(step.constants), _whole(output))
            for step, output in zip(self._network.steps, outputs, strict=True)
            if output.ndim == 4
        )

    def close(self) -> None:
        """Nothing to free: the process holds it all."""

    def _images(self, batch: FloatArray) -> FloatArray:
        images: FloatArray = batch[..., : self._network.image.channels]
        return images

    def _two(self, figures: FloatArray) -> FloatArray:
        """(..., 1) as (..., 2), with 0 for "no"."""
        if not self._is_single:
            return figures
        return np.concatenate([np.zeros_like(figures), figures], axis=-1)


def _whole(array: FloatArray) -> FloatArray:
    return np.ascontiguousarray(array, np.float32)
