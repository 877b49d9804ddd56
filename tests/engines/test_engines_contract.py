"""One contract for every engine: the fake, the bundled model and a small one in this process."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.fakes import STRETCHED, FakeEngine, card_content, fake_card
from xray_app.core.errors import UnknownChoice
from xray_app.engines.keras.architectures import build_from_card, load_imagenet_weights
from xray_app.engines.keras.engine import TensorFlowEngine
from xray_app.engines.protocol import Engine

SMALL = {"height": 64, "width": 64, **STRETCHED}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> TensorFlowEngine:
    """EfficientNetB0 of 64 x 64 with random weights, written to a file and loaded back."""
    import keras

    keras.utils.set_random_seed(5)
    card = fake_card(input=SMALL)
    path = Path(tmp_path_factory.mktemp("small")) / "fake.weights.h5"
    model = build_from_card(card)
    normalization = next(n for n in model.layers if isinstance(n, keras.layers.Normalization))
    statistics = np.full(3, 0.5, np.float32), np.full(3, 0.0625, np.float32)
    normalization.set_weights([*statistics, np.zeros((), np.int64)])
    model.save_weights(path)
    return TensorFlowEngine.load(card, path)


@pytest.fixture(scope="module")
def lite() -> TensorFlowEngine:
    """EfficientNet-Lite0 of 64 x 64 on ImageNet's backbone: no layer of its own changes pixels."""
    import keras

    keras.utils.set_random_seed(5)
    contract = card_content()["contract"] | {"scheme": "signed", "range": [-1, 1], "layers": []}
    card = fake_card(architecture="EfficientNetLite0", input=SMALL, contract=contract)
    model = build_from_card(card)
    load_imagenet_weights(model, card.architecture)
    return TensorFlowEngine(card, model)


@pytest.fixture(params=["fake", "small", "lite", "bundled", "reference"])
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "fake":
        return FakeEngine()
    found: Engine = request.getfixturevalue(request.param)
    return found


def batch_for(engine: Engine, count: int) -> np.ndarray:
    size, (low, high) = engine.card.input, engine.card.contract.range
    noise = np.random.default_rng(0).random((count, size.height, size.width, 3))
    return (low + (high - low) * noise).astype("f4")


def test_forward(engine: Engine) -> None:
    batch = batch_for(engine, 2)
    result = engine.forward(batch)
    classes = len(engine.card.classes)
    assert result.logits.shape == (2, classes)
    assert result.first_convolution.shape == batch.shape
    reached = [batch, *(layer.output for layer in engine.trace(batch))][-1]
    assert_array_equal(result.first_convolution, reached)
    for array in (result.logits, result.activations):
        assert type(array) is np.ndarray
        assert array.dtype == np.float32


def test_an_image_alone_gives_what_it_gives_in_a_batch(engine: Engine) -> None:
    batch = batch_for(engine, 3)
    together = engine.forward(batch).logits
    alone = np.concatenate([engine.forward(image[np.newaxis]).logits for image in batch])
    assert_allclose(together, alone, atol=2e-4)


def test_gradients_at_the_first_and_the_last_layer(engine: Engine) -> None:
    batch = batch_for(engine, 2)
    ends = (engine.layers[0], engine.layers[-1])  # each one between is compiled for seconds
    layers = ends if len(engine.layers) > 2 else engine.layers
    all_found = [engine.gradients(batch, layer, (0, 2)) for layer in layers]
    for found in all_found:
        assert found.activations.shape == found.gradients.shape
        assert found.gradients.dtype == np.float32
        assert found.gradients.any()
    heights = [found.activations.shape[1] for found in all_found]
    assert heights == sorted(heights)
    assert_allclose(
        all_found[0].activations,
        engine.forward(batch).activations,
        rtol=1e-5, atol=1e-5,
    )  # fmt: skip


def test_head_gradients_are_the_last_layers(engine: Engine) -> None:
    batch, targets = batch_for(engine, 2), (1, 2)
    found = engine.gradients(batch, engine.layers[0], targets)
    activations = engine.forward(batch).activations
    assert_allclose(engine.head_gradients(activations, targets), found.gradients, rtol=1e-6)


def test_input_gradients(engine: Engine) -> None:
    batch = batch_for(engine, 2)
    together = engine.input_gradients(batch, (1, 2))
    assert together.shape == batch.shape
    assert together.dtype == np.float32
    assert np.isfinite(together).all()
    assert together.any()
    alone = engine.input_gradients(batch[1:], (2,))
    assert_allclose(together[1:], alone, rtol=1e-2, atol=1e-3 * float(np.abs(alone).max()))


def test_input_gradients_are_the_slope_of_the_logits() -> None:
    """The fake is linear between its kinks, so a small step must change the logit by the slope."""
    fake = FakeEngine()
    batch = batch_for(fake, 1)
    slope = fake.input_gradients(batch, (1,)).astype(np.float64)
    step = 0.002 / float((slope**2).sum())
    moved = fake.forward((batch + step * slope).astype(np.float32)).logits[0, 1]
    assert float(moved - fake.forward(batch).logits[0, 1]) == pytest.approx(0.002, rel=0.05)


def test_an_unknown_layer_is_named(engine: Engine) -> None:
    with pytest.raises(UnknownChoice, match="Unknown layer 'nowhere'"):
        engine.gradients(batch_for(engine, 1), "nowhere", (0,))


def test_several_threads_get_their_own_answers(engine: Engine) -> None:
    batch = batch_for(engine, 6)
    expected = [engine.forward(image[np.newaxis]).logits for image in batch]
    with ThreadPoolExecutor(6) as pool:
        answers = pool.map(lambda image: engine.forward(image[np.newaxis]).logits, batch)
    for answer, logits in zip(answers, expected, strict=True):
        assert_array_equal(answer, logits)


def test_trace_names_layers_and_constants(engine: Engine) -> None:
    traced = engine.trace(batch_for(engine, 1))
    if not engine.card.contract.layers:
        assert traced == ()
        return
    rescaling, normalization = traced
    assert (rescaling.kind, normalization.kind) == ("Rescaling", "Normalization")
    assert rescaling.constants["scale"] == pytest.approx((1 / 255,))
    expected = engine.card.contract.mean[0]
    assert normalization.constants["mean"][0] == pytest.approx(expected, abs=1e-4)


def test_randomized_from_the_head_down() -> None:
    import keras

    keras.utils.set_random_seed(5)
    card = fake_card(input=SMALL)
    engine = TensorFlowEngine(card, build_from_card(card))
    assert engine.stages[:3] == ("predictions", "top", "block7")
    assert engine.stages[-1] == "stem"
    batch = batch_for(engine, 1)
    intact = engine.forward(batch)
    kernel = np.sort(engine.model.get_layer("predictions").get_weights()[0].ravel())
    engine.randomize("predictions", 0)
    # The head forgot, the layers under it did not; a shuffled tensor keeps its values.
    assert_array_equal(engine.forward(batch).activations, intact.activations)
    assert not np.allclose(engine.forward(batch).logits, intact.logits)
    assert_array_equal(
        np.sort(engine.model.get_layer("predictions").get_weights()[0].ravel()), kernel
    )
    engine.randomize("block3", 1)
    assert not np.allclose(engine.forward(batch).activations, intact.activations)
    assert_array_equal(engine.forward(batch).first_convolution, intact.first_convolution)
    with pytest.raises(UnknownChoice, match="Unknown stage 'nothing'"):
        engine.randomize("nothing", 0)


def test_agrees_with_the_textbook_gradient_tape(small: TensorFlowEngine) -> None:
    """Selvaraju 2017 as Keras' example writes it, but on the logit."""
    import keras
    import tensorflow as tf

    model, batch = small._model, batch_for(small, 1)
    for layer in small.layers:
        grad_model = keras.Model(model.input, [model.get_layer(layer).output, model.output])
        with tf.GradientTape() as tape:
            activations, logits = grad_model(batch)
            logit = logits[:, 1]
        expected = tape.gradient(logit, activations).numpy()
        found = small.gradients(batch, layer, (1,))
        assert_allclose(found.activations, activations.numpy(), rtol=1e-4, atol=1e-5)
        assert_allclose(found.gradients, expected, rtol=1e-3, atol=1e-6 * np.abs(expected).max())


def test_the_last_layers_gradient_is_the_head_over_its_area(small: TensorFlowEngine) -> None:
    found = small.gradients(batch_for(small, 1), small.layers[0], (2,))
    kernel = small._model.get_layer("predictions").get_weights()[0][:, 2]
    area = found.gradients.shape[1] * found.gradients.shape[2]
    expected = np.broadcast_to(kernel / area, found.gradients.shape)
    assert_allclose(found.gradients, expected, atol=1e-8)
