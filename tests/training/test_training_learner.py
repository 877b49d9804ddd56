"""Fitting one network: steps, schedule, state and answers; and its weights as they are written."""

from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from tests.training.networks import INPUTS, RNG, batch, compact
from xray_app.training.data.batches import Batch
from xray_app.training.export import save_half_precision
from xray_app.training.fit.learner import Learner, Schedule, probabilities_of


@pytest.fixture(scope="module")
def learner() -> Learner:
    return Learner(compact, Schedule(1e-2, 0.01, 40, 4), average=0.5)


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
