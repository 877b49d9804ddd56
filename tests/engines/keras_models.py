"""Small Keras models, whole and broken, written to files as a person would save them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from xray_app.engines.keras.families import adapt_to_imagenet, build_backbone, with_third_layer

SIZE = 32
STATISTICS = (np.full(3, 0.48, np.float32), np.full(3, 0.0576, np.float32))


def classifier(*front: Any, size: int | None = SIZE, channels: int = 3, outputs: int = 3) -> Any:
    """Input, the given layers or functions, a convolution, pooling, ``outputs`` classes."""
    import keras

    received = x = keras.Input((size, size, channels))
    for layer in front:
        x = layer(x)
    x = keras.layers.Conv2D(4, 3)(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    x = keras.layers.Dropout(0.25)(x)
    return keras.Model(received, keras.layers.Dense(outputs, activation="softmax")(x))


def with_head(backbone: Any, *front: Any) -> Any:
    """The backbone as one nested layer behind ``front``, and three classes."""
    import keras

    received = x = keras.Input(backbone.input_shape[1:])
    for layer in front:
        x = layer(x)
    return keras.Model(received, keras.layers.Dense(3)(backbone(x)))


def normalization(statistics: Any = STATISTICS) -> Callable[[Any], Any]:
    """A Normalization layer that is adapted as soon as it is called."""
    import keras

    def adapted(x: Any) -> Any:
        layer = keras.layers.Normalization()
        y = layer(x)
        layer.set_weights([*statistics, np.zeros((), np.int32)])
        layer.finalize_state()
        return y

    return adapted


def imagenet_efficientnet(*, third_layer: bool) -> Any:
    """EfficientNetB0 with ImageNet's preprocessing constants, whole or without the third layer."""
    model = build_backbone("EfficientNetB0")
    adapt_to_imagenet(model)
    return with_third_layer(model) if third_layer else model


def saved(model: Any, folder: Path, name: str = "model.keras") -> Path:
    path = folder / name
    model.save(path)
    return path
