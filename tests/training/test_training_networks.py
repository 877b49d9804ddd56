"""Networks: what they are made of, how they begin, and what of them learns."""

import keras
import numpy as np
import pytest

from tests.training.networks import INPUTS, batch, compact
from xray_app.core.errors import ModelError
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
from xray_app.training.recipe import COMPACT


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


def test_bfloat16_computes_and_keeps_float32_weights() -> None:
    with computing_in("bfloat16"):
        network = compact()
    assert network.get_layer("predictions").compute_dtype == "bfloat16"
    assert {str(v.dtype) for v in network.weights} == {"float32"}
    assert compact().get_layer("predictions").compute_dtype == "float32"


def test_an_efficientnet_that_computes_in_bfloat16_leaves_its_input_alone_as_well() -> None:
    with computing_in("bfloat16"):
        network = build_network("EfficientNetB0", 32, 2, 0.1)
    rescaling = next(x for x in network.layers if isinstance(x, keras.layers.Rescaling))
    assert rescaling.compute_dtype == "bfloat16"
    with (
        computing_in("bfloat16"),
        pytest.raises(ModelError, match="changes its input in its layer"),
    ):
        build_network("EfficientNetV2B0", 32, 2, 0.1, rescales=False)


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


def test_a_network_that_rescales_gives_for_bytes_what_the_other_gives_for_scaled_ones() -> None:
    inside, outside = (
        seeded(
            lambda r=r: build_pretrained(
                "EfficientNetLite0", 32, 2, 0.0, freeze_batchnorm=True, rescales=r
            ),
            0,
        )
        for r in (True, False)
    )
    scaled = (INPUTS * 255 - 127) / 128  # what Google's weights expect
    np.testing.assert_allclose(inside(INPUTS * 255), outside(scaled), atol=1e-5)
    assert not inside.get_layer("stem_bn").trainable
    assert backbone_of(inside).output_shape == backbone_of(outside).output_shape


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
