"""Networks to fit: the engines' architectures, a compact one for a CPU, and variants of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from xray_app.core import ModelError
from xray_app.engines.keras import (
    IMAGENET_WEIGHTS,
    ImageNetWeights,
    build_model,
    finalise_statistics,
    load_imagenet_weights,
)
from xray_app.training.recipe import COMPACT

HEAD_INPUT = "head_dropout"
_WIDTHS = (8, 16, 32, 64)
_PREPROCESSING = (keras.layers.Rescaling, keras.layers.Normalization)


class GainAndShift(keras.layers.Layer):  # type: ignore[misc]
    """What is left of BatchNorm without its statistics: y = gamma x + beta, for each channel."""

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create gamma, all 1, and beta, all 0."""
        shape = (input_shape[-1],)
        self.gamma = self.add_weight(shape=shape, initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=shape, initializer="zeros", name="beta")

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Apply the gain and the shift, whatever else BatchNorm would be told."""
        return inputs * self.gamma + self.beta


def build_network(
    architecture: str, size: int, classes: int, dropout: float, *, rescales: bool = False
) -> Any:
    """Build an uninitialised network from (N, size, size, 3) to logits (N, K).

    Args:
        rescales: keep the architecture's own preprocessing layers; without, the input goes to the
            first convolution as it is.

    Raises:
        ModelError: the architecture preprocesses its input in a way that can't be kept or left out.
    """
    if architecture == COMPACT:
        network = _compact(size, classes, dropout)
    else:
        network = build_model(architecture, size, size, classes, dropout, rescales=rescales)
    if rescales and not any(isinstance(x, keras.layers.Normalization) for x in network.layers):
        raise ModelError(
            f"{architecture} has no Rescaling and Normalization of its own to keep; leave out "
            f"--keep-preprocessing."
        )
    if not rescales:
        _require_no_preprocessing(network, architecture)
    network.jit_compile = fastest_compiler()
    return network


def build_pretrained(
    architecture: str,
    size: int,
    classes: int,
    dropout: float,
    *,
    freeze_batchnorm: bool,
    rescales: bool = False,
) -> Any:
    """Build a network as ``build_network`` does, on ImageNet's weights and under a new head.

    Args:
        freeze_batchnorm: make every BatchNormalization untrainable, so that its statistics, gain
            and shift stay ImageNet's in training as well.
        rescales: put what the weights expect, (x - mean) / deviation of bytes, into the network, as
            Keras' own EfficientNets have it.

    Raises:
        ModelError: no weights of the architecture ship, or they are missing or altered.
    """
    network = build_network(architecture, size, classes, dropout)
    load_imagenet_weights(network, architecture)
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = not freeze_batchnorm
    return _rescaling(network, IMAGENET_WEIGHTS[architecture]) if rescales else network


def _rescaling(network: Any, weights: ImageNetWeights) -> Any:
    """Copy a network with a ``Rescaling`` of bytes between its input and its first layer."""
    first = network.layers[1].name
    own = keras.layers.Rescaling(1 / weights.deviation, -weights.mean / weights.deviation)

    def call(layer: Any, inputs: Any, *others: Any, **named: Any) -> Any:
        return layer(own(inputs) if layer.name == first else inputs, *others, **named)

    whole = keras.models.clone_model(network, call_function=call)
    whole.set_weights(network.get_weights())
    whole.jit_compile = fastest_compiler()
    return whole


def fastest_compiler() -> bool | str:
    """What Keras' ``jit_compile`` should be on this machine.

    On a processor XLA's convolutions take several times as long as TensorFlow's own, yet Keras
    chooses XLA by default (``python -m benchmarks.training``).
    """
    if keras.backend.backend() != "tensorflow":
        return "auto"
    import tensorflow as tf

    return "auto" if tf.config.list_physical_devices("GPU") else False


def preprocessing_layers(network: Any) -> tuple[str, ...]:
    """Class names of the network's own preprocessing layers, in order."""
    return tuple(type(x).__name__ for x in network.layers if isinstance(x, _PREPROCESSING))


def adapt_preprocessing(network: Any, mean: float, variance: float) -> None:
    """Give the network's Normalization the mean and variance of the training pixels in [0, 1]."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.Normalization):
            shape = layer.adapt_mean.shape
            layer.adapt_mean.assign(np.full(shape, mean, np.float32))
            layer.adapt_variance.assign(np.full(shape, variance, np.float32))
    finalise_statistics(network)


def neutralise_preprocessing(network: Any) -> None:
    """Make the network's own preprocessing do nothing, so that a scheme reaches its convolution."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.Rescaling):
            layer.scale, layer.offset = 1.0, 0.0
    adapt_preprocessing(network, 0.0, 1.0)


def _require_no_preprocessing(network: Any, architecture: str) -> None:
    # Whole numbers up to 256 are exact in bfloat16 as well.
    probe = np.array([*range(-256, 0, 43), *range(1, 257, 51)], np.float32).reshape(1, 2, 2, 3)
    for layer in network.layers:
        if isinstance(layer, _PREPROCESSING):
            passed = keras.ops.convert_to_numpy(layer(probe))
            if not np.allclose(passed, probe, rtol=1e-6, atol=1e-6):
                raise ModelError(
                    f"{architecture} changes its input in its layer {layer.name!r}, so a scheme "
                    f"would not reach the first convolution; choose another architecture."
                )


def without_batchnorm(network: Any, *, stem_only: bool) -> Any:
    """Copy a network with each BatchNormalization (or the first alone) as its gain and shift."""
    names = [x.name for x in network.layers if isinstance(x, keras.layers.BatchNormalization)]
    replaced = set(names[:1] if stem_only else names)

    def copy(layer: Any) -> Any:
        if layer.name in replaced:
            return GainAndShift(name=layer.name)
        return layer.__class__.from_config(layer.get_config())

    return keras.models.clone_model(network, clone_function=copy)


def backbone_of(network: Any) -> Any:
    """Return the frozen network from its input to the features (N, F) in front of the head."""
    backbone = keras.Model(network.input, network.get_layer(HEAD_INPUT).input)
    backbone.trainable = False
    backbone.jit_compile = fastest_compiler()
    return backbone


def build_head(features: int, classes: int, dropout: float) -> Any:
    """Build a new head from features (N, F) to logits (N, K)."""
    inputs = keras.Input((features,))
    return keras.Model(inputs, _head(inputs, classes, dropout))


@contextmanager
def computing_in(precision: str) -> Iterator[None]:
    """Build networks that compute in ``float32`` or ``bfloat16``; weights stay float32."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else "float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def seeded(build: Callable[[], Any], seed: int) -> Any:
    """Build a network whose initial weights and dropout follow from ``seed``."""
    keras.utils.set_random_seed(seed)
    return build()


def _head(features: Any, classes: int, dropout: float) -> Any:
    x = keras.layers.Dropout(dropout, name=HEAD_INPUT)(features)
    return keras.layers.Dense(classes, name="predictions")(x)


def _compact(size: int, classes: int, dropout: float) -> Any:
    """Build a residual network (He 2016) of four one-block stages, 78 thousand parameters."""
    inputs = keras.Input((size, size, 3))
    x = keras.layers.Activation("relu")(_convolved(inputs, _WIDTHS[0], 3, 2))
    for stage, width in enumerate(_WIDTHS):
        x = _block(x, width, 2 if stage else 1)
    features = keras.layers.GlobalAveragePooling2D(name="avg_pool")(x)
    return keras.Model(inputs, _head(features, classes, dropout))


def _block(x: Any, width: int, strides: int) -> Any:
    y = keras.layers.Activation("relu")(_convolved(x, width, 3, strides))
    y = _convolved(y, width, 3, 1)
    shortcut = _convolved(x, width, 1, strides) if strides > 1 else x
    return keras.layers.Activation("relu")(keras.layers.Add()([y, shortcut]))


def _convolved(x: Any, width: int, kernel: int, strides: int) -> Any:
    x = keras.layers.Conv2D(
        width, kernel, strides, "same", use_bias=False, kernel_initializer="he_normal"
    )(x)
    return keras.layers.BatchNormalization(momentum=0.9)(x)
