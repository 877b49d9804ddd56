"""A gate for the fake engine, small enough to work out by hand.

Its statistics are the means of dark and bright, then their deviations. Much dark is a negative,
much bright an adult; everything else is known.
"""

from typing import Any

import numpy as np
import pytest

from tests.fakes import FakeEngine, fake_card
from xray_app.cards.gate_record import Numbers
from xray_app.core.gate_rule import KINDS, GateRule, Limit
from xray_app.gate import judge as gate_service

LAYER = "cells"
ENTRY: dict[str, Any] = {"file": "gate.json", "sha256": "0" * 64, "layers": [LAYER]}


def fake_rule(**changes: Any) -> GateRule:
    weights, bias = np.zeros((len(KINDS), 4), np.float32), np.full(len(KINDS), -50.0, np.float32)
    weights[KINDS.index("negative"), 0], bias[KINDS.index("negative")] = 10.0, -12.0
    weights[KINDS.index("other_population"), 1], bias[KINDS.index("other_population")] = 10.0, -15.0
    bias[KINDS.index("known")] = 0.0
    fields: dict[str, Any] = {
        "layers": (LAYER,),
        "mean": np.zeros(4, np.float32),
        "deviation": np.ones(4, np.float32),
        "weights": weights,
        "bias": bias,
        "components": np.eye(4, dtype=np.float32)[:1],
        "variances": np.ones(1, np.float32),
        "remainder": 1.0,
        "log_odds": Limit(0.0, 2.0),
        "distance": Limit(100.0, 1.0),
        "reach": np.full(len(KINDS), 50.0, np.float32),
    }
    return GateRule(**(fields | changes))


def gate_content(**changes: Any) -> dict[str, Any]:
    rule = fake_rule()
    arrays = ("mean", "deviation", "weights", "bias", "components", "variances", "reach")
    content: dict[str, Any] = {
        "model": "fake",
        "layers": [LAYER],
        "kinds": list(KINDS),
        **{name: Numbers.of(getattr(rule, name)).model_dump() for name in arrays},
        "remainder": 1.0,
        "log_odds": {"limit": 0.0, "spread": 2.0},
        "distance": {"limit": 100.0, "spread": 1.0},
        "sources": [],
        "figures": [],
        "handling": [],
        "command": "none",
    }
    return content | changes


def gated(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """An engine whose gate closes for a bright image."""
    monkeypatch.setattr(gate_service, "rule_of", lambda card: fake_rule() if card.gate else None)
    return FakeEngine(fake_card(gate=ENTRY))
