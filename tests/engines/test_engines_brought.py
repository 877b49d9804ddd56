"""A stranger's network at work: in a process of its own, with maps from its own weights."""

import io
import pickle
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.testing import assert_allclose
from onnx.reference import ReferenceEvaluator

from tests.engines.keras_models import classifier as keras_classifier
from tests.engines.keras_models import saved as keras_saved
from tests.engines.onnx_models import Written, classifier, kernel, saved, standardised
from tests.fakes import STRETCHED, fake_card
from xray_app.cards import ModelCard
from xray_app.core.errors import EngineError, UnknownChoice, UnreadableFile
from xray_app.core.processes import ChildProcess, ChildStopped, send
from xray_app.diagnosis import explain_all
from xray_app.engines.keras.inspection import examine
from xray_app.engines.networks import worker
from xray_app.engines.networks.engine import LAST, NONE, NetworkEngine
from xray_app.engines.networks.examining import load_network
from xray_app.engines.networks.worker import NetworkProcess
from xray_app.engines.roster import Roster

IMAGES = np.random.default_rng(7).random((3, 32, 32, 3), np.float32)


def card(classes: int = 3, side: int = 32) -> ModelCard:
    named = [{"name": f"class_{n}", "label": f"Class {n}"} for n in range(classes)]
    size = {"height": side, "width": side, **STRETCHED}
    contract = {"scheme": "rescale", "range": [0, 1], "layers": ["Sub", "Div"]}
    return fake_card(classes=named, input=size, contract=contract)


def engine_of(model: onnx.ModelProto, folder: Path, classes: int = 3) -> NetworkEngine:
    return NetworkEngine(card(classes), load_network(saved(model, folder)))


@pytest.fixture
def process(tmp_path: Path) -> Iterator[NetworkProcess]:
    data = saved(classifier(), tmp_path).read_bytes()
    found = NetworkProcess(card(), data)
    yield found
    found.close()


def expected(model: onnx.ModelProto, images: np.ndarray) -> np.ndarray:
    """By ONNX's own slow reference, channels first."""
    answer = ReferenceEvaluator(model).run(None, {"image": np.moveaxis(images, -1, 1)})
    return np.asarray(answer[0])


def test_a_process_answers_as_the_reference_does(process: NetworkProcess) -> None:
    forward = process.forward(IMAGES)
    assert_allclose(forward.logits, expected(classifier(), IMAGES), rtol=1e-4, atol=1e-5)
    assert forward.activations.shape == (3, 16, 16, 4)
    mean = np.array((0.485, 0.456, 0.406))
    standard = (IMAGES - mean) / np.array((0.229, 0.224, 0.225))
    assert_allclose(forward.first_convolution, standard, atol=1e-5)
    assert process.layers == (LAST,)
    assert [layer.kind for layer in process.trace(IMAGES)] == ["Sub", "Div"]


def test_maps_follow_from_the_weights(process: NetworkProcess) -> None:
    """HiResCAM by hand: at each cell the maps times the class's column, over the area."""
    forward = process.forward(IMAGES)
    for method in ("hirescam", "gradcam"):
        found = explain_all(process, IMAGES, forward.activations, method, LAST, "class_1")
        for saliency, maps in zip(found, forward.activations, strict=True):
            by_hand = maps @ kernel(3)[:, 1] / 256
            assert_allclose(saliency.map, np.maximum(by_hand, 0), rtol=1e-3, atol=1e-6)
    # What they add up to is the logit, but for the bias of class_1, which is 0.
    assert_allclose(
        (forward.activations @ kernel(3)[:, 1]).sum(axis=(1, 2)) / 256,
        forward.logits[:, 1], rtol=1e-4,
    )  # fmt: skip


def test_no_gradients_is_said(tmp_path: Path) -> None:
    written = standardised(Written()).body().add("GlobalMaxPool").add("Flatten")
    engine = engine_of(written.add("Gemm", kernel(3)).model(["N", 3, 32, 32]), tmp_path)
    maps = engine.forward(IMAGES).activations
    assert maps.shape == (3, 16, 16, 4)
    for asked in (
        lambda: engine.head_gradients(maps, (0, 0, 0)),
        lambda: engine.input_gradients(IMAGES, (0, 0, 0)),
    ):
        with pytest.raises(EngineError, match="gives no gradients.*choose Score-CAM, occlusion"):
            asked()
    with pytest.raises(UnknownChoice):
        engine.gradients(IMAGES, "block", (0, 0, 0))


def test_without_maps(tmp_path: Path) -> None:
    """Convolutions to single cells, as in a network of patches: only passes can be asked."""
    written = standardised(Written()).add("Conv", np.ones((4, 3, 32, 32))).add("Flatten")
    engine = engine_of(written.add("Gemm", kernel(3)).model(["N", 3, 32, 32]), tmp_path)
    assert engine.layers == (NONE,)
    assert engine.forward(IMAGES).activations.shape == (3, 1, 1, 1)
    (found,) = explain_all(
        engine, IMAGES[:1], engine.forward(IMAGES[:1]).activations, "occlusion", NONE, "class_0"
    )
    assert np.isfinite(found.map).all()


def test_a_single_output_is_yes_against_no(tmp_path: Path) -> None:
    model = classifier(1, ending="Sigmoid")
    engine = engine_of(model, tmp_path, 2)
    logits = engine.forward(IMAGES).logits
    assert (logits[:, 0] == 0).all()
    odds = 1 / (1 + np.exp(-logits[:, 1].astype(np.float64)))
    assert_allclose(odds, expected(model, IMAGES)[:, 0], rtol=1e-4)
    gradients = engine.head_gradients(engine.forward(IMAGES).activations, (1, 1, 1))
    assert_allclose(gradients[0, 0, 0], kernel(1)[:, 0] / 256, rtol=1e-4)


def test_probabilities_that_no_softmax_made(tmp_path: Path) -> None:
    """Spelled out as exp over its sum: their logarithms stand for the logits."""
    written = standardised(Written()).body().pooled(kernel(3)).add("Exp")
    powers = written.last
    written.add("ReduceSum", np.array([1], np.int64))
    total, written.last = written.last, powers
    model = written.add("Div", total).model(["N", 3, 32, 32])
    engine = engine_of(model, tmp_path)
    found = np.exp(engine.forward(IMAGES).logits)
    assert_allclose(found, expected(model, IMAGES), rtol=1e-4, atol=1e-11)
    with pytest.raises(EngineError):
        engine.head_gradients(engine.forward(IMAGES).activations, (0, 0, 0))


def test_one_channel_and_a_fixed_batch(tmp_path: Path) -> None:
    written = Written().body(1).pooled(kernel(3))
    model = written.model([2, 1, 32, 32])
    engine = engine_of(model, tmp_path)
    forward = engine.forward(IMAGES)
    assert forward.logits.shape == (3, 3)
    assert forward.first_convolution.shape == (3, 32, 32, 1)
    pair = expected(model, IMAGES[:2, ..., :1])
    assert_allclose(forward.logits[:2], pair, rtol=1e-4, atol=1e-5)


def test_as_many_names_as_outputs(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="names for 3 classes, received 2"):
        engine_of(classifier(), tmp_path, 2)


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    data = saved(classifier(), tmp_path).read_bytes()
    process = NetworkProcess(card(), data[:100])
    with pytest.raises((UnreadableFile, EngineError)) as raised:
        process.forward(IMAGES)
    assert "\n" not in str(raised.value)
    process.close()


def test_closed_it_lets_go_of_the_file(process: NetworkProcess) -> None:
    process.forward(IMAGES[:1])
    child = process._child
    assert child is not None
    process.close()
    assert not child.is_alive
    assert process._source == b""
    with pytest.raises(EngineError, match="bring it again"):
        process.forward(IMAGES)


def test_one_that_dies_starts_anew(process: NetworkProcess) -> None:
    first = process.forward(IMAGES[:1]).logits
    assert process._child is not None
    process._child.kill()
    process._child._process.wait()
    assert_allclose(process.forward(IMAGES[:1]).logits, first)


def test_one_that_takes_too_long_is_ended(
    process: NetworkProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    process.forward(IMAGES[:1])

    def late(*_: object) -> None:
        raise ChildStopped(timed_out=True, status=None)

    assert process._child is not None
    monkeypatch.setattr(process._child, "ask", late)
    with pytest.raises(EngineError, match="took longer than 120 seconds"):
        process.forward(IMAGES[:1])


def test_too_many_at_a_time_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "_ROSTER", Roster(most=1, idle_seconds=0.0))
    data = saved(classifier(), tmp_path).read_bytes()
    one, other = (NetworkProcess(card(), data) for _ in range(2))
    before = one.forward(IMAGES[:1]).logits
    other.forward(IMAGES[:1])
    assert one._child is None
    assert_allclose(one.forward(IMAGES[:1]).logits, before)
    one.close()
    other.close()


def test_one_that_somebody_waits_for_goes_on(
    process: NetworkProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model that another visitor brings is no reason to end it, and none to blame it."""
    monkeypatch.setattr(worker, "_ROSTER", Roster(most=1, idle_seconds=0.0))
    before = process.forward(IMAGES[:1]).logits
    asked, may_answer = threading.Event(), threading.Event()
    child = process._child
    assert child is not None
    answer_at_once = child.ask

    def ask(*arguments: Any) -> Any:
        asked.set()
        assert may_answer.wait(60)
        return answer_at_once(*arguments)

    monkeypatch.setattr(child, "ask", ask)
    answers: list[np.ndarray] = []
    visitor = threading.Thread(target=lambda: answers.append(process.forward(IMAGES[:1]).logits))
    visitor.start()
    assert asked.wait(60)
    other = NetworkProcess(card(), saved(classifier(), tmp_path).read_bytes())
    other.forward(IMAGES[:1])
    may_answer.set()
    visitor.join(60)
    assert_allclose(answers, [before])
    assert process._child is child
    other.close()


def test_an_answer_names_nothing_not_even_an_array() -> None:
    """Numpy's types take any state that a pickle gives them, so that one of objects would crash."""
    pipe = io.BytesIO()
    send(pipe, ("value", np.dtype(np.float32)))
    with pytest.raises(pickle.UnpicklingError, match=r"names numpy\.dtype"):
        worker._receive_arrays(io.BytesIO(pipe.getvalue()))
    pipe = io.BytesIO()
    send(pipe, ("value", (IMAGES, None)))
    kind, (array, nothing) = worker._receive_arrays(io.BytesIO(pipe.getvalue()))
    assert (kind, nothing) == ("value", None)
    np.testing.assert_array_equal(array, IMAGES)


def test_a_keras_file_is_used_as_well(tmp_path: Path) -> None:
    """Softmax inside its last layer, maps in front of pooling; Keras' own answers are the judge."""
    import keras

    model = keras_classifier(keras.layers.Rescaling(1 / 255))
    engine = NetworkEngine(card(model.output_shape[1]), load_network(keras_saved(model, tmp_path)))
    batch = 255 * IMAGES
    forward = engine.forward(batch)
    powers = np.exp(forward.logits - forward.logits.max(axis=1, keepdims=True))
    answers = np.asarray(model(batch))
    assert_allclose(powers / powers.sum(axis=1, keepdims=True), answers, atol=1e-5)
    assert_allclose(forward.first_convolution, IMAGES, atol=1e-6)
    dense = model.layers[-1].kernel.numpy()
    gradients = engine.head_gradients(forward.activations, (1, 1, 1))
    cells = forward.activations.shape[1] * forward.activations.shape[2]
    assert_allclose(gradients[0, 0, 0], dense[:, 1] / cells, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("end", ["layer", "function"])
def test_a_softmax_behind_the_last_layer_is_taken_off(end: str, tmp_path: Path) -> None:
    """Its maps are offered, so they must be there: of the logits, not of the probabilities."""
    import keras

    model = keras_classifier(keras.layers.Rescaling(1 / 255))
    model.layers[-1].activation = keras.activations.linear
    softmax = keras.layers.Softmax() if end == "layer" else keras.ops.softmax
    ended = keras.Model(model.inputs[0], softmax(model.outputs[0]))
    path = keras_saved(ended, tmp_path)
    assert examine(path, None).maps == "exact"
    engine = NetworkEngine(card(), load_network(path))
    forward = engine.forward(255 * IMAGES)
    assert_allclose(forward.logits, np.asarray(model(255 * IMAGES)), rtol=1e-4, atol=1e-5)
    gradients = engine.head_gradients(forward.activations, (1, 1, 1))
    dense = model.layers[-1].kernel.numpy()
    assert_allclose(gradients[0, 0, 0], dense[:, 1] / 900, rtol=1e-3, atol=1e-6)  # 30 x 30 cells


def test_closing_does_not_wait_for_a_model_that_is_still_loading(
    process: NetworkProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A visitor may leave meanwhile, and the server must not stand still for all others."""
    asked = threading.Event()

    class Loading(ChildProcess):
        def __init__(self, _: str, *given: Any, **options: Any) -> None:
            super().__init__("tests.engines.never_answers", *given, **options)

        def ask(self, request: Any, seconds: float) -> Any:
            asked.set()
            return super().ask(request, seconds)

    monkeypatch.setattr(worker, "ChildProcess", Loading)
    with ThreadPoolExecutor(2) as pool:
        answer = pool.submit(process.forward, IMAGES)
        assert asked.wait(30)
        pool.submit(process.close).result(timeout=20)
        with pytest.raises(EngineError, match="The model was closed; bring it again"):
            answer.result(timeout=20)
