"""What each family of Keras Applications expects at its input, measured on real layer graphs.

Everything is built without a network: ``weights=None``, and ImageNet's published constants where
Keras' ``weights="imagenet"`` would load them into preprocessing layers. ``keras_families.json``
holds the result, so that nobody has to wait for twelve models to be built.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from xray_app.core import ModelError
from xray_app.core.normalization import IMAGENET_MEAN, IMAGENET_STD, PRESETS, Channels
from xray_app.engines.keras import architectures
from xray_app.engines.keras.architectures import ARCHITECTURES, smallest_input, with_third_layer
from xray_app.engines.keras.fingerprints import MEASURED, fingerprint
from xray_app.engines.keras.measuring import measure_layers, measure_ranges
from xray_app.engines.keras.preprocessing import all_layers

# In the order of the documentation's table.
FAMILIES = (
    "EfficientNetB0", "EfficientNetB4", "EfficientNetV2B0", "EfficientNetV2S", "ConvNeXtTiny",
    "ResNet50", "ResNet50V2", "DenseNet121", "MobileNet", "MobileNetV2", "InceptionV3", "VGG16",
)  # fmt: skip
# What Keras' preprocess_input can do to a byte, by the name of the scheme that is the same.
_MODES = ("raw", "signed", "imagenet", "caffe")
_SCHEMES = ("raw", "rescale", "signed", "imagenet", "caffe")


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer in front of the first convolution, and the numbers that it applies."""

    kind: str
    constants: dict[str, Channels]


@dataclass(frozen=True, slots=True)
class Stem:
    """One way to build an architecture, and what its layers do to pixels.

    Attributes:
        build: "none" and "imagenet", as ``weights`` says it to Keras; "dropped" is the model that
            results when ImageNet's weights are loaded into one built with ``weights=None``.
        expects: the scheme that is the same as the family's ``preprocess_input``.
        ranges: by scheme, what black and white become at the first convolution, a channel.
    """

    architecture: str
    build: str
    expects: str
    layers: tuple[Layer, ...]
    ranges: dict[str, tuple[Channels, Channels]]


@dataclass(frozen=True, slots=True)
class KerasFamilies:
    """All stems, the version of Keras they were measured with, and how to tell architectures."""

    keras_version: str
    stems: tuple[Stem, ...]
    fingerprints: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain

    def stem(self, architecture: str, build: str) -> Stem:
        """The stem of that name and build."""
        return next(s for s in self.stems if (s.architecture, s.build) == (architecture, build))


def shipped_families() -> KerasFamilies:
    """What was measured when this version of the app was made; needs no Keras."""
    content = json.loads(MEASURED.read_text(encoding="utf-8"))
    stems = tuple(
        Stem(
            s["architecture"],
            s["build"],
            s["expects"],
            tuple(
                Layer(n["kind"], {k: tuple(v) for k, v in n["constants"].items()})
                for n in s["layers"]
            ),
            {name: (tuple(low), tuple(high)) for name, (low, high) in s["ranges"].items()},
        )
        for s in content["stems"]
    )
    return KerasFamilies(content["keras_version"], stems, content["fingerprints"])


def measure_families(families: tuple[str, ...], recognisable: tuple[str, ...]) -> KerasFamilies:
    """Build and measure every family; made to be called through ``engines.child_call``.

    Args:
        families: names in ``ARCHITECTURES`` to measure.
        recognisable: further names, to be told by their fingerprint only.
    """
    import keras

    stems, fingerprints = [], {}
    for architecture in dict.fromkeys((*families, *recognisable)):
        model = build_backbone(architecture)
        fingerprints[architecture] = fingerprint(model)
        if architecture in families:
            expects = preprocessing_scheme(architecture)
            stems += [
                _measure(architecture, build, expects, variant)
                for build, variant in builds(architecture, model)
            ]
    return KerasFamilies(keras.__version__, tuple(stems), fingerprints)


def measure_all() -> KerasFamilies:
    """Measure what ``keras_families.json`` holds."""
    return measure_families(FAMILIES, ARCHITECTURES)


def build_backbone(architecture: str, size: int = 32) -> Any:
    """The architecture without head and weights, as small as it can be."""
    size = max(size, smallest_input(architecture))
    return architectures.build_backbone(architecture, size, size)


def builds(architecture: str, model: Any) -> Iterator[tuple[str, Any]]:
    """Yield (name, model) of each build; they share layers, so use one before taking the next.

    Only EfficientNet differs between builds. Keras stores ImageNet's standard deviation where its
    ``Normalization`` expects a variance, and makes up for it by a third layer that divides by the
    square root again, but only under ``weights="imagenet"``.
    """
    yield "none", model
    if not architecture.startswith("EfficientNetB"):
        return
    adapt_to_imagenet(model)
    yield "dropped", model
    yield "imagenet", with_third_layer(model)


def adapt_to_imagenet(model: Any) -> None:
    """Give ``Normalization`` the constants that Keras' published EfficientNet weights hold."""
    normalization = next(
        layer for _, layer in all_layers(model) if type(layer).__name__ == "Normalization"
    )
    normalization.set_weights([IMAGENET_MEAN, IMAGENET_STD, np.zeros((), np.int32)])
    # Without this the layer goes on with the mean and variance that it was built with.
    normalization.finalize_state()


def preprocessing_scheme(architecture: str) -> str:
    """The scheme that does to gray pixels what the family's ``preprocess_input`` does.

    Raises:
        ModelError: none does.
    """
    import keras

    module = sys.modules[getattr(keras.applications, architecture).__module__]
    display = np.linspace(0.0, 1.0, 256, dtype=np.float32).reshape(16, 16)
    received = np.asarray(module.preprocess_input(PRESETS["raw"].scale.apply(display, None)))
    for name in _MODES:
        if np.allclose(received, PRESETS[name].scale.apply(display, None), atol=1e-4):
            return name
    raise ModelError(f"preprocess_input of {architecture} is none of {', '.join(_MODES)}.")


def _measure(architecture: str, build: str, expects: str, model: Any) -> Stem:
    ranges = measure_ranges(model, None)
    return Stem(
        architecture,
        build,
        expects,
        tuple(
            Layer(layer.kind, {name: _rounded(v) for name, v in layer.constants.items()})
            for layer in measure_layers(model)
        ),
        {name: (_rounded(ranges[name][0]), _rounded(ranges[name][1])) for name in _SCHEMES},
    )


def _rounded(values: Channels) -> Channels:
    """Six digits: float32 holds no more."""
    return tuple(float(f"{value:.6g}") for value in values)
