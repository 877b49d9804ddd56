"""Take the layers in front of the first convolution out and feed them numbers."""

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from xray_app.cards import model_input
from xray_app.core import FloatArray
from xray_app.engines import Engine

PROBE_VALUES = (0.0, 127.5, 255.0)
# What was measured on an engine holds as long as the engine does.
_training_ranges: WeakKeyDictionary[Engine, tuple[float, float]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class LayerProbe:
    """One layer with its constants and, for each probed value, its output a channel."""

    name: str
    kind: str
    constants: dict[str, tuple[float, ...]]
    outputs: dict[float, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Probe:
    """What the layers in front of the first convolution do to numbers.

    ``output = gain * input + offset`` a channel, read off the outputs, not off the layers' own
    claims; ``deviation`` is the largest departure from that line at the probed values.
    """

    layers: tuple[LayerProbe, ...]
    gain: tuple[float, ...]
    offset: tuple[float, ...]
    deviation: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        layers = [
            {
                "name": layer.name,
                "kind": layer.kind,
                "constants": {k: list(v) for k, v in layer.constants.items()},
                "outputs": {f"{value:g}": list(out) for value, out in layer.outputs.items()},
            }
            for layer in self.layers
        ]
        return {
            "layers": layers,
            "affine": {
                "gain": list(self.gain),
                "offset": list(self.offset),
                "deviation": self.deviation,
            },
        }


def probe(engine: Engine, values: tuple[float, ...] = PROBE_VALUES) -> Probe:
    """Feed uniform images of each value through the layers, and fit the overall affine map.

    Args:
        engine: any engine.
        values: at least two different numbers, as they would be in the model's input.
    """
    size = engine.card.input
    batch = np.empty((len(values), size.height, size.width, 3), np.float32)
    batch[:] = np.asarray(values, np.float32)[:, np.newaxis, np.newaxis, np.newaxis]
    traced = engine.trace(batch)
    layers = tuple(
        LayerProbe(
            layer.name,
            layer.kind,
            dict(layer.constants),
            dict(zip(values, _one_pixel(layer.output), strict=True)),
        )
        for layer in traced
    )
    outputs = np.array(_one_pixel(traced[-1].output if traced else batch), np.float64)
    gain, offset = np.polyfit(np.asarray(values, np.float64), outputs, 1)
    line = np.outer(values, gain) + offset
    return Probe(
        layers,
        tuple(map(float, gain)),
        tuple(map(float, offset)),
        float(np.abs(outputs - line).max()),
    )


def training_range(engine: Engine) -> tuple[float, float]:
    """What black and white become at the first convolution under the training scheme.

    The wider of a black-to-white ramp's ends is taken, so that schemes that look at the whole
    image (such as a z-score) have a range, too. Measured once an engine.
    """
    if engine not in _training_ranges:
        _training_ranges[engine] = _measure_training_range(engine)
    return _training_ranges[engine]


def _measure_training_range(engine: Engine) -> tuple[float, float]:
    size = engine.card.input
    ramp = np.linspace(0.0, 1.0, size.height * size.width, dtype=np.float32)
    display = ramp.reshape(size.height, size.width)
    ramp_input = model_input(engine.card, display).array
    traced = engine.trace(ramp_input[np.newaxis])
    reached = traced[-1].output if traced else ramp_input
    return float(reached.min()), float(reached.max())


def _one_pixel(output: FloatArray) -> list[tuple[float, ...]]:
    return [tuple(map(float, image[0, 0])) for image in output]
