"""Architectures by name, of Keras Applications and one more, with a classification head.

Building runs Keras' code alone: nothing that came with a weights file is ever executed. Works on
any Keras backend.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from xray_app.core import CardError, WeightsError, first_line
from xray_app.core.normalization import IMAGENET_STD
from xray_app.engines.keras.architectures.efficientnet_lite import efficientnet_lite0

if TYPE_CHECKING:  # training needs no card, and may run where pydantic is not installed
    from xray_app.cards import ModelCard

ARCHITECTURES: tuple[str, ...] = (
    *(f"EfficientNetB{n}" for n in range(8)),
    *(f"EfficientNetV2B{n}" for n in range(4)),
    "EfficientNetV2S",
    "EfficientNetLite0",
    "ConvNeXtTiny",
    "DenseNet121",
    "InceptionV3",
    "MobileNet",
    "MobileNetV2",
    "ResNet50",
    "ResNet50V2",
    "VGG16",
)
_OWN = {"EfficientNetLite0": efficientnet_lite0}
_SMALLEST_INPUT, _SMALLEST_INPUTS = 32, {"InceptionV3": 75}


def smallest_input(architecture: str) -> int:
    """Pixels a side that an architecture needs at least.

    >>> smallest_input("EfficientNetB4"), smallest_input("InceptionV3")
    (32, 75)
    """
    return _SMALLEST_INPUTS.get(architecture, _SMALLEST_INPUT)


def build_backbone(architecture: str, height: int, width: int) -> Any:
    """Build an uninitialised ``keras.Model`` from (N, H, W, 3) float32 to features (N, F).

    Args:
        architecture: a name in ``ARCHITECTURES``.
        height: pixels, ``smallest_input`` or more.
        width: pixels, ``smallest_input`` or more.

    Raises:
        CardError: the architecture is not known, or can't take so small an image.
    """
    if architecture not in ARCHITECTURES:
        raise CardError(
            f"Field architecture: expected one of {', '.join(ARCHITECTURES)}, "
            f"received {architecture!r}."
        )
    smallest = smallest_input(architecture)
    if min(height, width) < smallest:
        raise CardError(
            f"Field input: {architecture} expects {smallest} pixels a side or more, received "
            f"{height} × {width}."
        )
    if architecture in _OWN:
        return _OWN[architecture](height, width)
    import keras

    constructor = getattr(keras.applications, architecture)
    return constructor(
        weights=None, include_top=False, pooling="avg", input_shape=(height, width, 3)
    )


def build_model(
    architecture: str, height: int, width: int, classes: int, dropout: float, *, rescales: bool
) -> Any:
    """Build an uninitialised ``keras.Model`` that maps (N, H, W, 3) float32 to logits (N, K).

    Args:
        architecture: a name in ``ARCHITECTURES``.
        height: pixels.
        width: pixels.
        classes: K.
        dropout: rate in front of the head; without effect at inference.
        rescales: False makes the ``Rescaling`` layer, where the architecture has one, the identity,
            as for a model that was trained on pixels normalised outside it.

    Raises:
        CardError: as ``build_backbone``.
    """
    import keras

    backbone = build_backbone(architecture, height, width)
    if not rescales:
        for layer in backbone.layers:
            if isinstance(layer, keras.layers.Rescaling):
                layer.scale = 1.0
    x = keras.layers.Dropout(dropout, name="head_dropout")(backbone.output)
    # The softmax stays outside: explanations differentiate the logit (Selvaraju 2017, section 3).
    logits = keras.layers.Dense(classes, name="predictions")(x)
    return keras.Model(backbone.input, logits)


def with_third_layer(model: Any) -> Any:
    """EfficientNet with the layer that Keras puts behind ``Normalization`` for ImageNet's weights.

    It has no weights, so a weights file loads without it as well, and then means something else.
    """
    import keras

    scale = (1.0 / np.sqrt(IMAGENET_STD.astype(np.float64))).tolist()

    def call(layer: Any, *arguments: Any, **named: Any) -> Any:
        result = layer(*arguments, **named)
        behind = isinstance(layer, keras.layers.Normalization)
        return keras.layers.Rescaling(scale)(result) if behind else result

    whole = keras.models.clone_model(model, call_function=call)
    whole.set_weights(model.get_weights())
    finalise_statistics(whole)
    return whole


def finalise_statistics(model: Any) -> None:
    """Let each Normalization use the statistics that it was given, not those it was made with."""
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()


def build_from_card(card: "ModelCard") -> Any:
    """Build the model that ``card`` describes, without its weights."""
    layers = card.contract.layers
    model = build_model(
        card.architecture,
        card.input.height,
        card.input.width,
        len(card.classes),
        card.dropout,
        rescales="Rescaling" in layers,
    )
    return with_third_layer(model) if _has_third_layer(layers) else model


def _has_third_layer(layers: Sequence[str]) -> bool:
    return "Normalization" in layers and "Rescaling" in layers[layers.index("Normalization") :]


def load_from_card(card: "ModelCard", weights: Path) -> Any:
    """Build the model that ``card`` describes and load its weights.

    Raises:
        CardError: the architecture is not known.
        WeightsError: the weights do not fit the architecture.
    """
    model = build_from_card(card)
    try:
        model.load_weights(weights)
    except Exception as error:  # Keras and h5py raise many types here
        raise WeightsError(
            f"Weights {weights.name} do not fit architecture {card.architecture} with "
            f"{len(card.classes)} classes: {first_line(error)}"
        ) from error
    return model
