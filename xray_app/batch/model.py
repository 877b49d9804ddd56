"""Many images through one scheme and one model, in one batch, beside the training scheme."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xray_app.anatomy import draw_lungs, evidence_in
from xray_app.cards import ModelCard, model_input, model_inputs, trained_scheme
from xray_app.core import EngineError, FloatArray, GateReport, InputError, Prediction, Saliency
from xray_app.core.normalization import parse_scheme
from xray_app.diagnosis import DEFAULT_EXPLANATION, Outcome, check_logits, outcomes
from xray_app.engines import Engine, Forward
from xray_app.explain import explain
from xray_app.gate import judge_statistics, rule_of


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What the model says of one image.

    Attributes:
        fields: of a ``Row``, by name.
        saliency: the map of the predicted class, if asked for; its scale is the larger peak of it
            and of the map under the training scheme, as on the page.
        problem: why there is no result, in a sentence; else "".
    """

    fields: dict[str, Any]
    saliency: Saliency | None = None
    saliency_scale: float = 0.0
    problem: str = ""


class Scorer:
    """A model under one scheme."""

    def __init__(self, engine: Engine, scheme: str | None = None) -> None:
        """Measure once what holds for every image.

        Raises:
            UnknownChoice: there is no such scheme.
            InputError: it can't be applied to this model.
        """
        self.engine = engine
        self.trained = trained_scheme(engine.card)
        self.scheme = parse_scheme(scheme or self.trained.name)
        self._is_trained = self.scheme.name == self.trained.name
        self._rule = rule_of(engine.card)
        check_scheme(engine.card, self.scheme.name)

    def score(self, displays: Sequence[FloatArray], with_saliency: bool = False) -> list[Result]:
        """Score images in the display domain, each (H, W) float32 in [0, 1] at the model's size.

        Raises:
            EngineError: the model failed.
        """
        if not displays:
            return []
        schemes = [self.scheme] if self._is_trained else [self.scheme, self.trained]
        card, count = self.engine.card, len(displays)
        forward = self.engine.forward(
            np.concatenate([model_inputs(card, displays, scheme) for scheme in schemes])
        )
        start = len(forward.logits) - count  # of the images as trained
        return [
            self._result(forward, i, start + i, display, with_saliency)
            for i, display in enumerate(displays)
        ]

    def _result(
        self, forward: Forward, i: int, t: int, display: FloatArray, with_saliency: bool
    ) -> Result:
        """What was answered in place ``i`` under the scheme, and in ``t`` as trained."""
        card, places = self.engine.card, sorted({i, t})
        try:
            check_logits(card, forward.logits[places])
        except EngineError as error:  # of this image alone
            return Result({}, problem=str(error))
        of_image = _part(forward, places)
        found = outcomes(self.engine, of_image, [forward.first_convolution[t]] * len(places))
        fields = _fields(found[0], found[-1].prediction, self._judge(forward, t))
        if not with_saliency:
            return Result(fields)
        explained = self._explained(fields, forward, found[0].prediction, i, t)
        return with_lungs(card, display, explained)

    def _judge(self, forward: Forward, t: int) -> GateReport | None:
        if self._rule is None:
            return None
        if forward.gate_statistics is None:
            raise InputError(
                f"Model {self.engine.card.name} has a gate, but its exported graph does not give "
                "what the gate reads; export it again."
            )
        # One at a time: a product of matrices rounds otherwise, by how many rows it has.
        return judge_statistics(self._rule, forward.gate_statistics[t : t + 1], "")[0]

    def _explained(
        self, found: dict[str, Any], forward: Forward, prediction: Prediction, i: int, t: int
    ) -> Result:
        target = prediction.classes.index(prediction.predicted)
        activations = forward.activations[[i, t]]
        gradients = self.engine.head_gradients(activations, (target, target))
        layer = self.engine.layers[0]
        chosen, trained = (
            explain(DEFAULT_EXPLANATION, layer, prediction.predicted, a, g)
            for a, g in zip(activations, gradients, strict=True)
        )
        return Result(found, chosen, max(0.0, chosen.peak, trained.peak))


def _part(forward: Forward, places: Sequence[int]) -> Forward:
    """The pass of some of its images, without what their gates read."""
    kept = list(places)
    return Forward(forward.logits[kept], forward.activations[kept], forward.first_convolution[kept])


def with_lungs(card: ModelCard, display: FloatArray, result: Result) -> Result:
    """The result with how much of its map's evidence lies in the lungs, where they can be drawn."""
    lungs = draw_lungs(card, display).lungs
    found = evidence_in(result.saliency, lungs) if result.saliency and lungs else None
    if found is None:
        return result
    fields = {
        "lungs_evidence": round(found.lungs.evidence, 4),
        "lungs_area": round(found.lungs.area, 4),
        "lungs_field": found.densest,
    }
    return replace(result, fields=result.fields | fields)


def check_scheme(card: ModelCard, scheme: str) -> None:
    """Check, before any work, that a scheme can be applied to a model.

    Raises:
        UnknownChoice: there is no such scheme.
        InputError: it needs statistics that the model's card does not give.
    """
    model_input(card, np.zeros((8, 8), np.float32), parse_scheme(scheme))


def _fields(outcome: Outcome, trained: Prediction, gate: GateReport | None) -> dict[str, Any]:
    prediction, contract = outcome.prediction, outcome.contract
    raw = prediction.raw_probabilities
    found: dict[str, Any] = {
        "predicted": prediction.predicted,
        "trained_predicted": trained.predicted,
        "likely": None if prediction.likely is None else "|".join(prediction.likely),
        "probabilities": _plain(prediction.probabilities),
        "raw_probabilities": _plain(prediction.probabilities if raw is None else raw),
        "contract_verdict": contract.verdict,
        "contract_gain": contract.gain,
        "contract_offset": contract.offset,
        "contract_correlation": contract.correlation,
        "contract_coverage": contract.coverage,
    }
    if gate is not None:
        found |= {
            "gate_verdict": gate.verdict,
            "gate_finding": gate.finding,
            "gate_log_odds": gate.log_odds,
            "gate_distance": gate.distance,
            "gate_margin": gate.margin,
        }
    return found


def _plain(probabilities: FloatArray) -> tuple[float, ...]:
    """The shortest decimals that are the same float32, so that a table isn't full of noise."""
    return tuple(float(str(p)) for p in probabilities)
