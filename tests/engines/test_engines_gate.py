"""What the gate reads, from the reference engine and through a child process."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.fakes import SIZE, FakeEngine, fake_card
from tests.gate_rules import ENTRY
from xray_app.core.errors import CardError
from xray_app.engines.keras.architectures import build_from_card
from xray_app.engines.keras.engine import TensorFlowEngine
from xray_app.gate.rule import channel_statistics

LAYERS = ("block2a_expand_activation", "block3a_expand_activation")


def batch(count: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 255, (count, SIZE, SIZE, 3)).astype(np.float32)


def test_the_statistics_of_all_layers_come_with_the_same_pass() -> None:
    import keras

    card = fake_card(gate=ENTRY | {"layers": LAYERS})
    model = build_from_card(card)
    images = batch(3)
    read = TensorFlowEngine(card, model).forward(images).gate_statistics
    outputs = [model.get_layer(layer).output for layer in LAYERS]
    expected = [channel_statistics(a.numpy()) for a in keras.Model(model.input, outputs)(images)]
    assert read is not None
    assert read.dtype == np.float32
    assert_allclose(read, np.concatenate(expected, axis=1), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("layer", ["nowhere", "predictions"])
def test_a_layer_that_has_no_maps(layer: str) -> None:
    card = fake_card(gate=ENTRY | {"layers": [layer]})
    with pytest.raises(CardError, match=f"field gate.layers: .*received '{layer}'"):
        TensorFlowEngine(card, build_from_card(card))


def test_without_a_gate_nothing_is_read() -> None:
    card = fake_card()
    assert TensorFlowEngine(card, build_from_card(card)).forward(batch(1)).gate_statistics is None


def test_the_fake_engine_keeps_the_contract() -> None:
    read = FakeEngine(fake_card(gate=ENTRY)).forward(batch(2)).gate_statistics
    assert read is not None
    assert read.shape == (2, 4)
    assert FakeEngine().forward(batch(2)).gate_statistics is None
