"""Keras' families: the shipped table, and models that are built on them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from tests.conftest import ROOT
from tests.engines.keras_models import imagenet_efficientnet, saved, with_head
from xray_app.core.normalization.affine import Channels
from xray_app.engines.child_call import call_in_child
from xray_app.engines.facts import LayerFacts
from xray_app.engines.keras.architectures import ARCHITECTURES
from xray_app.engines.keras.families import (
    FAMILIES,
    KerasFamilies,
    Layer,
    Stem,
    build_backbone,
    measure_all,
    measure_families,
    preprocessing_scheme,
    shipped_families,
)
from xray_app.engines.keras.inspection import examine
from xray_app.engines.keras.measuring import measure_affine, measure_layers
from xray_app.inspection.families import families_markdown

INSPECTED = (
    "EfficientNetB0", "EfficientNetV2B0", "ConvNeXtTiny", "ResNet50V2", "MobileNetV2", "VGG16",
)  # fmt: skip
QUICK = ("EfficientNetB0", "EfficientNetV2B0", "MobileNetV2")  # the others are large


def assert_same_layers(measured: Sequence[LayerFacts | Layer], shipped: Stem) -> None:
    assert [layer.kind for layer in measured] == [layer.kind for layer in shipped.layers]
    for one, other in zip(measured, shipped.layers, strict=True):
        for name, values in other.constants.items():
            assert_allclose(one.constants[name], values, rtol=1e-5)


def assert_same_ranges(measured: dict[str, tuple[Channels, Channels]], shipped: Stem) -> None:
    for name, ends in shipped.ranges.items():
        assert_allclose(measured[name], ends, rtol=1e-4, atol=1e-5)


def assert_as_shipped(measured: KerasFamilies) -> None:
    shipped = shipped_families()
    assert measured.fingerprints.items() <= shipped.fingerprints.items()
    for stem in measured.stems:
        expected = shipped.stem(stem.architecture, stem.build)
        assert stem.expects == expected.expects
        assert_same_layers(stem.layers, expected)
        assert_same_ranges(stem.ranges, expected)


@pytest.mark.parametrize("architecture", [a for a in FAMILIES if a not in INSPECTED])
def test_the_shipped_table_is_what_the_layers_do(architecture: str) -> None:
    assert_as_shipped(measure_families((architecture,), ()))


@pytest.mark.parametrize("architecture", FAMILIES)
def test_the_shipped_scheme_is_what_preprocess_input_does(architecture: str) -> None:
    expected = shipped_families().stem(architecture, "none").expects
    assert preprocessing_scheme(architecture) == expected


@pytest.mark.slow
def test_everything_shipped_can_be_measured_anew() -> None:
    measured = call_in_child(measure_all, returns=KerasFamilies, seconds=600.0)
    assert_as_shipped(measured)
    assert set(measured.fingerprints) == set(ARCHITECTURES)
    assert len(set(measured.fingerprints.values())) == len(ARCHITECTURES)
    assert measured.keras_version == shipped_families().keras_version


def test_the_documentation_is_the_commands_output() -> None:
    page = (ROOT / "docs" / "keras-preprocessing.md").read_text(encoding="utf-8")
    assert page == families_markdown(shipped_families())


@pytest.mark.parametrize(
    "architecture",
    [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in INSPECTED],
)
def test_a_saved_family_is_recognised_and_measured(architecture: str, tmp_path: Path) -> None:
    facts = examine(saved(with_head(build_backbone(architecture)), tmp_path), None)
    shipped = shipped_families().stem(architecture, "none")
    assert facts.architecture == architecture
    assert_same_layers(facts.layers, shipped)
    assert_same_ranges(facts.ranges, shipped)
    assert facts.outputs == 3


@pytest.mark.parametrize("third_layer", [True, False])
def test_keras_own_imagenet_build(
    third_layer: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keras' code for weights="imagenet", given a file instead of a download, and what is left of
    it when its weights go into a model built with weights=None."""
    import keras
    from keras.src.applications import efficientnet

    file = str(tmp_path / "a.weights.h5")
    imagenet_efficientnet(third_layer=False).save_weights(file)
    monkeypatch.setattr(efficientnet.file_utils, "get_file", lambda *_, **__: file)
    shape = {"include_top": False, "pooling": "avg", "input_shape": (32, 32, 3)}
    model = keras.applications.EfficientNetB0(weights="imagenet", **shape)
    if not third_layer:
        model.save_weights(tmp_path / "b.weights.h5")
        model = keras.applications.EfficientNetB0(weights=None, **shape)
        model.load_weights(tmp_path / "b.weights.h5")
    stem = shipped_families().stem("EfficientNetB0", "imagenet" if third_layer else "dropped")
    layers = measure_layers(model)
    assert [layer.kind for layer in layers] == [layer.kind for layer in stem.layers]
    affine, (low, high) = measure_affine(model), stem.ranges["raw"]
    assert_allclose(affine.offset, low, rtol=1e-4)
    assert_allclose(255 * np.array(affine.gain) + affine.offset, high, rtol=1e-4)
