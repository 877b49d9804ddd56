"""Several explanations of one image from one forward pass, for those that judge them."""

from collections.abc import Iterable

import numpy as np

from xray_app.core import FloatArray, Saliency
from xray_app.diagnosis import explain_all
from xray_app.engines import Engine
from xray_app.explain import EXPLANATIONS


def maps_of(
    engine: Engine,
    array: FloatArray,
    methods: Iterable[str] = EXPLANATIONS,
    target: str | None = None,
    layer: str | None = None,
    display: FloatArray | None = None,
) -> tuple[str, dict[str, Saliency]]:
    """Explain one model input (H, W, 3) by each method.

    Args:
        engine: any engine.
        array: the model input.
        methods: keys of ``EXPLANATIONS``.
        target: the class to explain; None is the one with the highest logit.
        layer: of the engine's, where a method needs one; None is the last.
        display: the image that the input was made of, as ``explain_all`` needs it.

    Returns:
        The explained class, and the maps by method.

    Raises:
        EngineError: the model failed, or can't give the gradients that are needed.
    """
    batch = array[np.newaxis]
    forward = engine.forward(batch)
    names = engine.card.class_names
    target = target or names[int(forward.logits[0].argmax())]
    layer = layer or engine.layers[0]
    found = {
        m: explain_all(engine, batch, forward.activations, m, layer, target, display=display)[0]
        for m in methods
    }
    return target, found
