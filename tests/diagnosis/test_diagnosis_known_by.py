"""Which model knows a radiograph: what its gate says, and what that means for other models."""

from dataclasses import replace

import pytest

from tests.fakes import FakeEngine, fake_card
from xray_app.core.gate_rule import GateReport
from xray_app.diagnosis.known_by import is_open, knows, may_be_anothers
from xray_app.presentation.knowing_words import known_by_sentence
from xray_app.readers import read_radiograph
from xray_app.samples import read_sample

CLOSED = GateReport("closed", "other_population", "", {}, 1.0, 1.0, 1.0)


def test_without_a_gate_nobody_knows() -> None:
    sample = read_radiograph(read_sample("normal_1"), "normal_1")
    assert not knows(FakeEngine(), sample)
    assert not is_open(None)


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (None, False),  # nothing stopped it
        (CLOSED, True),
        (replace(CLOSED, finding="negative", fix="invert"), False),  # mended, it may be known
        (replace(CLOSED, verdict="open", finding="known"), False),
    ],
)
def test_others_are_asked_about_what_nothing_mends(
    report: GateReport | None, expected: bool
) -> None:
    assert may_be_anothers(report) is expected


def test_the_sentence_names_models_and_whom_they_know() -> None:
    assert known_by_sentence([fake_card()]).endswith("trained on: fake (nobody).")
    assert "either" in known_by_sentence([])
