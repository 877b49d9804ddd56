"""Published ImageNet weights that ship with the app, and how they get into a network.

A file is an ``.npz`` of arrays named ``layer/weight`` in Keras' layout, read without pickle.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xray_app.core import AnyArray, ModelError, WeightsError, data_directory, sha256_of

_ORDER = ("kernel", "gamma", "beta", "moving_mean", "moving_variance", "bias")


@dataclass(frozen=True, slots=True)
class ImageNetWeights:
    """One file of weights, and what its network was fed.

    Attributes:
        file: its name in ``models/pretrained/``.
        sha256: of the file, hexadecimal.
        mean: of a channel in bytes; the network expects (x - mean) / deviation for x in [0, 255].
        deviation: of a channel in bytes.
        head: the name in the file of the dense layer of ImageNet's 1,000 classes.
    """

    file: str
    sha256: str
    mean: float
    deviation: float
    head: str


IMAGENET_WEIGHTS: dict[str, ImageNetWeights] = {
    "EfficientNetLite0": ImageNetWeights(
        "efficientnet_lite0_imagenet.npz",
        "736267db4388152c651916b025544701d2d6215caccad809f22ee5d4e8a1a385",
        127.0,
        128.0,
        "logits",
    ),
}


def load_imagenet_weights(model: Any, architecture: str, *, head: bool = False) -> None:
    """Give a model's layers ImageNet's weights, in place.

    Args:
        model: from ``build_backbone`` or ``build_model`` of the same architecture, of any size.
        architecture: a name in ``IMAGENET_WEIGHTS``.
        head: fill the layer ``predictions`` as well; needs a model of ImageNet's 1,000 classes.

    Raises:
        ModelError: no weights of that architecture ship.
        WeightsError: the file is missing or altered, or a layer has another shape.
    """
    if architecture not in IMAGENET_WEIGHTS:
        raise ModelError(
            f"{architecture} has no ImageNet weights here; expected one of "
            f"{', '.join(IMAGENET_WEIGHTS)}."
        )
    entry = IMAGENET_WEIGHTS[architecture]
    layers = _arrays_by_layer(_verified(entry))
    on_top = layers.pop(entry.head)
    if head:
        layers["predictions"] = on_top
    for name, arrays in layers.items():
        _fill(model, name, arrays)


def _verified(entry: ImageNetWeights) -> Path:
    path = data_directory() / "models" / "pretrained" / entry.file
    if not path.is_file() or sha256_of(path) != entry.sha256:
        found = "another file" if path.is_file() else "none"
        raise WeightsError(
            f"Expected the ImageNet weights {entry.file} that ship with the app in "
            f"models/pretrained, found {found}; install the app again."
        )
    return path


def _arrays_by_layer(path: Path) -> dict[str, dict[str, AnyArray]]:
    layers: dict[str, dict[str, AnyArray]] = {}
    with np.load(path, allow_pickle=False) as content:
        for key in content.files:
            layer, weight = key.split("/")
            layers.setdefault(layer, {})[weight] = content[key].astype(np.float32)
    return layers


def _fill(model: Any, name: str, arrays: dict[str, AnyArray]) -> None:
    ordered = [arrays[weight] for weight in _ORDER if weight in arrays]
    try:
        model.get_layer(name).set_weights(ordered)
    except ValueError as error:
        raise WeightsError(
            f"ImageNet's weights do not fit the network: its layer {name!r} is missing or has "
            f"another shape than {', '.join(str(a.shape) for a in ordered)}."
        ) from error
