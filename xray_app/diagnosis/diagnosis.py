"""One radiograph, one model, one scheme: what the model receives, predicts and looks at."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from xray_app.anatomy import LungsFound
from xray_app.core import (
    ContractReport,
    FloatArray,
    GateReport,
    Histogram,
    Prediction,
    ProvenanceStep,
    Radiograph,
    Saliency,
    Statistics,
    Stopwatch,
)
from xray_app.core.images import Box, GeometryEffect, histogram, pooled
from xray_app.core.normalization import parse_scheme
from xray_app.diagnosis.prediction import predict
from xray_app.diagnosis.reference_pass import ReferencePass, feed_as_trained, refit
from xray_app.diagnosis.scheme_pass import (
    Choices,
    SchemePass,
    run_schemes,
)
from xray_app.engines import Engine
from xray_app.explain import Advance, Mask, unwatched


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
        body: (H, W) bool, where the body is in it.
        lungs: where the lungs are in it, if they could be drawn.
        trained_prediction: the prediction under the training scheme, fitted as in training.
        saliency_scale: top of the heatmap's scale: the larger peak of this map and of the map
            under the training scheme, so that a faint map looks faint; 0 if both are empty.
        geometry: how the radiograph was fitted into the model's input.
        box: the rectangle of the radiograph that the input shows, in fractions of its sides.
        gate: whether the model knows anything about such an image; None if nothing checks that.
        stages: file, model input and first convolution.
        timings_ms: milliseconds of each part, in order.
    """

    model: str
    scheme: str
    trained_scheme: str
    display: FloatArray
    body: Mask
    lungs: LungsFound
    input_shape: tuple[int, ...]
    input_statistics: Statistics
    prediction: Prediction
    trained_prediction: Prediction
    contract: ContractReport
    gate: GateReport | None
    geometry: GeometryEffect
    box: Box
    saliency: Saliency
    saliency_scale: float
    stages: tuple[Stage, ...]
    provenance: tuple[ProvenanceStep, ...]
    timings_ms: Mapping[str, float]


def diagnose(
    engine: Engine, radiograph: Radiograph, choices: Choices, advance: Advance = unwatched
) -> Diagnosis:
    """Run one radiograph through a model as trained and as chosen, and compare the two.

    Args:
        engine: any engine.
        radiograph: what to diagnose.
        choices: scheme, explanation, class and layer.
        advance: is told how far a slow explanation is, in [0, 1].

    Raises:
        UnknownChoice: a scheme, explanation, class or layer that does not exist.
        InputError: the scheme can't be applied to this model.
        EngineError: the model failed.
    """
    as_trained = feed_as_trained(engine, radiograph)
    return diagnose_with(engine, as_trained, choices, advance)


def diagnose_with(
    engine: Engine, reference: ReferencePass, choices: Choices, advance: Advance = unwatched
) -> Diagnosis:
    """As ``diagnose``, for a radiograph that ``engine`` was fed as trained before."""
    reference = refit(engine, reference, choices.geometry(engine.card.input.geometry))
    watch = Stopwatch(reference.timings_ms)
    scheme = parse_scheme(choices.scheme) if choices.scheme else reference.scheme
    passes = run_schemes(engine, reference, [scheme], choices, watch, advance)
    chosen, trained = passes[scheme.name], passes[reference.scheme.name]
    with watch.measure("histograms"):
        stages = _stages(reference, chosen, trained)
        provenance = reference.radiograph.steps + _steps_to_model(reference, chosen, stages)
    return Diagnosis(
        model=engine.card.name,
        scheme=scheme.name,
        trained_scheme=reference.scheme.name,
        display=reference.display,
        body=reference.body,
        lungs=reference.lungs,
        input_shape=chosen.model_input.array.shape,
        input_statistics=stages[1].statistics,
        prediction=chosen.prediction,
        trained_prediction=predict(engine.card, reference.trained_logits),
        contract=chosen.contract,
        gate=reference.gate,
        geometry=reference.geometry,
        box=_box(reference),
        saliency=chosen.saliency,
        saliency_scale=max(0.0, chosen.saliency.peak, trained.saliency.peak),
        stages=stages,
        provenance=provenance,
        timings_ms=watch.times_ms,
    )


def _box(reference: ReferencePass) -> Box:
    height, width = reference.radiograph.pixels.shape
    return reference.geometry.geometry.box(height, width).within(height, width)


def _stages(reference: ReferencePass, chosen: SchemePass, trained: SchemePass) -> tuple[Stage, ...]:
    received, expected = chosen.first_convolution, trained.first_convolution
    ends = min(received.min(), expected.min()), max(received.max(), expected.max())
    value_range = float(ends[0]), float(ends[1])
    same = chosen is trained
    return (
        _stage("File", (reference.stored,)),
        _stage("Model input", _channels(chosen.model_input.array, None)),
        _stage(
            "First convolution",
            _channels(received, value_range),
            None if same else histogram(expected[..., 0], value_range=value_range),
        ),
    )


def stage_of(name: str, array: FloatArray) -> Stage:
    """The values of (H, W, C): one histogram a channel, or one where all are equal."""
    return _stage(name, _channels(array, None))


def _stage(name: str, channels: tuple[Histogram, ...], trained: Histogram | None = None) -> Stage:
    return Stage(name, pooled([channel.statistics for channel in channels]), channels, trained)


def _channels(array: FloatArray, value_range: tuple[float, float] | None) -> tuple[Histogram, ...]:
    channels = np.moveaxis(array, -1, 0)
    equal = all(np.array_equal(channel, channels[0]) for channel in channels[1:])
    return tuple(
        histogram(channel, value_range=value_range) for channel in channels[: 1 if equal else None]
    )


def _steps_to_model(
    reference: ReferencePass, chosen: SchemePass, stages: tuple[Stage, ...]
) -> tuple[ProvenanceStep, ...]:
    white, (height, width) = reference.radiograph.white, reference.radiograph.pixels.shape
    display, decoded = reference.display, reference.pixel_range
    resized = float(display.min()), float(display.max())
    size = f"{width} × {height} to {display.shape[1]} × {display.shape[0]} pixels"
    _, model_input, received = ((s.statistics.min, s.statistics.max) for s in stages)
    steps = (
        ("Display domain", f"divided by full white, {white:g}", _displayed(decoded, white)),
        ("Resized", f"{size}, {reference.geometry.geometry.text}", resized),
        ("Scheme", chosen.scheme.label, model_input),
        ("Model's own layers", "up to the first convolution", received),
    )
    before = decoded, *(after for _, _, after in steps)
    return tuple(
        ProvenanceStep(name, detail, before[i], after)
        for i, (name, detail, after) in enumerate(steps)
    )


def _displayed(ends: tuple[float, float], white: float) -> tuple[float, float]:
    """The ends of ``Radiograph.display``; dividing and clipping keep the order of values."""
    low, high = np.clip(np.array(ends, np.float32) / np.float32(white), 0.0, 1.0)
    return float(low), float(high)
