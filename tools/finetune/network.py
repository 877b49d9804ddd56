"""The network in two parts: what stays (to block 5) and what learns (behind it)."""

from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np

from tools.finetune.images import FOLDERS, SIZE
from xray_app.engines.keras.architectures import build_model

LAYER, LAST = "block5f_add", "top_activation"


class Network(NamedTuple):
    """Keras models that share their layers; ``tail`` gives the last cells."""

    model: Any
    front: Any
    tail: Any
    head: Any

    def learning(self) -> list[Any]:
        """The variables that learn, head last."""
        return [*self.tail.trainable_variables, self.head.kernel, self.head.bias]


def network(weights: Path) -> Network:
    """Build the bundled architecture with weights; compute in bfloat16, keep float32."""
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = build_model("EfficientNetB4", SIZE, SIZE, len(FOLDERS), 0.4, rescales=True)
    model.load_weights(weights)
    front = keras.Model(model.input, model.get_layer(LAYER).output)
    tail = keras.Model(model.get_layer(LAYER).output, model.get_layer(LAST).output)
    front.trainable = False
    for layer in tail.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    return Network(model, front, tail, model.get_layer("predictions"))


def values_of(variables: list[Any]) -> list[Any]:
    """What the variables hold."""
    return [v.value for v in variables]


def save(net: Network, values: list[Any], path: Path) -> None:
    """Store what was learnt, float16, an array each, for ``load``; .npz."""
    arrays = [np.asarray(v, np.float32).astype(np.float16) for v in values]
    np.savez(path, *arrays)


def load(net: Network, path: Path) -> None:
    """Give the network what ``save`` stored."""
    with np.load(path) as found:
        for number, variable in enumerate(net.learning()):
            variable.assign(found[f"arr_{number}"].astype(np.float32))
