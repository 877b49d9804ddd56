"""An exception of a library without a message, or with many lines, becomes one sentence as well."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes import FakeEngine, fake_card
from xray_app.core.errors import EngineError, UnreadableFile, WeightsError, XrayAppError
from xray_app.engines import child_call
from xray_app.engines.keras import saved_model, worker
from xray_app.engines.keras.architectures import building
from xray_app.engines.onnx.engine import OnnxEngine

MESSAGES = [("", "RuntimeError"), ("\n one line.\nanother", "one line")]


def failing(message: str, kind: type[Exception] = RuntimeError) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> None:
        raise kind(message)

    return fail


@pytest.mark.parametrize(("message", "told"), MESSAGES)
def test_the_engine_in_a_process_of_its_own(
    message: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = FakeEngine()
    monkeypatch.setattr(engine, "forward", failing(message))
    answer = worker._answer(engine, "forward", (np.zeros(1),))
    assert isinstance(answer, EngineError)
    assert str(answer) == f"The model failed in forward: {told}"


@pytest.mark.parametrize(("message", "told"), MESSAGES)
def test_one_call_in_a_process_of_its_own(message: str, told: str) -> None:
    answer = child_call._answer(failing(message), (), None, 2**31)
    assert answer == ("EngineError", f"The model can't be read: {told}")


@pytest.mark.parametrize(("message", "told"), MESSAGES)
def test_weights(message: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Model:
        load_weights = staticmethod(failing(message))

    monkeypatch.setattr(building, "build_from_card", lambda card: Model())
    with pytest.raises(WeightsError) as caught:
        building.load_from_card(fake_card(), Path("a.weights.h5"))
    assert str(caught.value).endswith(f"with 3 classes: {told}")


@pytest.mark.parametrize(("message", "told"), MESSAGES)
def test_hdf5(message: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n")
    monkeypatch.setattr("h5py.File", failing(message))
    with pytest.raises(UnreadableFile) as caught:
        saved_model.read_saved_model(path)
    assert str(caught.value) == f"model.h5 is damaged: {told}."


@pytest.mark.parametrize(("message", "told"), [("", "OSError"), MESSAGES[1]])
def test_an_archive(
    message: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(b"PK\x03\x04")
    monkeypatch.setattr("zipfile.ZipFile", failing(message, OSError))
    with pytest.raises(UnreadableFile) as caught:
        saved_model.read_saved_model(path)
    assert (
        str(caught.value) == f"model.keras is damaged: {told.replace('RuntimeError', 'OSError')}."
    )


@pytest.mark.parametrize(("message", "told"), MESSAGES)
def test_a_graph(message: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onnxruntime.InferenceSession", failing(message))
    with pytest.raises(EngineError) as caught:
        OnnxEngine(fake_card(), Path("graph.onnx"))
    assert str(caught.value) == f"Graph graph.onnx of model fake can't be loaded: {told}"


@pytest.mark.parametrize(("message", "told"), MESSAGES)
def test_a_pass(message: str, told: str) -> None:
    class Session:
        run = staticmethod(failing(message))

    engine = OnnxEngine.__new__(OnnxEngine)
    engine._session, engine._turns = Session(), worker.threading.Lock()
    with pytest.raises(XrayAppError) as caught:
        engine._run(["logits"], np.zeros((1, 32, 32, 3), np.float32))
    assert str(caught.value) == f"The model failed: {told}"
