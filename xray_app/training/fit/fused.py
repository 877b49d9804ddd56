"""BatchNormalization in one operation, for training on TensorFlow.

Keras writes it as a dozen elementwise operations, each of which passes over the feature maps; a
processor then spends half of a training step on them (``python -m benchmarks.training``).
"""

from typing import Any

import keras

from xray_app.engines.keras import finalise_statistics


# Keras names a layer's group in a weights file by its class, so the name must stay.
class BatchNormalization(keras.layers.BatchNormalization):  # type: ignore[misc]
    """Computes what Keras' own computes, moving statistics included (Ioffe and Szegedy 2015)."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalise (N, H, W, C) by the batch, or by the moving statistics where frozen."""
        if training and self.trainable:
            output, mean, variance = _fused(self, inputs)
            count = keras.ops.cast(keras.ops.size(inputs[..., 0]), variance.dtype)
            # TensorFlow corrects the variance for the sample's size (Bessel), Keras does not.
            self._move(self.moving_mean, mean)
            self._move(self.moving_variance, variance * (count - 1) / count)
            return output
        return _fused(self, inputs, self.moving_mean, self.moving_variance)[0]

    def _move(self, average: Any, value: Any) -> None:
        average.assign(average * self.momentum + value * (1 - self.momentum))


def with_fused_batchnorm(network: Any) -> Any:
    """Copy a network, weights included, with each BatchNormalization of feature maps fused.

    On another backend than TensorFlow, whose compilers fuse by themselves, the network itself is
    returned. A layer that computes in less than float32 is copied as it is.
    """
    if keras.backend.backend() != "tensorflow":
        return network

    def copy(layer: Any) -> Any:
        kind = BatchNormalization if _can_be_fused(layer) else layer.__class__
        return kind.from_config(layer.get_config())

    fused = keras.models.clone_model(network, clone_function=copy)
    fused.set_weights(network.get_weights())
    finalise_statistics(fused)
    return fused


def _can_be_fused(layer: Any) -> bool:
    return (
        type(layer) is keras.layers.BatchNormalization
        and len(layer.output.shape) == 4
        and layer.axis in (-1, 3)
        and layer.center
        and layer.scale
        and layer.compute_dtype == "float32"
    )


def _fused(layer: Any, inputs: Any, *statistics: Any) -> Any:
    import tensorflow as tf

    return tf.compat.v1.nn.fused_batch_norm(
        inputs,
        layer.gamma.value,
        layer.beta.value,
        *(s.value for s in statistics),
        epsilon=layer.epsilon,
        is_training=not statistics,
    )
