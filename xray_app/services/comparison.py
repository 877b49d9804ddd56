"""One radiograph through every scheme against one model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xray_app.core.normalization import PRESETS, parse_scheme
from xray_app.core.records import Radiograph
from xray_app.engines.protocol import Engine
from xray_app.services.passes import (
    Choices,
    SchemePass,
    run_schemes,
    to_model_size,
    trained_scheme,
)
from xray_app.services.report import pass_to_dict, rounded_times
from xray_app.services.stopwatch import Stopwatch


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """The passes by scheme, and the name of the one that the model was trained with."""

    model: str
    trained_scheme: str
    passes: Mapping[str, SchemePass]
    timings_ms: Mapping[str, float]

    @property
    def trained(self) -> SchemePass:
        """The pass under the training scheme."""
        return self.passes[self.trained_scheme]

    def flips(self, name: str) -> bool:
        """Does the predicted class under the scheme ``name`` differ from the trained one?"""
        return self.passes[name].prediction.predicted != self.trained.prediction.predicted


def compare(
    engine: Engine,
    radiograph: Radiograph,
    schemes: Sequence[str] = tuple(PRESETS),
    choices: Choices | None = None,
) -> Comparison:
    """Run ``schemes`` and the training scheme in one batch.

    Presets that this model has no figures for (``dataset`` without statistics in the card) are left
    out. All maps explain one class: the chosen one, else the one predicted as trained.

    Raises:
        UnknownChoice: a scheme, explanation, class or layer that does not exist.
        EngineError: the model failed.
    """
    watch = Stopwatch()
    trained = trained_scheme(engine)
    parsed = [parse_scheme(name) for name in schemes]
    if engine.card.contract.statistics is None:
        parsed = [scheme for scheme in parsed if scheme.scale.name != "dataset"]
    with watch.measure("resize"):
        display = to_model_size(engine, radiograph)
    passes = run_schemes(engine, display, [trained, *parsed], choices or Choices(), watch)
    return Comparison(engine.card.name, trained.name, passes, watch.times_ms)


def comparison_to_dict(comparison: Comparison, file: str) -> dict[str, Any]:
    """Return plain values, for JSON."""
    schemes = [
        {**pass_to_dict(p), "flips": comparison.flips(name)}
        for name, p in comparison.passes.items()
    ]
    return {
        "file": file,
        "model": comparison.model,
        "trained_scheme": comparison.trained_scheme,
        "schemes": schemes,
        "timings_ms": rounded_times(comparison.timings_ms),
    }
