"""Finding, checking and loading models; the worker process and how it fails."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import BUNDLED, ROOT
from tests.fakes import FakeEngine, card_content, fake_card
from xray_app.core.errors import CardError, EngineError, ModelError, UnknownChoice, WeightsError
from xray_app.engines.catalogue import find_card, list_models, models_of_others, verified_weights
from xray_app.engines.keras import worker
from xray_app.engines.keras.architectures import build_model
from xray_app.engines.keras.worker import WorkerEngine
from xray_app.engines.protocol import Engine


def drop_model(directory: Path, folder: str = "fake", **changes: object) -> None:
    """Add a model as a person would: a folder with a card and weights."""
    (directory / folder).mkdir()
    (directory / folder / "card.json").write_text(json.dumps(card_content(**changes)))
    (directory / folder / "fake.weights.h5").write_bytes(b"weights")


def test_the_bundled_model_is_there_and_whole() -> None:
    assert BUNDLED in list_models()
    card = find_card(BUNDLED)
    assert verified_weights(card).name == card.weights.file
    assert card.class_names == ("normal", "bacterial_pneumonia", "viral_pneumonia")


def test_two_files_add_a_model(tmp_path: Path) -> None:
    drop_model(tmp_path)
    assert list_models(tmp_path) == ("fake",)
    assert find_card("fake", tmp_path) == fake_card().beside(tmp_path / "fake")


def test_of_models_of_the_same_people_one_is_asked(tmp_path: Path) -> None:
    """Gates of one population answer one question; the model's own people are not asked again."""
    content = card_content()
    gate = {"file": "gate.json", "sha256": "0" * 64, "layers": ["cells"]}
    for folder, people, gated in (
        ("a", "adults", True),
        ("b", "children", True),
        ("c", "children", True),
        ("d", "the old", False),
    ):
        data = content["training_data"] | {"population": people}
        extra = {"gate": gate} if gated else {}
        drop_model(tmp_path, folder, name=folder, training_data=data, **extra)
    asked = {
        name: [other.name for other in models_of_others(find_card(name, tmp_path), tmp_path)]
        for name in "abcd"
    }
    assert asked == {"a": ["b"], "b": ["a"], "c": ["a"], "d": ["a", "b"]}


def test_an_environment_variable_names_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop_model(tmp_path)
    monkeypatch.setenv("XRAY_APP_MODELS", str(tmp_path))
    assert list_models() == ("fake",)


def test_no_models_at_all(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"Expected at least one model .* found none"):
        list_models(tmp_path)


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(UnknownChoice, match=f"Did you mean '{BUNDLED}'"):
        find_card(BUNDLED + "x")


def test_a_card_in_the_wrong_folder(tmp_path: Path) -> None:
    drop_model(tmp_path, "other")
    with pytest.raises(CardError, match="field name: expected 'other'.*received 'fake'"):
        find_card("other", tmp_path)


def test_missing_and_altered_weights_are_told_apart(tmp_path: Path) -> None:
    drop_model(tmp_path)
    card = find_card("fake", tmp_path)
    with pytest.raises(WeightsError, match=r"field weights.sha256: expected 0{64}"):
        verified_weights(card)
    (tmp_path / "fake" / "fake.weights.h5").unlink()
    with pytest.raises(WeightsError, match=r"field weights.file: expected fake.weights.h5"):
        verified_weights(card)


def weights_of(directory: Path, name: str, content: bytes) -> Path:
    path = directory / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("content", [b"", b"not HDF5", b"\x89HDF\r\n\x1a\n" + bytes(64)])
def test_weights_that_are_no_weights(tmp_path: Path, content: bytes) -> None:
    from xray_app.engines.keras.engine import TensorFlowEngine

    path = weights_of(tmp_path, "a.weights.h5", content)
    with pytest.raises(WeightsError, match="do not fit architecture EfficientNetB0"):
        TensorFlowEngine.load(fake_card(), path)


def test_an_unknown_architecture_is_refused_before_anything_is_built() -> None:
    with pytest.raises(CardError, match=r"Field architecture: expected one of .*'os.system'"):
        build_model("os.system", 32, 32, 3, 0.0, rescales=True)


def test_rescaling_can_be_made_the_identity() -> None:
    from xray_app.engines.keras.engine import TensorFlowEngine

    contract = card_content()["contract"] | {"scheme": "rescale", "layers": []}
    card = fake_card(contract=contract)
    model = build_model("EfficientNetB0", 32, 32, 3, 0.0, rescales=False)
    image = np.random.default_rng(0).random((1, 32, 32, 3), np.float32)
    reached = TensorFlowEngine(card, model).forward(image).first_convolution
    np.testing.assert_allclose(reached, image, atol=1e-6)


def test_a_worker_reports_what_is_wrong_with_its_weights(tmp_path: Path) -> None:
    path = weights_of(tmp_path, "a.weights.h5", b"not HDF5")
    engine = WorkerEngine(fake_card(), path)
    try:
        with pytest.raises(WeightsError, match="do not fit architecture"):
            _ = engine.layers
    finally:
        engine.close()
    with pytest.raises(EngineError, match="was closed"):
        _ = engine.layers


def test_a_worker_that_died_is_replaced(reference: Engine) -> None:
    assert isinstance(reference, WorkerEngine)
    size = reference.card.input
    batch = np.zeros((1, size.height, size.width, 3), np.float32)
    before = reference.forward(batch).logits
    reference._child._process.kill()
    reference._child._process.wait()
    np.testing.assert_array_equal(reference.forward(batch).logits, before)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs signals of POSIX")
def test_a_worker_at_a_standstill_costs_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_START_SECONDS", 0.5)
    monkeypatch.setattr(worker, "_SECONDS", 0.5)
    engine = WorkerEngine(fake_card(), weights_of(tmp_path, "a.weights.h5", b"not HDF5"))
    try:
        os.kill(engine._child._process.pid, signal.SIGSTOP)
        with pytest.raises(EngineError, match="did not answer in time and was ended; try again"):
            _ = engine.layers
        assert not engine._child.is_alive
    finally:
        engine.close()


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs signals of POSIX")
def test_closing_does_not_wait_for_a_worker_at_a_standstill(tmp_path: Path) -> None:
    engine = WorkerEngine(fake_card(), weights_of(tmp_path, "a.weights.h5", b"not HDF5"))
    os.kill(engine._child._process.pid, signal.SIGSTOP)
    refusals: list[str] = []

    def ask() -> None:
        try:
            _ = engine.layers
        except EngineError as error:
            refusals.append(str(error))

    visitor = threading.Thread(target=ask)
    visitor.start()
    time.sleep(0.3)  # it waits for an answer and holds the lock
    start = time.monotonic()
    engine.close()
    visitor.join(10)
    assert time.monotonic() - start < 5
    assert refusals == ["The model was closed; reload the page."]


def test_shuffled_weights_are_not_replaced_by_intact_ones(tmp_path: Path) -> None:
    engine = WorkerEngine(fake_card(), weights_of(tmp_path, "a.weights.h5", b"not HDF5"))
    try:
        with pytest.raises(WeightsError):
            engine.randomize("top", 0)
        engine._child._process.kill()
        engine._child._process.wait()
        with pytest.raises(EngineError, match="Run this again from the start"):
            _ = engine.layers
    finally:
        engine.close()


def test_a_failure_in_the_worker_is_one_sentence() -> None:
    class Broken(FakeEngine):
        def forward(self, batch: np.ndarray) -> None:  # fails on purpose
            raise RuntimeError("first line\nsecond line")

    answer = worker._answer(Broken(), "forward", (np.zeros(1),))
    assert isinstance(answer, EngineError)
    assert str(answer) == "The model failed in forward: first line"


def test_no_trace_of_other_folders_in_the_card() -> None:
    text = (ROOT / "models" / BUNDLED / "card.json").read_text()
    assert ".." not in text
