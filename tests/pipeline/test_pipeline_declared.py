"""What a declared file comes to: the same tensor as the library makes."""

import json

import numpy as np
import pytest

from tests.conftest import ROOT
from tests.pipeline.declared_files import EVERY
from tests.pipeline.synthetic import synthetic
from xray_app.pipeline.contracts.reading import parse_declared
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
