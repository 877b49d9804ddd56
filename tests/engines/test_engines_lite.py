"""EfficientNet-Lite0 with ImageNet's weights: what it says of photographs, and how it is served."""

import json
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from tests.fakes import card_content, fake_card
from xray_app.core.digests import sha256_of
from xray_app.core.errors import CardError, ModelError, WeightsError
from xray_app.core.normalization.scale import IMAGENET_MEAN, IMAGENET_STD
from xray_app.core.probabilities import softmax
from xray_app.diagnosis.explanations import explain_all
from xray_app.engines.catalogue import find_card, open_engine
from xray_app.engines.keras.architectures import (
    IMAGENET_WEIGHTS,
    build_from_card,
    build_model,
    imagenet_weights,
    load_imagenet_weights,
)
from xray_app.engines.keras.engine import TensorFlowEngine
from xray_app.engines.onnx.export import export_graph
from xray_app.explain import EXPLANATIONS

LITE = "EfficientNetLite0"
WEIGHTS = IMAGENET_WEIGHTS[LITE]
EGYPTIAN_CAT, ESPRESSO = 285, 967
# Class and probability as the README beside the published weights states them.
PUBLISHED = {
    "chelsea": {
        "own": (EGYPTIAN_CAT, 0.77),
        "imagenet": (EGYPTIAN_CAT, 0.76),
        "rescale": (EGYPTIAN_CAT, 0.68),
        "raw": (721, 0.41),
    },
    "coffee": {
        "own": (ESPRESSO, 0.90),
        "imagenet": (ESPRESSO, 0.82),
        "rescale": (ESPRESSO, 0.69),
        "raw": (632, 0.44),
    },
}
SMALL = {"height": 96, "width": 96, "resize": "bilinear-antialiased-stretch"}
CONTRACT = {"scheme": "signed", "range": [-1, 1], "layers": [], "mean": [0.5], "variance": [0.06]}


def classifier(classes: int = 1000, size: int = 224) -> object:
    return build_model(LITE, size, size, classes, 0.0, rescales=False)


def fed(pixels: np.ndarray) -> dict[str, np.ndarray]:
    unit = pixels / 255
    return {
        "own": (pixels - WEIGHTS.mean) / WEIGHTS.deviation,
        "imagenet": (unit - IMAGENET_MEAN) / IMAGENET_STD,
        "rescale": unit,
        "raw": pixels,
    }


@pytest.fixture(scope="module")
def imagenet() -> object:
    model = classifier()
    load_imagenet_weights(model, LITE, head=True)
    return model


@pytest.mark.parametrize("name", PUBLISHED)
def test_photographs_get_the_published_answers(name: str, imagenet: object) -> None:
    photograph = Image.fromarray(getattr(skimage.data, name)())
    pixels = np.asarray(photograph.resize((224, 224), Image.Resampling.BICUBIC), np.float32)
    for feed, image in fed(pixels).items():
        answer = softmax(np.asarray(imagenet(image[np.newaxis].astype(np.float32))))[0]
        found, probability = PUBLISHED[name][feed]
        assert answer.argmax() == found, feed
        assert answer.max() == pytest.approx(probability, abs=0.01), feed


def test_parameters_are_as_many_as_published(imagenet: object) -> None:
    """4.69 million with the head, 3.41 without; the head has 1,281 for each class."""
    assert imagenet.count_params() == 4_694_024
    assert classifier(2, 64).count_params() == 4_694_024 - 1281 * 998


def test_a_new_head_stays_as_it_was_made() -> None:
    model = classifier(3, 64)
    before = model.get_layer("predictions").get_weights()
    load_imagenet_weights(model, LITE)
    for one, other in zip(model.get_layer("predictions").get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)
    assert model.get_layer("stem_bn").get_weights()[2].any()


def test_another_architecture_or_another_number_of_classes_is_refused() -> None:
    with pytest.raises(ModelError, match="EfficientNetB4 has no ImageNet weights here; expected"):
        load_imagenet_weights(None, "EfficientNetB4")
    with pytest.raises(WeightsError, match="layer 'predictions' is missing or has another shape"):
        load_imagenet_weights(classifier(3, 64), LITE, head=True)


@pytest.mark.parametrize("content", [None, b"PK\x03\x04"])
def test_missing_and_altered_weights_are_one_sentence(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models" / "pretrained"
    folder.mkdir(parents=True)
    if content is not None:
        (folder / WEIGHTS.file).write_bytes(content)
    monkeypatch.setattr(imagenet_weights, "data_directory", lambda: tmp_path)
    with pytest.raises(WeightsError, match=r"Expected the ImageNet weights .* install the app"):
        load_imagenet_weights(classifier(3, 64), LITE)


def test_too_small_an_image_is_one_sentence() -> None:
    with pytest.raises(CardError, match=r"InceptionV3 expects 75 pixels a side or more.*64 × 64"):
        build_model("InceptionV3", 64, 64, 2, 0.0, rescales=False)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model on ImageNet's backbone, with its card and exported graph."""
    import keras

    directory = tmp_path_factory.mktemp("lite")
    folder = directory / "fake"
    folder.mkdir()
    content = card_content(architecture=LITE, input=SMALL, contract=CONTRACT)
    keras.utils.set_random_seed(3)
    model = build_from_card(fake_card(architecture=LITE, input=SMALL, contract=CONTRACT))
    load_imagenet_weights(model, LITE)
    weights = folder / "fake.weights.h5"
    model.save_weights(weights)
    content["weights"] = {"file": weights.name, "sha256": sha256_of(weights)}
    (folder / "card.json").write_text(json.dumps(content))
    graph, _ = export_graph(find_card("fake", directory), weights, inputs(2))
    content["serving"] = {"file": graph.name, "sha256": sha256_of(graph)}
    (folder / "card.json").write_text(json.dumps(content))
    return directory


def inputs(count: int) -> np.ndarray:
    return np.random.default_rng(1).uniform(-1, 1, (count, 96, 96, 3)).astype(np.float32)


def test_the_exported_graph_answers_as_keras_does(served: Path) -> None:
    card = find_card("fake", served)
    reference = TensorFlowEngine.load(card, served / "fake" / card.weights.file)
    exported = open_engine("fake", served)
    assert exported.layers == reference.layers
    expected, received = reference.forward(inputs(3)), exported.forward(inputs(3))
    np.testing.assert_allclose(softmax(received.logits), softmax(expected.logits), atol=1e-4)
    assert np.ptp(expected.logits) > 0.01
    np.testing.assert_allclose(received.activations, expected.activations, atol=1e-3)
    np.testing.assert_array_equal(received.first_convolution, inputs(3))
    exported.close()


def test_layers_to_explain_are_the_last_of_each_resolution(served: Path) -> None:
    card = find_card("fake", served)
    engine = TensorFlowEngine.load(card, served / "fake" / card.weights.file)
    assert engine.layers == (
        "top_activation", "block6a_expand_activation", "block4a_expand_activation",
    )  # fmt: skip
    assert engine.stages == ("predictions", "top", *(f"block{n}" for n in range(7, 0, -1)), "stem")


@pytest.mark.parametrize("method", EXPLANATIONS)
def test_every_explanation_has_something_to_show(method: str, served: Path) -> None:
    card = find_card("fake", served)
    engine = TensorFlowEngine.load(card, served / "fake" / card.weights.file)
    batch, layer = inputs(1), engine.layers[0]
    forward = engine.forward(batch)
    found = [
        explain_all(engine, batch, forward.activations, method, layer, c)[0]
        for c in card.class_names
    ]
    assert all(np.isfinite(saliency.map).all() for saliency in found)
    assert max(saliency.map.max() for saliency in found) > 0  # the head is random, so not each
