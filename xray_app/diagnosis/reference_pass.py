"""The reference pass: a radiograph fed as the model was trained.

The gate judges it, the contract compares with it, and where the training scheme is chosen it is the
prediction. It holds whatever else is chosen: a change of scheme, class or explanation needs none of
it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from xray_app.anatomy import LungsFound, draw_lungs
from xray_app.cards import model_input, to_model_size, trained_scheme
from xray_app.core import FloatArray, GateReport, Histogram, ModelInput, Radiograph, Stopwatch
from xray_app.core.images import (
    Geometry,
    GeometryEffect,
    fitted,
    histogram,
    measure_geometry,
)
from xray_app.core.normalization import Scheme
from xray_app.engines import Engine, Forward
from xray_app.explain import Mask, body_mask
from xray_app.gate import judge_radiograph, weighed


@dataclass(frozen=True, slots=True, eq=False)
class ReferencePass:
    """A radiograph fed as trained.

    Attributes:
        scheme: the one that the model was trained with.
        display: (H, W) float32 in [0, 1], the radiograph at the model's size.
        body: (H, W) bool, where the body is in it.
        lungs: where the lungs are in it, if they could be drawn.
        model_input: that under the training scheme.
        forward: what the engine gave for it, N = 1.
        gate: whether the model knows anything about such an image; None if nothing checks that.
        stored: histogram of the file's values.
        pixel_range: smallest and largest of the radiograph's pixels.
        timings_ms: milliseconds of each part, in order.
        geometry: how the radiograph was fitted into the model's input.
        trained_logits: (K,), those of the radiograph fed as trained in every respect.
    """

    radiograph: Radiograph
    scheme: Scheme
    display: FloatArray
    body: Mask
    model_input: ModelInput
    forward: Forward
    gate: GateReport | None
    stored: Histogram
    pixel_range: tuple[float, float]
    timings_ms: Mapping[str, float]
    geometry: GeometryEffect
    trained_logits: FloatArray
    lungs: LungsFound


def feed_as_trained(engine: Engine, radiograph: Radiograph) -> ReferencePass:
    """Feed a radiograph as the model was trained.

    Raises:
        InputError: the training scheme can't be applied.
        EngineError: the model failed.
    """
    watch, card = Stopwatch(), engine.card
    with watch.measure("resize"):
        display = to_model_size(card, radiograph)
    with watch.measure("body"):
        body = body_mask(display)
    with watch.measure("lungs"):
        lungs = draw_lungs(card, display)
    with watch.measure("normalize"):
        fed = model_input(card, display)
    with watch.measure("forward"):
        forward = engine.forward(fed.array[np.newaxis])
    with watch.measure("gate"):
        gate = judge_radiograph(engine, display, forward.gate_statistics)
        gate = weighed(gate, card.training_data, radiograph)
    with watch.measure("histograms"):
        stored = histogram(radiograph.stored)
        pixel_range = float(radiograph.pixels.min()), float(radiograph.pixels.max())
    trained = card.input.geometry
    return ReferencePass(
        radiograph,
        trained_scheme(card),
        display,
        body,
        fed,
        forward,
        gate,
        stored,
        pixel_range,
        watch.times_ms,
        measure_geometry(radiograph.pixels.shape, trained, display, trained, display),
        forward.logits[0],
        lungs,
    )


def refit(engine: Engine, reference: ReferencePass, geometry: Geometry) -> ReferencePass:
    """The same radiograph fitted in another way, then fed under the scheme of training.

    What the gate said of it as trained holds.

    Args:
        engine: the one that made ``reference``.
        reference: the radiograph as trained.
        geometry: of the model's size.

    Raises:
        EngineError: the model failed.
    """
    card, trained = engine.card, reference.geometry.trained
    if geometry == reference.geometry.geometry:
        return reference
    watch = Stopwatch(reference.timings_ms)
    with watch.measure("refit"):
        display = fitted(reference.radiograph, geometry)
        fed = model_input(card, display)
        forward = engine.forward(fed.array[np.newaxis])
    shape = reference.radiograph.pixels.shape
    effect = measure_geometry(shape, geometry, display, trained, reference.display)
    return replace(
        reference,
        display=display,
        body=body_mask(display),
        model_input=fed,
        forward=forward,
        timings_ms=watch.times_ms,
        geometry=effect,
        lungs=draw_lungs(card, display),
    )
