"""Models that Keras 2 saved give here what Keras 2 itself made of the same images."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.engines.harmful_files import archive
from xray_app.core.errors import UnsupportedFile
from xray_app.engines.keras.inspection import examine
from xray_app.engines.keras.keras2 import modernized
from xray_app.engines.keras.keras2_operations import _KNOWN, as_layer
from xray_app.engines.keras.saved_model import load_saved_model, read_saved_model

FOLDER = Path(__file__).parent / "keras2"
FILES = sorted(path.name for path in FOLDER.iterdir() if path.suffix in (".keras", ".h5"))
ANSWERS = json.loads((FOLDER / "answers.json").read_text())


def images(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.RandomState(1).uniform(0.0, 255.0, (2, *shape)).astype(np.float32)


@pytest.mark.parametrize("name", FILES)
def test_it_predicts_what_keras_2_predicted(name: str) -> None:
    model = load_saved_model(read_saved_model(FOLDER / name), None)
    found = np.asarray(model(images(model.input_shape[1:]), training=False))
    assert_allclose(found, ANSWERS[name.partition(".")[0]], atol=1e-5)


@pytest.mark.parametrize(
    ("name", "gain", "offset"),
    [
        ("divided.keras", 2 / 255, -1.0),
        ("augmented.h5", 2 / 255, -1.0),
        ("gray.h5", 1 / 255, 0.0),
        ("caffe.h5", 1.0, (-103.939, -116.779, -123.68)),
        ("sliced.h5", 1.0, (-103.939, -116.779, -123.68)),
    ],
)
def test_its_preprocessing_is_measured(name: str, gain: float, offset: Any) -> None:
    facts = examine(FOLDER / name, None)
    assert facts.keras_version == "2.15.0"
    assert_allclose(facts.affine.gain, gain, rtol=1e-5)
    assert_allclose(facts.affine.offset, offset, rtol=1e-5, atol=1e-5)


def test_statistics_that_were_adapted_are_applied() -> None:
    """The mean and deviation of the two images that they were adapted to."""
    seen = images((16, 16, 3)).astype(np.float64)
    facts = examine(FOLDER / "adapted.h5", None)
    assert_allclose(facts.affine.gain, 1 / seen.std(axis=(0, 1, 2)), rtol=1e-4)
    assert_allclose(
        facts.affine.offset, -seen.mean(axis=(0, 1, 2)) / seen.std(axis=(0, 1, 2)), rtol=1e-4
    )


# Keywords as Keras 2 writes them, for each operation that is known.
KEYWORDS: dict[str, dict[str, Any]] = {
    "__operators__.add": {"y": 3.0},
    "__operators__.getitem": {
        "slice_spec": [{"class_name": "__ellipsis__"}, {"start": None, "stop": None, "step": -1}]
    },
    "__operators__.sub": {"y": 2.0},
    "cast": {"dtype": "float32"},
    "clip_by_value": {"clip_value_min": -0.5, "clip_value_max": 0.5},
    "gather": {"indices": [2, 1, 0], "axis": -1},
    "image.resize": {"size": [5, 9]},
    "math.add": {"y": [1.0, 2.0, 3.0]},
    "math.divide": {"y": 255.0},
    "math.multiply": {"y": 2},
    "math.reduce_max": {"axis": [1, 2], "keepdims": True},
    "math.reduce_mean": {"axis": [1, 2]},
    "math.subtract": {"y": [103.939, 116.779, 123.68]},
    "math.truediv": {"y": [0.5, 2.0, 4.0]},
    "nn.bias_add": {"bias": [1.0, 2.0, 3.0]},
    "reduce_mean": {"axis": [1, 2], "keepdims": True},
    "reverse": {"axis": [-1]},
}
BINARY = {"__operators__.sub": "math.subtract", "__operators__.add": "math.add"}


@pytest.mark.parametrize("function", _KNOWN)
def test_each_operation_does_what_tensorflow_does(function: str) -> None:
    import keras
    import tensorflow as tf

    keywords = KEYWORDS.get(function, {})
    values = np.random.default_rng(2).normal(size=(2, 7, 6, 3)).astype(np.float32)
    if function == "image.grayscale_to_rgb":
        values = values[..., :1]
    kind, arguments, module, places = as_layer(function, ["x", 0, 0, keywords])
    assert places == [["x", 0, 0]]
    layer = keras.saving.deserialize_keras_object(
        {"module": module, "class_name": kind, "config": arguments, "registered_name": None}
    )
    if function == "__operators__.getitem":
        expected = values[..., ::-1]
    else:
        reference = tf
        for part in BINARY.get(function, function).split("."):
            reference = getattr(reference, part)
        expected = np.asarray(reference(tf.constant(values), **keywords))
    assert_allclose(np.asarray(layer(values)), expected, rtol=1e-5, atol=1e-6)


def test_two_tensors_are_added_multiplied_and_subtracted() -> None:
    for function, kind in (("math.add", "Add"), ("math.multiply", "Multiply")):
        found = as_layer(function, ["a", 0, 0, {"y": ["b", 0, 0]}])
        assert found[::3] == (kind, [["a", 0, 0], ["b", 0, 0]])
    turned = as_layer("math.add", ["_CONSTANT_VALUE", -1, 2.0, {"y": ["b", 0, 0]}])
    assert turned[1]["offset"] == 2.0
    assert turned[3] == [["b", 0, 0]]


@pytest.mark.parametrize(
    ("function", "node"),
    [
        ("image.central_crop", ["x", 0, 0, {"central_fraction": 0.5}]),
        ("cast", ["x", 0, 0, {"dtype": "uint8"}]),
        ("math.subtract", ["_CONSTANT_VALUE", -1, 1.0, {"y": ["b", 0, 0]}]),
        ("math.truediv", ["a", 0, 0, {"y": ["b", 0, 0]}]),
        ("image.resize", ["x", 0, 0, {"size": [5, 5], "method": "nearest"}]),
        ("reverse", ["x", 0, 0, {"axis": [1]}]),
        ("gather", ["x", 0, 0, {"indices": [0, 1, 2], "axis": -1}]),
    ],
)
def test_an_operation_without_a_counterpart_is_named(function: str, node: list[Any]) -> None:
    with pytest.raises(UnsupportedFile, match=rf"calls TensorFlow's tf\.{function}"):
        as_layer(function, node)


def test_what_can_not_be_read_is_one_short_line(tmp_path: Path) -> None:
    broken = {"class_name": "Functional", "config": {"layers": [{"class_name": "Conv2D"}]}}
    path = archive(tmp_path / "broken.keras", broken, metadata__json=b'{"keras_version": "2.15.0"}')
    with pytest.raises(UnsupportedFile) as refused:
        read_saved_model(path)
    assert str(refused.value) == (
        "Refused broken.keras (saved by Keras 2.15.0): its description is none that Keras writes."
    )
    wrong = json.loads(json.dumps(broken))
    wrong["config"] = {
        "name": "m",
        "layers": [
            {"class_name": "Dense", "name": "d", "config": {"unit" * 99: 3}, "inbound_nodes": []}
        ],
        "input_layers": [["d", 0, 0]],
        "output_layers": [["d", 0, 0]],
    }
    path = archive(tmp_path / "wrong.keras", wrong, metadata__json=b'{"keras_version": "2.9.0"}')
    with pytest.raises(UnsupportedFile, match=r"saved by Keras 2\.9\.0") as refused:
        load_saved_model(read_saved_model(path), None)
    assert len(str(refused.value)) < 300


def test_a_sequential_of_the_first_keras_is_a_list() -> None:
    convolution = {
        "name": "c",
        "filters": 2,
        "kernel_size": 3,
        "batch_input_shape": [None, 8, 8, 3],
    }
    layers = [{"class_name": "Conv2D", "config": convolution}]
    found = modernized({"class_name": "Sequential", "config": layers})
    kinds = [layer["class_name"] for layer in found["config"]["layers"]]
    assert kinds == ["InputLayer", "Conv2D"]
    assert found["config"]["layers"][0]["config"]["batch_shape"] == [None, 8, 8, 3]


def test_a_lambda_is_refused_in_a_file_of_keras_2_too(tmp_path: Path) -> None:
    layer = {"class_name": "Lambda", "config": {"name": "evil"}, "name": "evil"}
    config = {"class_name": "Functional", "config": {"layers": [layer]}}
    path = archive(tmp_path / "l.keras", config, metadata__json=b'{"keras_version": "2.15.0"}')
    with pytest.raises(UnsupportedFile, match="is a Lambda, that is Python code"):
        read_saved_model(path)


@pytest.mark.parametrize(
    "folder", ["cases/keras2-models", "models/from_others/teachable_covid_keras"]
)
def test_models_of_others(shared_directory: Path, folder: str) -> None:
    for path in (shared_directory / folder).glob("*.*"):
        if path.suffix in (".keras", ".h5"):
            assert examine(path, None).outputs == 3, path.name


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS pointer"),
        (b"\n<!DOCTYPE html><html>", "an HTML page"),
        (b"<html><body>404", "an HTML page"),
        (b"", "neither by its content"),
        (b"TFL3 something", "neither by its content"),
    ],
)
def test_what_is_often_taken_for_a_model_is_named(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "model.h5"
    path.write_bytes(content)
    with pytest.raises(UnsupportedFile, match=said):
        read_saved_model(path)


def test_a_saved_model_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"")
    with pytest.raises(UnsupportedFile, match="received the folder"):
        read_saved_model(tmp_path)
