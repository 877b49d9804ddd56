"""Two models that say what a test wants."""

from dataclasses import replace
from functools import cache

import numpy as np

from tests.fakes import FakeEngine
from tests.two_models import RADIOGRAPH, with_classes
from xray_app.cards import ModelCard
from xray_app.core.gate_rule import GateReport
from xray_app.core.records import Prediction, Verdict
from xray_app.diagnosis.diagnosis import Diagnosis
from xray_app.diagnosis.two_models import ModelSide, side_of
from xray_app.presentation.two_models import two_model_sentences

OPEN = GateReport("open", "known", "Known.", {}, 0.0, 1.0, -1.0)
CLOSED = replace(OPEN, verdict="closed", finding="other_population")
CHILD = with_classes("normal", "bacterial", "viral")
ADULT = with_classes("normal", "tuberculosis")
PNEUMONIA = with_classes("normal", "pneumonia")


@cache
def made() -> Diagnosis:
    return side_of(FakeEngine(), RADIOGRAPH, ()).trained


def side(
    card: ModelCard,
    *probabilities: float,
    gate: GateReport | None = OPEN,
    verdict: Verdict = "matches",
) -> ModelSide:
    """A model that says so, as trained and under raw and signed; other scheme's verdict given."""
    values = np.array(probabilities, np.float32)
    said = Prediction(card.class_names, np.log(values), values)
    saliency = replace(made().saliency, target=said.predicted)
    result = replace(made(), prediction=said, gate=gate, saliency=saliency)
    own = card.contract.scheme
    other = replace(result, contract=replace(result.contract, verdict=verdict))
    results = {own: result} | {name: other for name in ("raw", "signed") if name != own}
    return ModelSide(card, results, (-2.0, 2.0))


def concluded(first: ModelSide, second: ModelSide, scheme: str | None = None) -> str:
    return two_model_sentences(first, second, scheme)[0]
