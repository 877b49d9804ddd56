"""The reference engine: Keras on TensorFlow, traced once, one call at a time."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from xray_app.cards import ModelCard
from xray_app.core import CardError, FloatArray, UnknownChoice
from xray_app.engines.keras.architectures import load_from_card
from xray_app.engines.keras.preprocessing import (
    GEOMETRY_LAYERS,
    constants_of,
    layers_before_first_convolution,
)
from xray_app.engines.keras.randomization import shuffle_stage, stages_of
from xray_app.engines.protocol import Forward, LayerGradients, LayerOutput

Traced = Callable[..., Any]


class TensorFlowEngine:
    """An ``Engine`` over a flat functional Keras model whose output is the logits.

    Several threads may call at once; they take turns, since the work already uses every core.
    """

    def __init__(self, card: ModelCard, model: Any) -> None:
        self._card = card
        self._model = model
        self._lock = threading.Lock()
        self._preprocessing = layers_before_first_convolution(model)
        self._explainable = _last_layer_of_each_resolution(model)
        self._traced_gradients: dict[str, Traced] = {}
        self._traced_input_gradients: Traced | None = None
        self._traced_forward = self._trace_forward()

    @classmethod
    def load(cls, card: ModelCard, weights: Path) -> "TensorFlowEngine":
        """Build the architecture that ``card`` names and load its weights.

        Raises:
            CardError: the architecture, or the gate's layer in it, is not known.
            WeightsError: the weights do not fit the architecture.
        """
        # TensorFlow writes start-up notes to standard error; a person's terminal is not the place.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        return cls(card, load_from_card(card, weights))

    @property
    def card(self) -> ModelCard:
        """The card of the model."""
        return self._card

    @property
    def model(self) -> Any:
        """The ``keras.Model``, for the export; no other room may touch it."""
        return self._model

    @property
    def preprocessing(self) -> tuple[str, ...]:
        """Names of the layers in front of the first convolution, in order."""
        return tuple(layer.name for layer in self._preprocessing)

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers that can be explained: the last of each resolution, the coarsest first."""
        return self._explainable

    def forward(self, batch: FloatArray) -> Forward:
        """Run the model on (N, H, W, 3) float32; gradients are not computed."""
        with self._lock:
            traced = [tensor.numpy() for tensor in self._traced_forward(batch)]
        first, activations, logits, *gate = traced
        return Forward(logits, activations, first, *gate)

    def gradients(self, batch: FloatArray, layer: str, targets: tuple[int, ...]) -> LayerGradients:
        """Differentiate, for each image n, the logit ``targets[n]`` with respect to ``layer``.

        Raises:
            UnknownChoice: the layer is not one of ``layers``.
        """
        if layer not in self._explainable:
            raise UnknownChoice.of("layer", layer, self._explainable)
        if layer == self._explainable[0]:
            activations = self.forward(batch).activations
            return LayerGradients(activations, self.head_gradients(activations, targets))
        activations, gradients = self._differentiate(layer, batch, targets)
        return LayerGradients(activations, gradients)

    def head_gradients(self, activations: FloatArray, targets: tuple[int, ...]) -> FloatArray:
        """Differentiate, for each image n, the logit ``targets[n]`` with respect to ``layers[0]``.

        Only pooling and the head lie behind that layer, so nothing else runs.
        """
        return self._differentiate(self._explainable[0], activations, targets)[1]

    def _differentiate(
        self, layer: str, start: FloatArray, targets: tuple[int, ...]
    ) -> tuple[FloatArray, FloatArray]:
        with self._lock:
            if layer not in self._traced_gradients:
                self._traced_gradients[layer] = self._trace_gradients(layer)
            traced = self._traced_gradients[layer](start, np.asarray(targets, np.int32))
            activations, gradients = (t.numpy() for t in traced)
        return activations, gradients

    def input_gradients(self, batch: FloatArray, targets: tuple[int, ...]) -> FloatArray:
        """Differentiate, for each image n, the logit ``targets[n]`` with respect to its pixels."""
        with self._lock:
            if self._traced_input_gradients is None:
                self._traced_input_gradients = self._trace_input_gradients()
            traced = self._traced_input_gradients(batch, np.asarray(targets, np.int32))
            gradients: FloatArray = traced.numpy()
        return gradients

    @property
    def stages(self) -> tuple[str, ...]:
        """Parts of the network whose weights ``randomize`` can shuffle, from the head down."""
        return tuple(stages_of(self._model, self.preprocessing))

    def randomize(self, stage: str, seed: int) -> None:
        """Shuffle the weights of one stage, for good; see ``engines.randomization``."""
        with self._lock:
            shuffle_stage(stages_of(self._model, self.preprocessing), stage, seed)

    def trace(self, batch: FloatArray) -> tuple[LayerOutput, ...]:
        """Return what each layer in front of the first convolution gives, in order."""
        outputs, x = [], batch
        for layer in self._preprocessing:
            x = np.asarray(layer(x), np.float32)
            outputs.append(LayerOutput(layer.name, type(layer).__name__, constants_of(layer), x))
        return tuple(outputs)

    def close(self) -> None:
        """Nothing to free: the process holds it all."""

    def _trace_forward(self) -> Traced:
        import keras
        import tensorflow as tf

        last = self._model.get_layer(self._explainable[0]).output
        outputs = [last, self._model.output, *gate_output(self._model, self._card)]
        whole = keras.Model(self._model.input, outputs)
        preprocessing = self._preprocessing

        def forward(batch: Any) -> tuple[Any, ...]:
            first = batch
            for layer in preprocessing:
                first = layer(first)
            activations, logits, *read_by_gate = whole(batch, training=False)
            if not read_by_gate:
                return first, activations, logits
            statistics = tf.concat([_channel_statistics(maps) for maps in read_by_gate], axis=1)
            return first, activations, logits, statistics

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

    def _trace_input_gradients(self) -> Traced:
        import tensorflow as tf

        model = self._model

        def gradients(batch: Any, targets: Any) -> Any:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(batch)
                chosen = tf.gather(model(batch, training=False), targets, axis=1, batch_dims=1)
            return tape.gradient(chosen, batch)

        signature = [self._batch_signature(), tf.TensorSpec([None], tf.int32)]
        traced: Traced = tf.function(gradients, input_signature=signature)
        return traced

    def _batch_signature(self) -> Any:
        import tensorflow as tf

        size = self._card.input
        return tf.TensorSpec([None, size.height, size.width, 3], tf.float32)


def gate_output(model: Any, card: ModelCard) -> list[Any]:
    """The outputs of the layers that the gate reads; nothing if the card names none.

    Raises:
        CardError: the model has no such layer, or one gives no feature maps.
    """
    if card.gate is None:
        return []
    maps = {layer.name: layer.output for layer in model.layers if len(layer.output.shape) == 4}
    for name in card.gate.layers:
        if name not in maps:
            raise CardError(
                f"Model card {card.name}, field gate.layers: expected layers of "
                f"{card.architecture} that give feature maps, received {name!r}."
            )
    return [maps[name] for name in card.gate.layers]


def _channel_statistics(activations: Any) -> Any:
    """(N, h, w, C) to (N, 2 C), as ``core.gate.channel_statistics``."""
    import tensorflow as tf

    mean, variance = tf.nn.moments(activations, [1, 2])
    return tf.concat([mean, tf.sqrt(variance)], axis=1)


def _last_layer_of_each_resolution(model: Any) -> tuple[str, ...]:
    """Names of the deepest layer at each of the three coarsest resolutions."""
    last: dict[int, str] = {}
    for layer in model.layers:
        shape = tuple(layer.output.shape)
        if len(shape) == 4 and shape[1] > 1 and type(layer).__name__ not in GEOMETRY_LAYERS:
            last[shape[1]] = layer.name
    return tuple(name for _, name in sorted(last.items()))[:3]
