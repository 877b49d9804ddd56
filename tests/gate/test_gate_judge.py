"""The gate in a diagnosis and the corrections that it offers, with the fake engine."""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.conftest import make_radiograph
from tests.fakes import FakeEngine, card_content
from tests.gate_rules import gate_content
from tests.gate_rules import gated as gated_engine
from xray_app.cards.gate_record import GateFile
from xray_app.core.errors import EngineError, UnknownChoice
from xray_app.core.gate_rule import KINDS
from xray_app.core.images.correction import CORRECTIONS, corrected
from xray_app.core.records import Radiograph
from xray_app.diagnosis.diagnosis import diagnose
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.engines.catalogue import find_card
from xray_app.evaluation.gate import command
from xray_app.evaluation.gate.collection import read_statistics
from xray_app.gate.judge import gate_sentence, rule_of
from xray_app.presentation.plain import diagnosis_to_dict

DARK = np.tile(np.linspace(0, 40, 40, dtype=np.uint8), (48, 1))


@pytest.fixture
def gated(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    return gated_engine(monkeypatch)


def test_a_model_without_a_gate(fake: FakeEngine, radiograph: Radiograph) -> None:
    diagnosis = diagnose(fake, radiograph, Choices())
    assert diagnosis.gate is None
    assert diagnosis_to_dict(diagnosis, "a")["gate"] is None
    assert gate_sentence(None).startswith("Nothing checks")
    assert rule_of(fake.card) is None


def test_an_open_gate(gated: FakeEngine, radiograph: Radiograph) -> None:
    report = diagnose(gated, radiograph, Choices()).gate
    assert report is not None
    assert (report.verdict, report.finding, report.fix) == ("open", "known", None)


@pytest.mark.parametrize("scheme", ["raw", "rescale", "equalize", "zscore"])
def test_the_gate_sees_the_image_as_trained(gated: FakeEngine, scheme: str) -> None:
    radiograph = make_radiograph(DARK)
    report = diagnose(gated, radiograph, Choices(scheme=scheme)).gate
    assert report is not None
    assert report == diagnose(gated, radiograph, Choices(scheme="raw")).gate
    assert report.verdict == "closed"


def test_a_negative_is_told_and_its_correction_tried(gated: FakeEngine) -> None:
    result = diagnosis_to_dict(diagnose(gated, make_radiograph(DARK + 60), Choices()), "a")
    assert result["gate"]["verdict"] == "open"  # not dark enough
    diagnosis = diagnose(gated, make_radiograph(DARK), Choices())
    gate = diagnosis_to_dict(diagnosis, "a")["gate"]
    assert (gate["verdict"], gate["finding"], gate["fix"]) == ("closed", "negative", "invert")
    assert set(gate["scores"]) == {"log_odds", "distance", "margin", "probabilities"}
    assert set(gate["scores"]["probabilities"]) == set(KINDS)
    assert "Exchange black and white to mend it" in gate_sentence(diagnosis.gate)
    json.dumps(gate, allow_nan=False)


def test_what_no_correction_mends(gated: FakeEngine) -> None:
    report = diagnose(gated, make_radiograph(np.full((40, 40), 255, np.uint8)), Choices()).gate
    assert report is not None
    assert (report.finding, report.fix) == ("other_population", None)


def test_a_graph_without_the_gates_layer(
    gated: FakeEngine, radiograph: Radiograph, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = FakeEngine()
    monkeypatch.setattr(gated, "forward", bare.forward)
    with pytest.raises(EngineError, match="export it again"):
        diagnose(gated, radiograph, Choices())
    with pytest.raises(EngineError, match="does not give what the gate reads"):
        read_statistics(gated, [np.zeros((32, 32), np.float32)])


@pytest.mark.parametrize("name", CORRECTIONS)
def test_corrections(name: str) -> None:
    pixels = np.array([[0, 10, 20], [30, 40, 255]], np.uint8)
    radiograph = make_radiograph(pixels)
    mended = corrected(radiograph, name)
    expected = {
        "invert": [[255, 245, 235], [225, 215, 0]],
        "turn_around": [[255, 40, 30], [20, 10, 0]],
        "turn_left": [[20, 255], [10, 40], [0, 30]],
        "turn_right": [[30, 0], [40, 10], [255, 20]],
    }[name]
    assert_allclose(mended.pixels, expected, atol=1e-4)
    assert mended.stored.shape == mended.pixels.shape
    assert_array_equal(radiograph.pixels, pixels)
    assert mended.digest != radiograph.digest
    assert mended.steps[-1].detail == "at your request"
    assert mended.steps[:-1] == radiograph.steps
    assert not mended.pixels.flags.writeable


def test_corrections_undo_one_another(radiograph: Radiograph) -> None:
    for one, other in (("invert", "invert"), ("turn_left", "turn_right")):
        back = corrected(corrected(radiograph, one), other)
        assert_allclose(back.pixels, radiograph.pixels, atol=1e-3)
    with pytest.raises(UnknownChoice, match="Did you mean 'invert'"):
        corrected(radiograph, "inver")


def test_the_gate_is_the_one_beside_the_card(tmp_path: Path) -> None:
    for name in ("one", "two"):
        text = json.dumps(gate_content(remainder=1.0 if name == "one" else 2.0))
        entry = {
            "file": "gate.json",
            "sha256": sha256(text.encode()).hexdigest(),
            "layers": ["cells"],
        }
        (tmp_path / name / "fake").mkdir(parents=True)
        (tmp_path / name / "fake" / "gate.json").write_text(text)
        (tmp_path / name / "fake" / "card.json").write_text(json.dumps(card_content(gate=entry)))
    rules = [rule_of(find_card("fake", tmp_path / name)) for name in ("one", "two")]
    assert [rule.remainder for rule in rules if rule] == [1.0, 2.0]


def test_a_fitted_gate_is_written_beside_the_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "card.json").write_text(json.dumps(card_content()))
    made = GateFile.model_validate(gate_content())
    monkeypatch.setattr(command, "build_gate", lambda *_, **__: made)
    command.run_gate(tmp_path, tmp_path, find_card("fake", tmp_path), lambda _: None)
    card = find_card("fake", tmp_path)
    assert card.gate is not None
    assert (tmp_path / "fake" / card.gate.file).is_file()
    assert rule_of(card) is not None
