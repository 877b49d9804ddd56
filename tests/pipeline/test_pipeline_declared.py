"""What a declared file comes to: the same tensor as the library makes."""

import json

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.pipeline.declared_files import EVERY
from tests.pipeline.synthetic import synthetic
from xray_app.inspection.declared import _of_size
from xray_app.pipeline.contracts.reading import parse_declared, read_declared
from xray_app.pipeline.contracts.torchvision import TORCHVISION_WEIGHTS
from xray_app.pipeline.snippets.registry import input_code
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


@pytest.mark.parametrize(
    ("input_size", "crop_pct", "before"),
    [((224, 300), 0.9, (248, 333)), ((224, 1000), 0.997, (224, 1003)), ((30, 32), 0.95, (31, 33))],
)
def test_each_side_of_a_rectangle_is_timms_own(
    input_size: tuple[int, int], crop_pct: float, before: tuple[int, int]
) -> None:
    """``transforms_imagenet_eval``: ``floor(x / crop_pct) for x in img_size``, by hand."""
    content = {"input_size": [3, *input_size], "crop_pct": crop_pct, "crop_mode": "squash"}
    squash = parse_declared(json.dumps(content).encode(), "config.json")
    assert squash.fit_text == f"stretched to {before[0]} × {before[1]}, then centre crop"
    description = squash.description((500, 700))
    assert description.recipe.placement.size == before
    assert f"stretched to {before[0]} × {before[1]}, then" in description.text
    assert f"crop_pct={crop_pct}," in input_code(squash, "timm").code
    assert f"v2.Resize({before}, " in input_code(squash, "torchvision").code
    assert squash.to_dict()["before_crop"] == list(before)
    center = parse_declared(json.dumps(content | {"crop_mode": "center"}).encode(), "config.json")
    ratio = min(500 / before[0], 700 / before[1])
    size = (round(500 / ratio), round(700 / ratio))
    assert center.description((500, 700)).recipe.placement.size == size


def test_the_code_for_a_model_of_another_size_keeps_timms_fraction() -> None:
    content = {"input_size": [3, 224, 300], "crop_pct": 0.9, "crop_mode": "squash"}
    contract = parse_declared(json.dumps(content).encode(), "config.json")
    assert _of_size(contract, 112, 150).before_crop == (124, 166)


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
