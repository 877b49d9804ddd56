"""One radiograph through several schemes and one model, in one batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xray_app.core.normalization.contract import measure_contract
from xray_app.core.normalization.schemes import Scheme, normalize
from xray_app.core.records import (
    ContractReport,
    FloatArray,
    ModelInput,
    Prediction,
    Saliency,
)
from xray_app.core.stopwatch import Stopwatch
from xray_app.diagnosis.explanations import explain_all, find_layer
from xray_app.diagnosis.layer_probe import training_range
from xray_app.diagnosis.prediction import predict
from xray_app.diagnosis.reference_pass import Canonical
from xray_app.engines.protocol import Engine, Forward
from xray_app.explain.method import Advance, unwatched
from xray_app.explain.registry import find_explanation

DEFAULT_EXPLANATION = "gradcam"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose.

    Attributes:
        scheme: a preset or ``contrast+scale``; None is the one that the model was trained with.
        explanation: a key of ``EXPLANATIONS``.
        target: the class to explain; None is the predicted one.
        layer: one of the engine's layers, or a key of ``DETAIL``; None is the last.
    """

    scheme: str | None = None
    explanation: str = DEFAULT_EXPLANATION
    target: str | None = None
    layer: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class SchemePass:
    """What one scheme leads to.

    Attributes:
        first_convolution: (H, W, 3), what reaches that layer.
    """

    scheme: Scheme
    model_input: ModelInput
    first_convolution: FloatArray
    prediction: Prediction
    contract: ContractReport
    saliency: Saliency


def run_schemes(
    engine: Engine,
    canonical: Canonical,
    schemes: Sequence[Scheme],
    choices: Choices,
    watch: Stopwatch,
    advance: Advance = unwatched,
) -> dict[str, SchemePass]:
    """Run every scheme but the training scheme in one batch, and put that one beside them.

    Args:
        engine: any engine.
        canonical: the radiograph as trained; nothing of it is computed again.
        schemes: at least one; where no class is chosen, all maps explain the class that is
            predicted under the first.
        choices: explanation, class and layer.
        watch: takes the times of the parts.
        advance: is told how far a slow explanation is, in [0, 1].

    Returns:
        The passes by name of scheme, in the order given, the training scheme last if not named.

    Raises:
        UnknownChoice: an explanation, class or layer that does not exist.
        InputError: a scheme can't be applied to this model.
        EngineError: the model failed.
    """
    find_explanation(choices.explanation)
    if choices.target is not None:
        engine.card.require_class(choices.target)
    layer = find_layer(engine, choices.layer)
    trained = canonical.scheme
    others = {scheme.name: scheme for scheme in schemes if scheme.name != trained.name}
    inputs = [canonical.model_input]
    batch, forward = canonical.model_input.array[np.newaxis], canonical.forward
    if others:
        with watch.measure("normalize"):
            statistics = engine.card.contract.statistics
            inputs += [normalize(canonical.display, s, statistics) for s in others.values()]
            batch = np.stack([i.array for i in inputs])
        with watch.measure("forward"):
            forward = _joined(forward, engine.forward(batch[1:]))
    predictions = [
        predict(engine.card, logits, probabilities)
        for logits, probabilities in zip(forward.logits, forward.probabilities, strict=True)
    ]
    with watch.measure("explain"):
        first = [trained.name, *others].index(schemes[0].name)
        target = choices.target or predictions[first].predicted
        maps = explain_all(engine, batch, forward, choices.explanation, layer, target, advance)
    with watch.measure("contract"):
        reference = canonical.forward.first_convolution[0]
        value_range = training_range(engine)
        contracts = [
            measure_contract(received, reference, value_range)
            for received in forward.first_convolution
        ]
    rows = zip(
        (trained, *others.values()),
        inputs, forward.first_convolution, predictions, contracts, maps,
        strict=True,
    )  # fmt: skip
    passes = {row[0].name: SchemePass(*row) for row in rows}
    order = dict.fromkeys((*(scheme.name for scheme in schemes), trained.name))
    return {name: passes[name] for name in order}


def _joined(first: Forward, second: Forward) -> Forward:
    """Both batches; without what the gate reads, which judges the training scheme's pass alone."""
    return Forward(
        np.concatenate([first.logits, second.logits]),
        np.concatenate([first.probabilities, second.probabilities]),
        np.concatenate([first.activations, second.activations]),
        np.concatenate([first.first_convolution, second.first_convolution]),
    )
