"""A gate's file: written, named in its card, found and verified; and its document."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import card_content
from tests.gate_rules import gate_content
from tools.gate_document import gate_document
from xray_app.cards.gate_record import GateFile
from xray_app.core.errors import CardError, InputError, WeightsError
from xray_app.engines.catalogue import find_card, verified_gate
from xray_app.evaluation.gate.report import REAL_IMAGES
from xray_app.evaluation.gate.writing import write_gate


def drop_gated_model(directory: Path, text: str, **entry: Any) -> None:
    (directory / "fake").mkdir()
    gate = {"file": "gate.json", "sha256": hashlib.sha256(text.encode()).hexdigest()}
    content = card_content(gate=gate | {"layers": ["cells"]} | entry)
    (directory / "fake" / "card.json").write_text(json.dumps(content))
    (directory / "fake" / "gate.json").write_text(text)


def test_a_gate_file_is_found_and_verified(tmp_path: Path) -> None:
    drop_gated_model(tmp_path, json.dumps(gate_content()))
    gate = verified_gate(find_card("fake", tmp_path))
    assert gate is not None
    assert gate.rule.layers == ("cells",)


def test_an_altered_gate_file_is_one_sentence(tmp_path: Path) -> None:
    drop_gated_model(tmp_path, json.dumps(gate_content()))
    card, path = find_card("fake", tmp_path), tmp_path / "fake" / "gate.json"
    path.write_text(path.read_text() + " ")
    with pytest.raises(WeightsError, match=r"field gate\.sha256: expected .* but gate\.json has"):
        verified_gate(card)
    path.unlink()
    with pytest.raises(WeightsError, match=r"field gate\.file: expected gate\.json"):
        verified_gate(card)


def test_a_gate_of_another_layer(tmp_path: Path) -> None:
    drop_gated_model(tmp_path, json.dumps(gate_content()), layers=["other"])
    with pytest.raises(CardError, match=r"field gate\.layers: expected cells.*received other"):
        verified_gate(find_card("fake", tmp_path))


def measured_gate(**changes: Any) -> GateFile:
    figure = {
        "name": REAL_IMAGES, "value": 1.0, "low": 0.6915, "high": 1.0,
        "images": 140, "units": 10, "unit": "sources",
    }  # fmt: skip
    return GateFile.model_validate(gate_content(figures=[figure], **changes))


@pytest.mark.parametrize("indent", [2, None])
def test_a_gate_is_named_in_its_card_and_the_rest_stays(tmp_path: Path, indent: int | None) -> None:
    folder = tmp_path / "fake"
    folder.mkdir()
    before = card_content()
    (folder / "card.json").write_text(json.dumps(before, indent=indent))
    for remainder in (1.0, 2.0):  # the second time the entry is replaced
        write_gate(measured_gate(remainder=remainder), folder)
        gate = verified_gate(find_card("fake", tmp_path))
        assert gate is not None
        assert gate.rule.remainder == remainder
    after = json.loads((folder / "card.json").read_text())
    assert after.pop("gate")["layers"] == ["cells"]
    assert after == before


def test_the_document_says_what_few_sources_leave_open() -> None:
    """Ten of them: with 31 % that pass, none of ten does by a chance of 2.5 %."""
    said = " ".join(gate_document(measured_gate(), "").split())
    assert "none passing still leaves room for 31% to pass" in said


def test_a_gate_that_cant_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Can't write gate-.*\.json: No such file"):
        write_gate(measured_gate(), tmp_path / "nowhere")
    (tmp_path / "card.json").write_text("{}")
    with pytest.raises(CardError, match="Model card card.json is wrong in field"):
        write_gate(measured_gate(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["card.json"]
