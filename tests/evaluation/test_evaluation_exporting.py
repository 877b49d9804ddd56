"""A model is exported whatever it was trained with, and compared on what training sent."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.fakes import STRETCHED, card_content, fake_card
from xray_app.cards.card import read_card
from xray_app.core.digests import sha256_of
from xray_app.core.images.resampling import resize
from xray_app.engines.catalogue import open_engine
from xray_app.engines.keras.architectures import build_from_card
from xray_app.engines.onnx.engine import OnnxEngine
from xray_app.evaluation import exporting
from xray_app.evaluation.exporting import export_model
from xray_app.readers.registry import read_radiograph
from xray_app.samples.catalogue import list_samples, read_sample

MEAN, DEVIATION = 0.4, 0.2
SIZE = {"height": 64, "width": 64, **STRETCHED}


def contract(scheme: str) -> dict[str, object]:
    mean, variance = [MEAN], [DEVIATION**2]
    return {
        "scheme": scheme, "range": [-2, 3], "layers": [], "mean": mean, "variance": variance,
    }  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model trained with min-max, then the training pixels' mean and deviation."""
    import keras

    keras.utils.set_random_seed(3)
    made = {"input": SIZE, "architecture": "MobileNetV2", "contract": contract("minmax+dataset")}
    folder = tmp_path / "fake"
    folder.mkdir()
    weights = folder / "fake.weights.h5"
    build_from_card(fake_card(**made)).save_weights(weights)
    named = {"file": weights.name, "sha256": sha256_of(weights)}
    (folder / "card.json").write_text(json.dumps(card_content(**made, weights=named)))
    return folder


def test_a_contrast_and_the_training_pixels_figures(folder: Path) -> None:
    graph, difference = export_model("fake", folder.parent)
    assert difference < 1e-4
    assert graph.parent == folder
    engine = open_engine("fake", folder.parent)
    assert isinstance(engine, OnnxEngine)
    assert engine.card.folder == folder


@pytest.mark.parametrize("scheme", ["dataset", "minmax+dataset"])
def test_it_is_compared_on_what_training_sent(
    folder: Path, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = json.loads((folder / "card.json").read_text())
    content["contract"] = contract(scheme)
    (folder / "card.json").write_text(json.dumps(content))
    batches = []

    def keep(function, card, weights, batch, **_):
        batches.append(batch)
        (folder / "graph-new.onnx").write_bytes(b"")
        return folder / "graph-new.onnx", 0.0

    monkeypatch.setattr(exporting, "call_in_child", keep)
    export_model("fake", folder.parent)
    first = resize(read_radiograph(read_sample(list_samples()[0])).display, 64, 64)
    if scheme == "minmax+dataset":
        first = (first - first.min()) / (first.max() - first.min())
    expected = (first - MEAN) / DEVIATION
    assert batches[0].shape == (2 * len(list_samples()), 64, 64, 3)
    for channel in range(3):
        np.testing.assert_allclose(batches[0][0, :, :, channel], expected, atol=1e-4)
    assert read_card(folder / "card.json").serving is not None
