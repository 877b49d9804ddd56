from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf

from xray_app.core.errors import ModelError
from xray_app.training.data.batches import Batch
from xray_app.training.export import save_half_precision
from xray_app.training.fit import fused
from xray_app.training.fit.fused import with_fused_batchnorm
from xray_app.training.fit.learner import Learner, Schedule, probabilities_of
from xray_app.training.fit.networks import (
    adapt_preprocessing,
    backbone_of,
    build_network,
    build_pretrained,
    computing_in,
    neutralise_preprocessing,
    preprocessing_layers,
    seeded,
    without_batchnorm,
)
from xray_app.training.options import COMPACT

RNG = np.random.default_rng(2)
INPUTS = RNG.random((4, 32, 32, 3), np.float32)


def compact() -> keras.Model:
    return build_network(COMPACT, 32, 2, 0.1)


def batch(size: int = 4) -> Batch:
    targets = np.eye(2, dtype=np.float32)[np.arange(size) % 2]
    return Batch(INPUTS[:size], targets, np.ones(size, np.float32))


@pytest.fixture(scope="module")
def learner() -> Learner:
    return Learner(compact, Schedule(1e-2, 0.01, 40, 4), average=0.5)


def test_initial_weights_follow_the_seed() -> None:
    one, again, other = (probabilities_of(seeded(compact, s), [INPUTS]) for s in (1, 1, 2))
    np.testing.assert_array_equal(one, again)
    assert not np.allclose(one, other)


def test_batchnorm_is_scale_free_and_its_replacement_is_not() -> None:
    """Ioffe and Szegedy 2015, section 3.3: BN(Wx) = BN((aW)x)."""
    with_it = seeded(compact, 0)
    bare = without_batchnorm(with_it, stem_only=False)
    names = {type(x).__name__ for x in bare.layers}
    assert "BatchNormalization" not in names
    stem = without_batchnorm(with_it, stem_only=True)
    kinds = [type(x).__name__ for x in stem.layers]
    assert kinds.count("GainAndShift") == 1
    assert kinds.index("GainAndShift") < kinds.index("BatchNormalization")

    def shift(network: keras.Model) -> float:
        small, large = (np.asarray(network(INPUTS * s, training=True)) for s in (10.0, 1000.0))
        return float(np.abs(small - large).max())

    for network in (with_it, bare):
        network.get_layer("head_dropout").rate = 0.0
    assert shift(with_it) < 0.05
    assert shift(bare) > 1.0


def test_reset_gives_the_same_training_again_without_compiling(learner: Learner) -> None:
    def losses(seed: int) -> list[float]:
        learner.reset(seed)
        return [learner.step(batch()) for _ in range(4)]

    first = losses(3)
    step = learner.model.train_function
    assert losses(4) != first
    assert losses(3) == first
    assert learner.model.train_function is step


def test_state_brings_everything_back(learner: Learner) -> None:
    learner.reset(0)
    for _ in range(9):
        learner.step(batch())
    state = learner.state()
    ahead = [learner.step(batch()) for _ in range(8)]
    with learner.averaged():
        averaged = learner.predict([INPUTS])
    learner.reset(1)
    learner.restore(state)
    assert [learner.step(batch()) for _ in range(8)] == ahead
    with learner.averaged():
        np.testing.assert_array_equal(learner.predict([INPUTS]), averaged)
    assert not np.array_equal(learner.predict([INPUTS]), averaged)


def test_gradient_norm_is_that_of_the_first_kernel() -> None:
    """For a head alone, dL/dW = x^T (p - y) / N (Bishop 2006, equation 4.109)."""

    def head() -> keras.Model:
        inputs = keras.Input((3,))
        return keras.Model(inputs, keras.layers.Dense(2)(inputs))

    x, y = RNG.random((4, 3), np.float32), np.eye(2, dtype=np.float32)[[0, 1, 1, 0]]
    linear = Learner(head, Schedule(0.1, 0.0, 10, 0))
    linear.reset(0)
    expected = np.linalg.norm(x.T @ (linear.predict([x]) - y) / 4)
    linear.step(Batch(x, y, np.ones(4, np.float32)))
    assert linear.take_gradient_norm(1) == pytest.approx(expected, rel=1e-4)
    assert linear.take_gradient_norm(1) == 0


def test_schedule_warms_up_and_falls_to_zero() -> None:
    rate = Schedule(1e-2, 0, 100, 10).rate()
    at = [float(rate(step)) for step in (0, 5, 10, 55, 100)]
    assert at == pytest.approx([0, 5e-3, 1e-2, 5e-3, 0], abs=1e-6)


def test_a_network_without_an_answer_says_so() -> None:
    network = compact()
    network.get_layer("predictions").bias.assign([np.nan, 0])
    np.testing.assert_array_equal(probabilities_of(network, [INPUTS]), np.full((4, 2), 0.5))


def test_a_smaller_last_batch_changes_nothing() -> None:
    network = compact()
    whole = probabilities_of(network, [INPUTS])
    parts = probabilities_of(network, [INPUTS[:3], INPUTS[3:]])
    assert parts.shape == whole.shape
    np.testing.assert_allclose(parts, whole, atol=1e-6)


def test_bfloat16_computes_and_keeps_float32_weights() -> None:
    with computing_in("bfloat16"):
        network = compact()
    assert network.get_layer("predictions").compute_dtype == "bfloat16"
    assert {str(v.dtype) for v in network.weights} == {"float32"}
    assert compact().get_layer("predictions").compute_dtype == "float32"


def test_half_precision_keeps_what_float16_cannot_hold(tmp_path: Path) -> None:
    network = compact()
    variance = next(v for v in network.weights if "moving_variance" in v.path)
    variance.assign(np.full(variance.shape, 1e6))
    path = tmp_path / "half.weights.h5"
    save_half_precision(network, path)
    kinds: dict[np.dtype, int] = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda _, x: (
                kinds.update({x.dtype: kinds.get(x.dtype, 0) + 1})
                if isinstance(x, h5py.Dataset)
                else None
            )
        )
    assert kinds.pop(np.dtype(np.float32)) == 1
    assert set(kinds) == {np.dtype(np.float16)}
    loaded = compact()
    loaded.load_weights(path)
    np.testing.assert_allclose(
        probabilities_of(loaded, [INPUTS]), probabilities_of(network, [INPUTS]), atol=2e-3
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["half.weights.h5"]


def test_what_the_optimizer_remembers_is_not_written(tmp_path: Path, learner: Learner) -> None:
    learner.reset(0)
    learner.step(batch())
    save_half_precision(learner.model, tmp_path / "half.weights.h5")
    with h5py.File(tmp_path / "half.weights.h5") as file:
        assert "optimizer" not in file
        sizes: list[int] = []
        file.visititems(lambda _, x: sizes.append(x.size) if isinstance(x, h5py.Dataset) else None)
    assert sum(sizes) == learner.model.count_params()
    loaded = compact()
    loaded.load_weights(tmp_path / "half.weights.h5")


def test_preprocessing_is_left_out_kept_or_refused() -> None:
    bare = build_network("EfficientNetB0", 32, 2, 0.1)
    first = keras.Model(bare.input, bare.get_layer("stem_conv_pad").input)
    np.testing.assert_allclose(np.asarray(first(INPUTS)), INPUTS, atol=1e-6)

    kept = build_network("EfficientNetB0", 32, 2, 0.1, rescales=True)
    assert preprocessing_layers(kept) == ("Rescaling", "Normalization")
    adapt_preprocessing(kept, 0.5, 0.04)
    first = keras.Model(kept.input, kept.get_layer("stem_conv_pad").input)
    np.testing.assert_allclose(np.asarray(first(INPUTS * 255)), (INPUTS - 0.5) / 0.2, atol=1e-4)
    unnormalised = without_batchnorm(bare, stem_only=False)
    assert unnormalised.output_shape == (None, 2)
    assert all(type(x).__name__ != "BatchNormalization" for x in unnormalised.layers)
    neutralise_preprocessing(kept)
    first = keras.Model(kept.input, kept.get_layer("stem_conv_pad").input)
    np.testing.assert_allclose(np.asarray(first(INPUTS)), INPUTS, atol=1e-6)

    with pytest.raises(ModelError, match="no Rescaling and Normalization of its own"):
        build_network(COMPACT, 32, 2, 0.1, rescales=True)


def test_backbone_ends_at_the_features() -> None:
    backbone = backbone_of(compact())
    assert backbone.output_shape == (None, 64)
    assert not backbone.trainable_variables


@pytest.mark.parametrize("frozen", [True, False])
def test_frozen_batchnorm_stays_imagenets_and_the_other_learns(frozen: bool) -> None:
    def build() -> keras.Model:
        return build_pretrained("EfficientNetLite0", 32, 2, 0.0, freeze_batchnorm=frozen)

    tuned = Learner(build, Schedule(1e-2, 0.0, 10, 0))
    tuned.reset(0)
    names = ("stem_conv", "stem_bn", "top_bn", "predictions")
    before = {n: tuned.model.get_layer(n).get_weights() for n in names}
    tuned.step(batch())
    after = {n: tuned.model.get_layer(n).get_weights() for n in names}
    moved = {n: [not np.array_equal(a, b) for a, b in zip(before[n], after[n], strict=True)]
             for n in names}  # fmt: skip
    assert all(moved["stem_conv"])
    assert all(moved["predictions"])
    for name in ("stem_bn", "top_bn"):  # gain, shift, mean, variance
        assert moved[name] == [not frozen] * 4
    assert tuned.take_gradient_norm(1) > 0


def test_the_backbone_is_imagenets_and_the_head_the_seeds() -> None:
    def build() -> keras.Model:
        return build_pretrained("EfficientNetLite0", 32, 2, 0.0, freeze_batchnorm=True)

    one, other = seeded(build, 0), seeded(build, 1)
    features = [np.asarray(backbone_of(network)(INPUTS)) for network in (one, other)]
    np.testing.assert_array_equal(*features)
    heads = [network.get_layer("predictions").get_weights()[0] for network in (one, other)]
    assert not np.allclose(*heads)


def test_an_architecture_without_imagenet_weights_is_one_sentence() -> None:
    with pytest.raises(ModelError, match="EfficientNetB0 has no ImageNet weights here"):
        build_pretrained("EfficientNetB0", 32, 2, 0.0, freeze_batchnorm=False)


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


def test_what_computes_in_less_than_float32_is_not_fused() -> None:
    with computing_in("bfloat16"):
        copied = with_fused_batchnorm(compact())
    assert not any(isinstance(x, fused.BatchNormalization) for x in copied.layers)
