"""One radiograph through several schemes and one model, in one batch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xray_app.core.contract import measure_contract
from xray_app.core.errors import UnknownChoice
from xray_app.core.normalization import Scheme, normalize, parse_scheme
from xray_app.core.records import (
    ContractReport,
    FloatArray,
    ModelInput,
    Prediction,
    Radiograph,
    Saliency,
)
from xray_app.core.resampling import resize
from xray_app.engines.protocol import Engine, Forward, LayerGradients
from xray_app.explain.class_activation import explain, find_explanation
from xray_app.services.calibration import predict
from xray_app.services.probe import training_range
from xray_app.services.stopwatch import Stopwatch

DEFAULT_EXPLANATION = "gradcam"
DETAIL = {"last": 0, "finer": 1, "finest": 2}


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
        gate_statistics: (D,) what the gate reads; None where the model has no gate. The gate judges
            those of the training scheme, whatever scheme is chosen.
    """

    scheme: Scheme
    model_input: ModelInput
    first_convolution: FloatArray
    prediction: Prediction
    contract: ContractReport
    saliency: Saliency
    gate_statistics: FloatArray | None


def trained_scheme(engine: Engine) -> Scheme:
    """The scheme that the engine's model was trained with."""
    return parse_scheme(engine.card.contract.scheme)


def to_model_size(engine: Engine, radiograph: Radiograph) -> FloatArray:
    """The radiograph in the display domain, (H, W) float32 in [0, 1], at the model's size."""
    size = engine.card.input
    return resize(radiograph.display, size.height, size.width)


def run_schemes(
    engine: Engine,
    display: FloatArray,
    schemes: Sequence[Scheme],
    choices: Choices,
    watch: Stopwatch,
) -> dict[str, SchemePass]:
    """Run every scheme, and the training scheme, in one batch.

    Args:
        engine: any engine.
        display: (H, W) float32 in [0, 1] at the model's size.
        schemes: at least one; where no class is chosen, all maps explain the class that is
            predicted under the first.
        choices: explanation, class and layer.
        watch: takes the times of the parts.

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
    layer = _find_layer(engine, choices.layer)
    trained = trained_scheme(engine)
    unique = {scheme.name: scheme for scheme in (*schemes, trained)}

    with watch.measure("normalize"):
        statistics = engine.card.contract.statistics
        inputs = [normalize(display, scheme, statistics) for scheme in unique.values()]
        batch = np.stack([i.array for i in inputs])
    with watch.measure("forward"):
        forward = engine.forward(batch)
    predictions = [
        predict(engine.card, logits, probabilities)
        for logits, probabilities in zip(forward.logits, forward.probabilities, strict=True)
    ]
    with watch.measure("explain"):
        target = choices.target or predictions[0].predicted
        maps = _explain_all(engine, batch, forward, choices.explanation, layer, target)
    with watch.measure("contract"):
        reference = forward.first_convolution[list(unique).index(trained.name)]
        value_range = training_range(engine)
        contracts = [
            measure_contract(received, reference, value_range)
            for received in forward.first_convolution
        ]
    read_by_gate = forward.gate_statistics
    rows = zip(
        unique.values(), inputs, forward.first_convolution, predictions, contracts, maps,
        [None] * len(batch) if read_by_gate is None else read_by_gate,
        strict=True,
    )  # fmt: skip
    return {row[0].name: SchemePass(*row) for row in rows}


def _find_layer(engine: Engine, name: str | None) -> str:
    layers = engine.layers
    by_name = dict(zip(layers, layers, strict=True))
    by_name |= {detail: layers[i] for detail, i in DETAIL.items() if i < len(layers)}
    if (name or "last") not in by_name:
        raise UnknownChoice.of("layer", str(name), by_name)
    return by_name[name or "last"]


def _explain_all(
    engine: Engine, batch: FloatArray, forward: Forward, method: str, layer: str, target: str
) -> list[Saliency]:
    targets = (engine.card.class_names.index(target),) * len(batch)
    if layer == engine.layers[0]:
        gradients = engine.head_gradients(forward.activations, targets)
        found = LayerGradients(forward.activations, gradients)
    else:
        found = engine.gradients(batch, layer, targets)
    return [
        explain(method, layer, target, activations, gradients)
        for activations, gradients in zip(found.activations, found.gradients, strict=True)
    ]
