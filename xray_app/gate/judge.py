"""The gate of the model at hand, applied to one radiograph."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from xray_app.cards import ModelCard, model_inputs
from xray_app.core import MENDABLE, EngineError, Finding, FloatArray, GateReport, GateRule
from xray_app.core.images import CORRECTIONS
from xray_app.engines import Engine, verified_gate
from xray_app.gate.rule import judge_statistics

OUTSIDE = "outside what the model knows"

# Which corrections may mend what the gate finds.
_CANDIDATES: dict[Finding, tuple[str, ...]] = {
    "negative": ("invert",),
    "upside_down": ("turn_around",),
    "sideways": ("turn_left", "turn_right"),
}


def rule_of(card: ModelCard) -> GateRule | None:
    """The card's gate, read and verified once; None if the card has none.

    Raises:
        WeightsError: the gate's file is missing or altered. CardError: a field of it is wrong.
    """
    return _rule(card.model_dump_json(), card.folder) if card.gate is not None else None


@lru_cache(maxsize=4)
def _rule(card_json: str, folder: Path) -> GateRule | None:
    gate = verified_gate(ModelCard.model_validate_json(card_json).beside(folder))
    return gate.rule if gate is not None else None


def judge_radiograph(
    engine: Engine, display: FloatArray, statistics: FloatArray | None
) -> GateReport | None:
    """Judge one radiograph; where turning or inverting it would help, say which.

    A correction is offered only after it was tried: the corrected image runs through the model,
    and must not look turned or inverted any more.

    Args:
        engine: any engine.
        display: (H, W) float32 in [0, 1] at the model's size.
        statistics: (1, D) what the gate reads of it, fed as trained.

    Returns:
        None if the model has no gate.

    Raises:
        EngineError: the engine does not give what the gate reads.
    """
    rule = rule_of(engine.card)
    if rule is None:
        return None
    if statistics is None:
        raise EngineError(
            f"Model {engine.card.name} has a gate, but its exported graph does not give what the "
            "gate reads; export it again."
        )
    population = engine.card.training_data.population
    (report,) = judge_statistics(rule, statistics, population)
    return replace(report, fix=_find_fix(engine, rule, display, report.finding))


def is_outside(report: GateReport | None) -> bool:
    """Whether a result must be marked."""
    return report is not None and report.verdict == "closed"


def gate_sentence(report: GateReport | None) -> str:
    """What a person reads first."""
    if report is None:
        return "Nothing checks whether this model knows such images at all."
    if report.verdict == "open":
        return report.reason
    mend = f" {CORRECTIONS[report.fix].label} to mend it." if report.fix is not None else ""
    return f"{report.reason}{mend} A prediction would be outside what the model knows."


def _find_fix(engine: Engine, rule: GateRule, display: FloatArray, finding: Finding) -> str | None:
    names = _CANDIDATES.get(finding, ())
    if not names:
        return None
    corrected = (CORRECTIONS[name].display(display) for name in names)
    statistics = engine.forward(model_inputs(engine.card, corrected)).gate_statistics
    if statistics is None:
        return None
    reports = judge_statistics(rule, statistics, "")
    best = min(range(len(names)), key=lambda i: reports[i].margin)
    return names[best] if reports[best].finding not in MENDABLE else None
