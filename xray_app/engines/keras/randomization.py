"""A network that forgets what it learned, part by part from the head down.

A heatmap that stays the same while the network under it turns into noise does not show the network
(Adebayo et al. 2018, "Sanity checks for saliency maps", section 3.1, cascading randomization).
"""

import re
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from xray_app.core import UnknownChoice
from xray_app.engines.protocol import Engine

_STAGE = re.compile(r"^[a-z]+\d*")


class RandomizableEngine(Engine, Protocol):
    """An engine whose weights can be shuffled in place, for good."""

    @property
    def stages(self) -> tuple[str, ...]:
        """Parts of the network, from the head down to the first convolution."""

    def randomize(self, stage: str, seed: int) -> None:
        """Shuffle every weight tensor of one stage.

        Raises:
            UnknownChoice: there is no such stage.
        """


def stages_of(model: Any, preprocessing: tuple[str, ...]) -> dict[str, list[Any]]:
    """Layers with weights by stage, the head first; those that only prepare pixels are left out.

    A stage is what Keras' names begin with, such as "block7" for "block7a_expand_conv".
    """
    stages: dict[str, list[Any]] = {}
    for layer in reversed(model.layers):
        if layer.weights and layer.name not in preprocessing:
            found = _STAGE.match(layer.name)
            stages.setdefault(found.group() if found else layer.name, []).append(layer)
    return stages


def shuffle_stage(stages: Mapping[str, list[Any]], stage: str, seed: int) -> None:
    """Shuffle the values within every weight tensor of ``stage``.

    A shuffled tensor keeps its mean and deviation, so that signals neither vanish nor explode, as
    they would with new weights under the old normalization statistics.

    Raises:
        UnknownChoice: there is no such stage.
    """
    if stage not in stages:
        raise UnknownChoice.of("stage", stage, stages)
    rng = np.random.default_rng(seed)
    for layer in stages[stage]:
        layer.set_weights([rng.permuted(w.ravel()).reshape(w.shape) for w in layer.get_weights()])
