"""The serving engine: a graph without weights of its own that answers as Keras does."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

from tests.conftest import BUNDLED, ROOT
from tests.fakes import STRETCHED, FakeEngine, card_content, fake_card
from xray_app.core.digests import sha256_of
from xray_app.core.errors import EngineError, WeightsError
from xray_app.core.images.resampling import resize
from xray_app.core.normalization.schemes import normalize, parse_scheme
from xray_app.core.probabilities import softmax
from xray_app.diagnosis import explain_all
from xray_app.engines.catalogue import find_card, open_engine
from xray_app.engines.keras.architectures import build_from_card
from xray_app.engines.networks.engine import NetworkEngine
from xray_app.engines.networks.examining import load_network
from xray_app.engines.onnx import engine as onnx_engine
from xray_app.engines.onnx.engine import OnnxEngine
from xray_app.engines.onnx.export import export_graph
from xray_app.engines.protocol import Engine
from xray_app.readers import read_radiograph
from xray_app.samples import list_samples, read_sample

SMALL = {"height": 64, "width": 64, **STRETCHED}


def test_equals_keras_on_60_radiographs(
    bundled: Engine, reference: Engine, data_directory: Path
) -> None:
    with zipfile.ZipFile(data_directory / "kermany_cxr_224.zip") as archive:
        names = sorted(n for n in archive.namelist() if n.startswith("val/") and n[-1] != "/")
        chosen = names[:: len(names) // 60][:60]
        images = [Image.open(io.BytesIO(archive.read(name))).convert("L") for name in chosen]
    size = bundled.card.input
    displays = [resize(np.asarray(image) / 255, size.height, size.width) for image in images]
    for start in range(0, 60, 20):
        # Every other batch is fed wrongly: the engines must agree on nonsense as well.
        scheme = parse_scheme("raw" if start % 40 == 0 else "imagenet")
        batch = np.stack([normalize(d, scheme).array for d in displays[start : start + 20]])
        expected, received = reference.forward(batch), bundled.forward(batch)
        np.testing.assert_allclose(softmax(received.logits), softmax(expected.logits), atol=1e-3)
        np.testing.assert_array_equal(
            softmax(received.logits).argmax(axis=1), softmax(expected.logits).argmax(axis=1)
        )
        np.testing.assert_allclose(received.activations, expected.activations, atol=1e-3)
        np.testing.assert_allclose(
            received.first_convolution, expected.first_convolution, atol=1e-5
        )
        assert received.gate_statistics is not None
        assert expected.gate_statistics is not None
        np.testing.assert_allclose(
            received.gate_statistics, expected.gate_statistics, atol=1e-3, rtol=1e-3
        )
        targets = (1,) * len(batch)
        np.testing.assert_allclose(
            bundled.head_gradients(received.activations, targets),
            reference.head_gradients(expected.activations, targets),
            atol=1e-8,
        )


def test_a_large_batch_gives_what_its_images_give_alone(bundled: Engine) -> None:
    size = bundled.card.input
    shape = (6, size.height, size.width, 3)
    batch = (255 * np.random.default_rng(1).random(shape)).astype(np.float32)
    together = bundled.forward(batch)
    for i in range(6):
        alone = bundled.forward(batch[i : i + 1])
        np.testing.assert_allclose(together.logits[i], alone.logits[0], atol=1e-4)
        np.testing.assert_allclose(together.activations[i], alone.activations[0], atol=1e-4)
        np.testing.assert_array_equal(together.first_convolution[i], alone.first_convolution[0])
        assert together.gate_statistics is not None
        assert alone.gate_statistics is not None
        np.testing.assert_allclose(together.gate_statistics[i], alone.gate_statistics[0], atol=1e-4)


def test_serving_needs_no_tensorflow() -> None:
    code = f"""
import sys
import numpy as np
from xray_app.diagnosis import explain_all
from xray_app.engines.catalogue import open_engine
engine = open_engine({BUNDLED!r})
size = engine.card.input
engine.forward(np.zeros((1, size.height, size.width, 3), np.float32))
assert not {{"tensorflow", "keras", "h5py", "onnx"}} & set(sys.modules), sorted(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_graph_refers_to_the_one_weights_file() -> None:
    card = find_card(BUNDLED)
    assert card.serving is not None
    path = ROOT / "models" / BUNDLED / card.serving.file
    assert path.stat().st_size < 300_000
    graph = onnx.load(path, load_external_data=False).graph
    places = {
        entry.value
        for tensor in graph.initializer
        for entry in tensor.external_data
        if entry.key == "location"
    }
    assert places == {card.weights.file}


def small_model(directory: Path, architecture: str = "EfficientNetB0") -> tuple[Path, dict]:
    """A folder with a card and random weights of a small model."""
    import keras

    keras.utils.set_random_seed(3)
    folder = directory / "fake"
    folder.mkdir()
    content = card_content(input=SMALL, architecture=architecture)
    weights = folder / "fake.weights.h5"
    build_from_card(fake_card(input=SMALL, architecture=architecture)).save_weights(weights)
    content["weights"] = {"file": weights.name, "sha256": sha256_of(weights)}
    (folder / "card.json").write_text(json.dumps(content))
    return folder, content


def noise(count: int) -> np.ndarray:
    return (255 * np.random.default_rng(0).random((count, 64, 64, 3))).astype(np.float32)


@pytest.mark.parametrize(
    "architecture",
    [
        "MobileNetV2",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("EfficientNetB0", "ResNet50")),
    ],
)
def test_other_models_can_be_exported(tmp_path: Path, architecture: str) -> None:
    folder, content = small_model(tmp_path, architecture)
    card = find_card("fake", tmp_path)
    graph, difference = export_graph(card, folder / content["weights"]["file"], noise(3))
    assert graph.name == f"graph-{sha256_of(graph)[:8]}.onnx"
    assert difference < 1e-4
    assert sorted(p.name for p in folder.iterdir()) == [
        "card.json",
        "fake.weights.h5",
        graph.name,
    ]


def test_a_graph_with_other_outputs_is_to_be_exported_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, content = small_model(tmp_path)
    card = find_card("fake", tmp_path)
    graph, _ = export_graph(card, folder / content["weights"]["file"], noise(1))
    monkeypatch.setattr(onnx_engine, "LAYOUT", onnx_engine.LAYOUT + 1)
    with pytest.raises(EngineError, match="another version; export it again: python -m xray_app"):
        OnnxEngine(card, graph)


def test_finer_layers_come_from_the_reference(tmp_path: Path) -> None:
    folder, content = small_model(tmp_path)
    card = find_card("fake", tmp_path)
    graph, _ = export_graph(card, folder / content["weights"]["file"], noise(1))
    engine = OnnxEngine(card, graph)
    with pytest.raises(EngineError, match="needs TensorFlow"):
        engine.gradients(noise(1), engine.layers[1], (0,))
    started: list[Engine] = []

    def start() -> Engine:
        started.append(FakeEngine())
        return started[-1]

    closed = OnnxEngine(card, graph, start)
    closed.close()
    with pytest.raises(EngineError, match="was closed"):
        closed.gradients(noise(1), closed.layers[1], (0,))
    assert started == []


def test_a_layer_without_a_counterpart_is_named(tmp_path: Path) -> None:
    folder, content = small_model(tmp_path, "DenseNet121")
    with pytest.raises(EngineError, match="of kind Concatenate can't be exported; expected"):
        export_graph(find_card("fake", tmp_path), folder / content["weights"]["file"], noise(1))
    assert not list(folder.glob("*.onnx"))


def test_an_altered_or_missing_graph_is_told(tmp_path: Path) -> None:
    folder, content = small_model(tmp_path)
    content["serving"] = {"file": "graph.onnx", "sha256": "0" * 64}
    (folder / "card.json").write_text(json.dumps(content))
    with pytest.raises(WeightsError, match="field serving.file: expected graph.onnx"):
        open_engine("fake", tmp_path)
    (folder / "graph.onnx").write_bytes(b"nonsense")
    with pytest.raises(WeightsError, match="field serving.sha256: expected 000"):
        open_engine("fake", tmp_path)
    content["serving"]["sha256"] = sha256_of(folder / "graph.onnx")
    (folder / "card.json").write_text(json.dumps(content))
    with pytest.raises(EngineError, match=r"Graph graph.onnx of model fake can't be loaded"):
        open_engine("fake", tmp_path)


def test_a_strangers_graph_explains_as_keras_does(bundled: Engine, reference: Engine) -> None:
    """The same graph, taken for somebody's file: its maps come from what its tail does."""
    assert bundled.card.serving is not None
    graph = ROOT / "models" / BUNDLED / bundled.card.serving.file
    engine = NetworkEngine(bundled.card, load_network(graph))
    displays = [read_radiograph(read_sample(name)).display for name in list_samples()[::5]]
    size = bundled.card.input
    resized = [resize(display, size.height, size.width) for display in displays]
    batch = np.stack([normalize(d, parse_scheme("raw")).array for d in resized])
    found, expected = engine.forward(batch), reference.forward(batch)
    np.testing.assert_allclose(softmax(found.logits), softmax(expected.logits), atol=1e-4)
    for method in ("hirescam", "gradcam"):
        for target in bundled.card.class_names:
            own = explain_all(engine, batch, found.activations, method, engine.layers[0], target)
            keras = explain_all(
                reference, batch, expected.activations, method, reference.layers[0], target
            )
            for one, other in zip(own, keras, strict=True):
                np.testing.assert_allclose(one.map, other.map, atol=1e-4)
