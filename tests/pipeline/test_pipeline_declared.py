"""What a declared file comes to: the same tensor as the library makes."""

import json

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.pipeline.declared_files import EVERY
from tests.pipeline.synthetic import synthetic
from xray_app.pipeline.contracts.reading import parse_declared, read_declared
from xray_app.pipeline.contracts.torchvision import TORCHVISION_WEIGHTS
from xray_app.pipeline.steps.description import reproduce

KEPT = np.load(ROOT / "tests" / "pipeline" / "declared.npz")


@pytest.mark.parametrize("kind", ["gray", "colour"])
@pytest.mark.parametrize("name", EVERY)
def test_the_tensor_is_the_librarys(name: str, kind: str) -> None:
    contract = parse_declared(json.dumps(EVERY[name]).encode(), f"{name}.json")
    assert contract.is_whole
    image = synthetic(colour=kind == "colour")
    tensor = reproduce(contract.description(image.shape), image)
    expected = KEPT[f"{name}_{kind}"]
    assert tensor.shape == expected.shape
    assert np.abs(tensor - expected).max() <= 1e-3


def test_every_preset_is_torchvisions() -> None:
    models = pytest.importorskip("torchvision.models", reason="torchvision is not installed")
    names = set()
    for model in models.list_models(module=models):
        for weights in models.get_model_weights(model):
            name = f"{type(weights).__name__}.{weights.name}"
            names.add(name.replace("_Weights", ""))
            preset, contract = weights.transforms(), read_declared(f"torchvision:{name}")
            assert [contract.height, contract.width] == preset.crop_size * 2
            assert [contract.number] == preset.resize_size
            assert contract.sampling == f"{preset.interpolation.value}-antialiased"
            assert contract.mean == pytest.approx(preset.mean, rel=1e-5)
            assert contract.std == pytest.approx(preset.std, rel=1e-5)
    assert names == set(TORCHVISION_WEIGHTS)
