"""What holds of one radiograph and one model whatever else is chosen: the pass as trained.

The gate judges it, the contract compares with it, and where the training scheme is chosen it is the
prediction. A change of scheme, class or explanation needs none of it again.
"""

from dataclasses import dataclass

import numpy as np

from xray_app.core.gate_rule import GateReport
from xray_app.core.images.histograms import histogram
from xray_app.core.images.resampling import display_at
from xray_app.core.normalization.schemes import Scheme, normalize, parse_scheme
from xray_app.core.records import FloatArray, Histogram, ModelInput, Radiograph
from xray_app.core.stopwatch import Stopwatch
from xray_app.engines.protocol import Engine, Forward
from xray_app.explain.body import Mask, body_mask
from xray_app.gate.judge import judge_radiograph


@dataclass(frozen=True, slots=True, eq=False)
class Canonical:
    """A radiograph fed as trained.

    Attributes:
        digest: of the radiograph; weights: SHA-256 of the model's. To none other it belongs.
        scheme: the one that the model was trained with.
        display: (H, W) float32 in [0, 1], the radiograph at the model's size.
        body: (H, W) bool, where the body is in it.
        model_input: that under the training scheme.
        forward: what the engine gave for it, N = 1.
        gate: whether the model knows anything about such an image; None if nothing checks that.
        stored: histogram of the file's values; pixel_range: of the radiograph's pixels.
    """

    digest: str
    weights: str
    scheme: Scheme
    display: FloatArray
    body: Mask
    model_input: ModelInput
    forward: Forward
    gate: GateReport | None
    stored: Histogram
    pixel_range: tuple[float, float]

    def belongs_to(self, engine: Engine, radiograph: Radiograph) -> bool:
        """Whether it is of this radiograph and this model."""
        return (self.digest, self.weights) == (radiograph.digest, engine.card.weights.sha256)


def trained_scheme(engine: Engine) -> Scheme:
    """The scheme that the engine's model was trained with."""
    return parse_scheme(engine.card.contract.scheme)


def to_model_size(engine: Engine, radiograph: Radiograph) -> FloatArray:
    """The radiograph in the display domain, (H, W) float32 in [0, 1], at the model's size."""
    size = engine.card.input
    return display_at(radiograph, size.height, size.width)


def canonical_pass(
    engine: Engine, radiograph: Radiograph, watch: Stopwatch | None = None
) -> Canonical:
    """Feed a radiograph as trained, once.

    Args:
        engine: any engine.
        radiograph: what to feed.
        watch: takes the times of the parts.

    Raises:
        InputError: the training scheme can't be applied.
        EngineError: the model failed.
    """
    watch = watch or Stopwatch()
    scheme = trained_scheme(engine)
    with watch.measure("resize"):
        display = to_model_size(engine, radiograph)
    with watch.measure("body"):
        body = body_mask(display)
    with watch.measure("normalize"):
        model_input = normalize(display, scheme, engine.card.contract.statistics)
    with watch.measure("forward"):
        forward = engine.forward(model_input.array[np.newaxis])
    with watch.measure("gate"):
        statistics = forward.gate_statistics
        gate = judge_radiograph(engine, display, None if statistics is None else statistics[0])
    with watch.measure("histograms"):
        stored = histogram(radiograph.stored)
        pixels = radiograph.pixels
        pixel_range = float(pixels.min()), float(pixels.max())
    return Canonical(
        radiograph.digest,
        engine.card.weights.sha256,
        scheme,
        display,
        body,
        model_input,
        forward,
        gate,
        stored,
        pixel_range,
    )
