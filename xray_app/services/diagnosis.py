"""One radiograph, one model, one scheme: what the model receives, predicts and looks at."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from xray_app.core.gate import GateReport
from xray_app.core.histogram import describe, histogram
from xray_app.core.normalization import parse_scheme
from xray_app.core.records import (
    AnyArray,
    ContractReport,
    FloatArray,
    Histogram,
    Prediction,
    ProvenanceStep,
    Radiograph,
    Saliency,
    Statistics,
)
from xray_app.engines.protocol import Engine
from xray_app.services.gate import judge_radiograph
from xray_app.services.passes import (
    Choices,
    SchemePass,
    run_schemes,
    to_model_size,
    trained_scheme,
)
from xray_app.services.stopwatch import Stopwatch


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """The values at one point of the way.

    Attributes:
        statistics: over all channels.
        channels: one histogram where all channels are equal, else one a channel.
        trained: histogram of the same image under the training scheme, over the same bins, where
            that is another scheme; else None.
    """

    name: str
    statistics: Statistics
    channels: tuple[Histogram, ...]
    trained: Histogram | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Diagnosis:
    """Everything that a page, a report or a line of JSON says of one result.

    Attributes:
        display: (H, W) float32 in [0, 1], the radiograph at the model's size.
        trained_prediction: the prediction under the training scheme.
        saliency_scale: top of the heatmap's scale: the larger peak of this map and of the map
            under the training scheme, so that a faint map looks faint; 0 if both are empty.
        gate: whether the model knows anything about such an image; None if nothing checks that.
        stages: file, model input and first convolution.
        timings_ms: milliseconds of each part, in order.
    """

    model: str
    scheme: str
    trained_scheme: str
    display: FloatArray
    input_shape: tuple[int, ...]
    input_statistics: Statistics
    prediction: Prediction
    trained_prediction: Prediction
    contract: ContractReport
    gate: GateReport | None
    saliency: Saliency
    saliency_scale: float
    stages: tuple[Stage, ...]
    provenance: tuple[ProvenanceStep, ...]
    timings_ms: Mapping[str, float]


def diagnose(engine: Engine, radiograph: Radiograph, choices: Choices) -> Diagnosis:
    """Run one radiograph through a scheme and a model, and compare with the training scheme.

    Raises:
        UnknownChoice: a scheme, explanation, class or layer that does not exist.
        InputError: the scheme can't be applied to this model.
        EngineError: the model failed.
    """
    watch = Stopwatch()
    trained_name = trained_scheme(engine).name
    scheme = parse_scheme(choices.scheme or trained_name)
    with watch.measure("resize"):
        display = to_model_size(engine, radiograph)
    passes = run_schemes(engine, display, [scheme], choices, watch)
    chosen, trained = passes[scheme.name], passes[trained_name]
    with watch.measure("gate"):
        gate = judge_radiograph(engine, display, trained.gate_statistics)
    with watch.measure("histograms"):
        stages = _stages(radiograph, chosen, trained)
    return Diagnosis(
        model=engine.card.name,
        scheme=scheme.name,
        trained_scheme=trained_name,
        display=display,
        input_shape=chosen.model_input.array.shape,
        input_statistics=describe(chosen.model_input.array),
        prediction=chosen.prediction,
        trained_prediction=trained.prediction,
        contract=chosen.contract,
        gate=gate,
        saliency=chosen.saliency,
        saliency_scale=max(0.0, chosen.saliency.peak, trained.saliency.peak),
        stages=stages,
        provenance=radiograph.steps + _steps_to_model(radiograph, display, chosen),
        timings_ms=watch.times_ms,
    )


def _stages(radiograph: Radiograph, chosen: SchemePass, trained: SchemePass) -> tuple[Stage, ...]:
    stored, model_input = radiograph.stored, chosen.model_input.array
    received, reference = chosen.first_convolution, trained.first_convolution
    low = float(min(received.min(), reference.min()))
    high = float(max(received.max(), reference.max()))
    same = chosen is trained
    return (
        Stage("File", describe(stored), (histogram(stored),)),
        Stage("Model input", describe(model_input), _channels(model_input, None)),
        Stage(
            "First convolution",
            describe(received),
            _channels(received, (low, high)),
            None if same else histogram(reference[..., 0], value_range=(low, high)),
        ),
    )


def _channels(array: FloatArray, value_range: tuple[float, float] | None) -> tuple[Histogram, ...]:
    equal = bool((array == array[..., :1]).all())
    count = 1 if equal else array.shape[-1]
    return tuple(histogram(array[..., c], value_range=value_range) for c in range(count))


def _steps_to_model(
    radiograph: Radiograph, display: FloatArray, chosen: SchemePass
) -> tuple[ProvenanceStep, ...]:
    white, (height, width) = radiograph.white, radiograph.pixels.shape
    size = f"{width} × {height} to {display.shape[1]} × {display.shape[0]} pixels"
    steps = (
        ("Display domain", f"divided by full white, {white:g}", radiograph.display),
        ("Resized", f"{size}, antialiased bilinear, stretched", display),
        ("Scheme", chosen.scheme.label, chosen.model_input.array),
        ("Model's own layers", "up to the first convolution", chosen.first_convolution),
    )
    before = [_value_range(radiograph.pixels), *(_value_range(array) for _, _, array in steps)]
    return tuple(
        ProvenanceStep(name, detail, before[i], before[i + 1])
        for i, (name, detail, _) in enumerate(steps)
    )


def _value_range(array: AnyArray) -> tuple[float, float]:
    return float(np.min(array)), float(np.max(array))
