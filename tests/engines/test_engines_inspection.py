"""Measuring models of others: however they are put together, and files that must never run code."""

import io
import math
import os
import pickle
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.engines.harmful_files import Intruder, archive
from tests.engines.keras_models import classifier, saved
from xray_app.cards.card import ModelCard, read_card
from xray_app.core.errors import CardError, EngineError, UnreadableFile, UnsupportedFile
from xray_app.engines.child_call import call_in_child
from xray_app.engines.facts import PROBE_VALUES, ModelFacts
from xray_app.engines.keras.inspection import examine
from xray_app.engines.keras.preprocessing import trace


def test_layers_are_found_however_the_model_is_put_together(tmp_path: Path) -> None:
    import keras

    layers = keras.layers
    inner = keras.Sequential([keras.Input((32, 32, 3)), layers.Rescaling(2.0, -1.0)], name="inner")
    model = classifier(layers.Rescaling(1 / 255), inner, layers.RandomFlip(), lambda x: x + 3.0)
    facts = examine(saved(model, tmp_path), None)
    paths = [layer.path.split("/")[0] for layer in facts.layers]
    assert paths[1] == "inner"
    kinds = [layer.kind for layer in facts.layers]
    assert kinds == ["Rescaling", "Rescaling", "RandomFlip", "Add"]
    assert_allclose(facts.affine.gain, 2 / 255, rtol=1e-5)
    assert_allclose(facts.affine.offset, 2.0, rtol=1e-5)
    assert_allclose(facts.layers[1].outputs[PROBE_VALUES.index(255.0)], 1.0, rtol=1e-5)
    assert facts.dropout == 0.25


def test_preprocess_input_inside_the_graph(tmp_path: Path) -> None:
    import keras

    model = classifier(keras.applications.resnet.preprocess_input)
    facts = examine(saved(model, tmp_path), None)
    assert_allclose(facts.affine.offset, (-103.939, -116.779, -123.68), rtol=1e-5)
    assert facts.layers[0].affine is None
    assert facts.layers[-1].affine is not None


def test_a_clip_is_no_line(tmp_path: Path) -> None:
    import keras

    facts = examine(saved(classifier(lambda x: keras.ops.clip(x, 0, 100)), tmp_path), None)
    assert facts.affine.deviation > 10.0


def test_tracing_leaves_the_model_as_it_was() -> None:
    import keras

    model = classifier(keras.layers.Rescaling(1 / 255))
    image = np.random.default_rng(0).random((1, 32, 32, 3), np.float32)
    before = np.asarray(model(image))
    assert len(trace(model, image)) == 1
    np.testing.assert_array_equal(np.asarray(model(image)), before)


def test_any_size_and_one_channel(tmp_path: Path) -> None:
    import keras

    model = classifier(keras.layers.Rescaling(1 / 255), size=None, channels=1)
    facts = examine(saved(model, tmp_path), None)
    assert facts.input_shape == (None, None, 1)
    assert len(facts.affine.gain) == 1


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_a_lambda_is_refused_and_never_runs(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    marker = tmp_path / "code-ran"

    monkeypatch.setenv("MARKER", str(marker))
    intrude = keras.layers.Lambda(
        lambda x: (__import__("pathlib").Path(__import__("os").environ["MARKER"]).touch(), x)[1]
    )
    inner = classifier(intrude)
    model = keras.Sequential([keras.Input((32, 32, 3)), inner])
    path = saved(model, tmp_path, f"model.{suffix}")
    marker.unlink()
    for examined in (examine, _in_child):
        with pytest.raises(UnsupportedFile, match="is a Lambda, that is Python code"):
            examined(path, None)
    assert not marker.exists()
    # The control: the same file does run code where it is trusted.
    keras.saving.load_model(path, safe_mode=False, compile=False)(np.zeros((1, 32, 32, 3)))
    assert marker.exists()


def _in_child(path: Path, card: None) -> ModelFacts:
    return call_in_child(examine, path, card, returns=ModelFacts, seconds=60.0)


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    marker = tmp_path / "code-ran"
    harmful = pickle.dumps(Intruder(marker))
    bare = tmp_path / "model.keras"
    bare.write_bytes(harmful)
    with pytest.raises(UnsupportedFile, match="is a Python pickle"):
        examine(bare, None)
    inside = archive(tmp_path / "inside.keras", {}, data__pkl=harmful)
    with pytest.raises(UnsupportedFile, match=r"holds data\.pkl, which can be a Python pickle"):
        examine(inside, None)
    arrays = io.BytesIO()
    np.savez(arrays, a=np.array([Intruder(marker)], object), allow_pickle=True)
    in_arrays = archive(tmp_path / "arrays.keras", {}, model__weights__npz=arrays.getvalue())
    with pytest.raises(UnsupportedFile, match=r"holds model\.weights\.npz"):
        examine(in_arrays, None)
    assert not marker.exists()


def layer(kind: str, **changes: Any) -> dict[str, Any]:
    described = {"module": "keras.layers", "class_name": kind, "config": {"name": "intruder"}}
    whole = described | {"registered_name": None} | changes
    return {"class_name": "Sequential", "config": {"name": "m", "layers": [whole]}}


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (layer("TFSMLayer"), "'intruder' is a TFSMLayer"),
        (layer("StringLookup"), "is a StringLookup"),
        (layer("TorchModuleWrapper"), "is a TorchModuleWrapper"),
        (layer("Dense", module="os"), "is a Dense, which is not one"),
        (layer("Dense", module="kerasutils"), "is a Dense, which is not one"),
        (layer("Dense", registered_name="evil>Dense"), "is a Dense, which is not one"),
        (layer("Mine", module="my.package"), "is a Mine"),
        (layer("Dense", config={"activation": {"class_name": "__lambda__"}}), "is a Lambda"),
        (layer("Dense", config={"name": "x", "a": [{"class_name": "function"}]}), "is a function"),
        (layer(["Dense"]), "is a ['Dense']"),  # what a stranger may write
        ([], "is none that Keras writes"),
        ({"config": 1}, "does not"),
        ("{" * 9, "is damaged"),
        ("[" * 10000, "is damaged|nests too deep"),
    ],
)
def test_descriptions_that_are_refused(config: Any, sentence: str, tmp_path: Path) -> None:
    with pytest.raises((UnsupportedFile, UnreadableFile), match=sentence.replace("[", r"\[?")):
        examine(archive(tmp_path / "model.keras", config, model__weights__h5=b""), None)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "neither by its content"),
        (b"Hello", "neither by its content"),
        (b"PK\x03\x04" + bytes(64), "is damaged"),
        (b"\x89HDF\r\n\x1a\n" + bytes(64), "is damaged"),
    ],
)
def test_files_that_are_no_models(content: bytes, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    with pytest.raises((UnsupportedFile, UnreadableFile), match=sentence):
        examine(path, None)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"Can't read a\.keras: No such file"):
        examine(tmp_path / "a.keras", None)


def test_models_that_are_not_for_images(tmp_path: Path) -> None:
    import keras

    vector = keras.Sequential([keras.Input((8,)), keras.layers.Dense(2)])
    with pytest.raises(UnsupportedFile, match="one image input"):
        examine(saved(vector, tmp_path), None)
    layers = [keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(2)]
    with pytest.raises(UnsupportedFile, match="with a convolution"):
        examine(saved(keras.Sequential(layers), tmp_path), None)


def test_weights_alone_need_a_card(tmp_path: Path) -> None:
    model = classifier()
    model.save_weights(tmp_path / "a.weights.h5")
    with pytest.raises(UnsupportedFile, match="holds weights alone; add the card"):
        examine(tmp_path / "a.weights.h5", None)


def test_a_wrong_suffix_is_named(tmp_path: Path) -> None:
    path = saved(classifier(), tmp_path).rename(tmp_path / "model.h5")
    with pytest.raises(UnsupportedFile, match=r"ends in \.keras, which model\.h5 is"):
        examine(path, None)


def test_weights_that_do_not_fit_their_description(tmp_path: Path) -> None:
    path = saved(classifier(), tmp_path)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(saved(classifier(outputs=5), tmp_path, "other.keras")) as file:
        members["model.weights.h5"] = file.read("model.weights.h5")
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    with pytest.raises(UnsupportedFile, match=r"Keras can't load model\.keras"):
        examine(path, None)


def test_a_child_answers_raises_and_is_ended() -> None:
    assert call_in_child(max, 1, 2, returns=int) == 2
    with pytest.raises(EngineError, match="can't be read: math domain error|nonnegative"):
        call_in_child(math.sqrt, -1, returns=float)
    with pytest.raises(CardError, match=r"Can't read model card none\.json"):
        call_in_child(read_card, Path("none.json"), returns=ModelCard)
    with pytest.raises(EngineError, match="within 1 seconds"):
        call_in_child(time.sleep, 30, returns=None, seconds=1.0)
    with pytest.raises(EngineError, match="stopped, perhaps for lack of memory"):
        call_in_child(os._exit, 3, returns=None)
    with pytest.raises(EngineError, match="more than 12 GiB"):
        call_in_child(bytes, 2**36, returns=bytes)
