"""A fused batch normalization computes what Keras' own does."""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tests.training.networks import INPUTS, RNG, compact
from xray_app.training.fit import fused
from xray_app.training.fit.fused import with_fused_batchnorm
from xray_app.training.fit.learner import probabilities_of
from xray_app.training.fit.networks import adapt_preprocessing, computing_in, seeded


def test_fused_batchnorm_computes_what_keras_does() -> None:
    """Outputs, gradients and moving statistics, in training, at inference and when frozen."""
    maps = keras.Input((6, 5, 4))
    plain = keras.Model(maps, keras.layers.BatchNormalization(momentum=0.7, name="bn")(maps))
    values = [RNG.random(4, np.float32) + 0.5 for _ in range(4)]
    plain.set_weights(values)
    x = tf.constant(10 * RNG.random((3, 6, 5, 4), np.float32) - 3)
    pull = RNG.standard_normal(x.shape).astype(np.float32)
    for training, trainable in ((True, True), (False, True), (True, False)):
        found = []
        for network in (plain, with_fused_batchnorm(plain)):
            layer = network.get_layer("bn")
            layer.set_weights(values)
            layer.trainable = trainable
            with tf.GradientTape() as tape:
                tape.watch(x)
                output = network(x, training=training)
                loss = tf.reduce_sum(output * pull)
            sources = [x, *(v.value for v in layer.trainable_variables)]
            found.append([output, *tape.gradient(loss, sources), *layer.get_weights()])
        assert type(layer) is fused.BatchNormalization
        for one, other in zip(*found, strict=True):
            np.testing.assert_allclose(np.asarray(one), np.asarray(other), rtol=1e-4, atol=1e-4)


def test_a_network_with_fused_batchnorm_is_the_same_and_loads_as_the_same(tmp_path: Path) -> None:
    network = seeded(compact, 3)
    copied = with_fused_batchnorm(network)
    kinds = [type(x) for x in copied.layers if isinstance(x, keras.layers.BatchNormalization)]
    assert kinds
    assert set(kinds) == {fused.BatchNormalization}
    np.testing.assert_allclose(
        probabilities_of(copied, [INPUTS]), probabilities_of(network, [INPUTS]), atol=1e-6
    )
    copied.save_weights(tmp_path / "a.weights.h5")
    other = seeded(compact, 4)
    other.load_weights(tmp_path / "a.weights.h5")
    np.testing.assert_array_equal(
        probabilities_of(other, [INPUTS]), probabilities_of(network, [INPUTS])
    )


def test_a_normalization_goes_on_with_its_own_statistics() -> None:
    """Keras' clone starts with mean 0 and variance 1, and assigning weights changes only those."""
    pixels = keras.Input((6, 5, 3))
    normalization = keras.layers.Normalization(name="normalization")
    maps = normalization(pixels)
    network = keras.Model(pixels, keras.layers.BatchNormalization()(maps))
    adapt_preprocessing(network, 0.25, 0.25)
    copied = with_fused_batchnorm(network)
    front = keras.Model(copied.input, copied.get_layer("normalization").output)
    found = np.asarray(front(np.ones((1, 6, 5, 3), np.float32)))
    np.testing.assert_allclose(found, 1.5)  # (1 - 0.25) / 0.5; of mean 0 and variance 1 it is 1


def test_what_computes_in_less_than_float32_is_not_fused() -> None:
    with computing_in("bfloat16"):
        copied = with_fused_batchnorm(compact())
    assert not any(isinstance(x, fused.BatchNormalization) for x in copied.layers)
