"""A slow explanation for a result that is there already, so that nobody waits for the rest."""

from dataclasses import replace

import numpy as np

from xray_app.cards import model_input
from xray_app.core.normalization import parse_scheme
from xray_app.diagnosis.diagnosis import Diagnosis
from xray_app.diagnosis.explanations import explain_all
from xray_app.engines import Engine
from xray_app.explain import Advance, unwatched


def explained_by(
    engine: Engine, diagnosis: Diagnosis, method: str, advance: Advance = unwatched
) -> Diagnosis:
    """The same result with the map of another method, for the same class, at the last layer.

    Args:
        engine: the one that made the diagnosis.
        diagnosis: under any scheme.
        method: a key of ``EXPLANATIONS``.
        advance: is told the fraction that is done, in [0, 1].

    Raises:
        UnknownChoice: there is no such method.
        EngineError: the model failed, or can't give the gradients that are needed.
    """
    names = dict.fromkeys((diagnosis.scheme, diagnosis.trained_scheme))
    batch = np.stack(
        [model_input(engine.card, diagnosis.display, parse_scheme(name)).array for name in names]
    )
    forward = engine.forward(batch)
    target = diagnosis.saliency.asked
    maps = explain_all(
        engine,
        batch,
        forward.activations,
        method,
        engine.layers[0],
        target,
        advance,
        diagnosis.display,
    )
    scale = max(0.0, *(saliency.peak for saliency in maps))
    return replace(diagnosis, saliency=maps[0], saliency_scale=scale)
