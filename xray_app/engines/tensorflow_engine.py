"""The reference engine: Keras on TensorFlow, traced once, one call at a time."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from xray_app.core.card import ModelCard
from xray_app.core.errors import UnknownChoice, WeightsError
from xray_app.core.records import FloatArray, LayerOutput
from xray_app.engines.architectures import build_from_card
from xray_app.engines.protocol import Forward, LayerGradients

Traced = Callable[..., Any]

# Layers that only frame the image: what is measured is what happens to pixel values.
_FRAMING = ("InputLayer", "ZeroPadding2D", "Cropping2D")


class TensorFlowEngine:
    """An ``Engine`` over a flat functional Keras model whose output is the logits.

    Several threads may call at once; they take turns, since the work already uses every core.
    """

    def __init__(self, card: ModelCard, model: Any) -> None:
        self._card = card
        self._model = model
        self._lock = threading.Lock()
        self._preprocessing = _layers_before_first_convolution(model)
        self._explainable = _last_layer_of_each_resolution(model)
        self._traced_gradients: dict[str, Traced] = {}
        self._traced_forward = self._trace_forward()

    @classmethod
    def load(cls, card: ModelCard, weights: Path) -> "TensorFlowEngine":
        """Build the architecture that ``card`` names and load its weights.

        Raises:
            CardError: the architecture is not known.
            WeightsError: the weights do not fit the architecture.
        """
        # TensorFlow writes start-up notes to standard error; a person's terminal is not the place.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        model = build_from_card(card)
        try:
            model.load_weights(weights)
        except Exception as error:  # Keras and h5py raise many types here
            raise WeightsError(
                f"Weights {weights.name} do not fit architecture {card.architecture} with "
                f"{len(card.classes)} classes: {str(error).splitlines()[0]}"
            ) from error
        return cls(card, model)

    @property
    def card(self) -> ModelCard:
        """The card of the model."""
        return self._card

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers that can be explained: the last of each resolution, the coarsest first."""
        return self._explainable

    def forward(self, batch: FloatArray) -> Forward:
        """Run the model on (N, H, W, 3) float32; gradients are not computed."""
        with self._lock:
            first, activations, logits = (t.numpy() for t in self._traced_forward(batch))
        return Forward(logits, _softmax(logits), activations, first)

    def gradients(self, batch: FloatArray, layer: str, targets: tuple[int, ...]) -> LayerGradients:
        """Differentiate, for each image n, the logit ``targets[n]`` with respect to ``layer``.

        Raises:
            UnknownChoice: the layer is not one of ``layers``.
        """
        if layer not in self._explainable:
            raise UnknownChoice.of("layer", layer, self._explainable)
        with self._lock:
            if layer not in self._traced_gradients:
                self._traced_gradients[layer] = self._trace_gradients(layer)
            traced, start = self._traced_gradients[layer], batch
            if layer == self._explainable[0]:
                _, start, _ = self._traced_forward(batch)
            activations, gradients = traced(start, np.asarray(targets, np.int32))
        return LayerGradients(activations.numpy(), gradients.numpy())

    def trace(self, batch: FloatArray) -> tuple[LayerOutput, ...]:
        """Return what each layer in front of the first convolution gives, in order."""
        outputs, x = [], batch
        for layer in self._preprocessing:
            x = np.asarray(layer(x), np.float32)
            outputs.append(LayerOutput(layer.name, type(layer).__name__, _constants(layer), x))
        return tuple(outputs)

    def close(self) -> None:
        """Nothing to free: the process holds it all."""

    def _trace_forward(self) -> Traced:
        import keras
        import tensorflow as tf

        last = self._model.get_layer(self._explainable[0]).output
        whole = keras.Model(self._model.input, [last, self._model.output])
        preprocessing = self._preprocessing

        def forward(batch: Any) -> tuple[Any, Any, Any]:
            first = batch
            for layer in preprocessing:
                first = layer(first)
            return first, *whole(batch, training=False)

        traced: Traced = tf.function(forward, input_signature=[self._batch_signature()])
        return traced

    def _trace_gradients(self, layer: str) -> Traced:
        """Trace (start, targets) -> (activations, gradients).

        Start is the batch; for the last layer it is that layer's activations, behind which only
        pooling and the head remain, so that nothing else is traced or differentiated.
        """
        import keras
        import tensorflow as tf

        explained, logits = self._model.get_layer(layer).output, self._model.output
        start_is_layer = layer == self._explainable[0]
        if start_is_layer:
            start, rest = explained, keras.Model(explained, logits)
        else:
            start, rest = self._model.input, keras.Model(self._model.input, [explained, logits])
        signature = [tf.TensorSpec(start.shape, tf.float32), tf.TensorSpec([None], tf.int32)]

        def gradients(start: Any, targets: Any) -> tuple[Any, Any]:
            # Watching the input, not the variables, also serves a model whose layers are frozen.
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(start)
                outputs = rest(start, training=False)
                activations, logits = (start, outputs) if start_is_layer else outputs
                chosen = tf.gather(logits, targets, axis=1, batch_dims=1)
            return activations, tape.gradient(chosen, activations)

        traced: Traced = tf.function(gradients, input_signature=signature)
        return traced

    def _batch_signature(self) -> Any:
        import tensorflow as tf

        size = self._card.input
        return tf.TensorSpec([None, size.height, size.width, 3], tf.float32)


def _layers_before_first_convolution(model: Any) -> tuple[Any, ...]:
    import keras

    layers = []
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            break
        if type(layer).__name__ not in _FRAMING:
            layers.append(layer)
    return tuple(layers)


def _last_layer_of_each_resolution(model: Any) -> tuple[str, ...]:
    """Names of the deepest layer at each of the three coarsest resolutions."""
    last: dict[int, str] = {}
    for layer in model.layers:
        shape = tuple(layer.output.shape)
        if len(shape) == 4 and shape[1] > 1 and type(layer).__name__ not in _FRAMING:
            last[shape[1]] = layer.name
    return tuple(name for _, name in sorted(last.items()))[:3]


def _constants(layer: Any) -> dict[str, tuple[float, ...]]:
    names = ("scale", "offset", "mean", "variance")
    return {
        name: tuple(np.asarray(value, np.float64).ravel().tolist())
        for name in names
        if (value := getattr(layer, name, None)) is not None
    }


def _softmax(logits: FloatArray) -> FloatArray:
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), np.float32)
