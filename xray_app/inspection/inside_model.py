"""A loaded model from the inside: its layers, one pixel on its way, what each scheme sends."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xray_app.cards import applicable, model_input, to_model_size, trained_scheme
from xray_app.core import FloatArray, Radiograph, Values, Verdict
from xray_app.core.normalization import PRESETS, SCALES, Channels, fit_affine, measure_contract
from xray_app.diagnosis import probe, training_range
from xray_app.engines import PROBE_VALUES, Engine, LayerFacts, ModelFacts
from xray_app.inspection.contract_check import ContractCheck, check_contract
from xray_app.inspection.expectation import deduce_scheme
from xray_app.inspection.issues import Issue, find_faults

# Scale steps that treat every pixel alike; the others look at the whole image.
PIXEL_SCALES = ("byte", "unit", "signed", "imagenet", "caffe")

Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class SchemeReach:
    """What one preset sends to the first convolution.

    Attributes:
        model_input, ramp: what a black-to-white ramp spans in the model's input and there.
        image: what the radiograph spans there.
        verdict, headline, message: how that differs from what training sent, for this radiograph.
    """

    scheme: str
    model_input: Ends
    ramp: Ends
    image: Ends
    verdict: Verdict
    headline: str
    message: str


@dataclass(frozen=True, slots=True)
class InsideModel:
    """The measured layers, the card's claim against them, the faults, and every preset."""

    facts: ModelFacts
    check: ContractCheck
    issues: tuple[Issue, ...]
    training_range: Ends
    reaches: tuple[SchemeReach, ...]


@dataclass(frozen=True, slots=True)
class PixelStep:
    """The value of one gray pixel after one step of its way, a channel."""

    name: str
    values: Channels


def look_inside(engine: Engine, radiograph: Radiograph) -> InsideModel:
    """Measure the engine's layers, compare them with its card, and run every preset through them.

    Raises:
        EngineError: the model failed.
    """
    display = to_model_size(engine.card, radiograph)
    size = engine.card.input
    pixels = size.height * size.width
    ramp = np.linspace(0.0, 1.0, pixels, dtype=np.float32).reshape(size.height, size.width)
    ramps, images = (_send(engine, gray) for gray in (ramp, display))
    facts = _facts(engine, {name: reached for name, (_, reached) in ramps.items()})
    expectation = deduce_scheme(facts.affine, facts.ranges, facts.architecture)
    kinds = tuple(layer.kind for layer in facts.layers)
    contract = engine.card.contract
    check = check_contract(contract, kinds, facts.affine.gain, facts.affine.offset, expectation)
    trained = images[trained_scheme(engine.card).name][1]
    value_range = training_range(engine)
    reaches = tuple(
        _reach(name, ramps[name], reached, trained, value_range)
        for name, (_, reached) in images.items()
    )
    return InsideModel(facts, check, find_faults(facts), value_range, reaches)


def follow_pixel(engine: Engine, value: float, scale: str) -> tuple[PixelStep, ...]:
    """Send one gray value through a scale step and the model's layers, one after another.

    Args:
        engine: any engine.
        value: in bytes, 0 black and 255 white; values beyond are let through.
        scale: one of ``PIXEL_SCALES``.

    Returns:
        The pixel, the model's input, and the output of each layer.
    """
    size = engine.card.input
    gray = np.full((size.height, size.width), value / 255.0, np.float32)
    given = SCALES[scale].apply(gray, engine.card.contract.statistics).astype(np.float32)
    steps = [
        PixelStep("Pixel in the file", (value,) * 3),
        PixelStep(f"Given to the model: {SCALES[scale].label}", _first_pixel(given)),
    ]
    steps += [
        PixelStep(f"After {layer.name} ({layer.kind})", _first_pixel(layer.output[0]))
        for layer in engine.trace(given[np.newaxis])
    ]
    return tuple(steps)


def _send(engine: Engine, display: FloatArray) -> dict[str, tuple[FloatArray, FloatArray]]:
    """By preset, the model's input and what reaches the first convolution, each (H, W, 3)."""
    trained = trained_scheme(engine.card)
    schemes = applicable(engine.card, ({trained.name: trained} | PRESETS).values())
    batch = np.stack([model_input(engine.card, display, scheme).array for scheme in schemes])
    traced = engine.trace(batch)
    reached = traced[-1].output if traced else batch
    return {s.name: (batch[i], reached[i]) for i, s in enumerate(schemes)}


def _reach(
    name: str,
    ramp: tuple[FloatArray, FloatArray],
    image: FloatArray,
    trained: FloatArray,
    value_range: Ends,
) -> SchemeReach:
    report = measure_contract(image, trained, value_range)
    ends = (_ends(ramp[0]), _ends(ramp[1]), _ends(image))
    return SchemeReach(name, *ends, report.verdict, report.headline, report.message)


def _facts(engine: Engine, reached: dict[str, FloatArray]) -> ModelFacts:
    """The same record that ``inspect`` makes of a file, here of a model that is loaded."""
    card, probed = engine.card, probe(engine, PROBE_VALUES)
    values = np.repeat(np.array(PROBE_VALUES)[:, np.newaxis], 3, axis=1)
    received, layers = values, []
    for layer in probed.layers:
        outputs = tuple(layer.outputs[value] for value in PROBE_VALUES)
        affine = fit_affine(_alike(received, outputs), np.array(outputs))
        layers.append(LayerFacts(layer.name, layer.kind, layer.constants, {}, affine, outputs))
        received = np.array(outputs)
    return ModelFacts(
        file=card.weights.file,
        file_format="weights",
        sha256=card.weights.sha256,
        keras_version=card.versions.get("keras"),
        architecture=card.architecture,
        input_shape=(card.input.height, card.input.width, 3),
        outputs=len(card.classes),
        activation=card.outputs,
        dropout=card.dropout,
        dtypes=("float32",),
        layers=tuple(layers),
        affine=fit_affine(_alike(values, received), received),
        ranges={
            name: (_channels(image.min(axis=(0, 1))), _channels(image.max(axis=(0, 1))))
            for name, image in reached.items()
        },
    )


def _alike(received: Values, outputs: Sequence[Channels] | Values) -> Values:
    """What went in with as many channels as came out; one where channels were made or mixed."""
    return received if received.shape[1] == len(outputs[0]) else received[:, :1]


def _first_pixel(image: FloatArray) -> Channels:
    return _channels(image[0, 0])


def _channels(values: FloatArray) -> Channels:
    return tuple(map(float, values))


def _ends(array: FloatArray) -> Ends:
    return float(array.min()), float(array.max())
