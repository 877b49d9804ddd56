"""A writer of a card may be stopped at any moment: card and the files that it names stay whole."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import card_content, fake_card
from tests.gate_rules import gate_content
from xray_app.cards.card import read_card
from xray_app.cards.gate_record import GateFile
from xray_app.core.digests import sha256_of
from xray_app.engines.catalogue import find_card, verified_gate
from xray_app.evaluation import exporting
from xray_app.evaluation.exporting import export_model
from xray_app.evaluation.gate.writing import write_gate
from xray_app.evaluation.measuring import write_measured

THRESHOLD = {"value": 0.25, "criterion": "c", "fitted_on": "f", "command": "c"}


class Killed(Exception):
    """Stands for the end of the process."""


def gate(remainder: float) -> GateFile:
    return GateFile.model_validate(gate_content(remainder=remainder))


def write_graph(folder: Path, text: str) -> Path:
    """As ``export`` leaves it: a file whose name says what it holds."""
    path = folder / f"graph-{text}.onnx"
    path.write_bytes(text.encode())
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model with a gate, a graph and a threshold."""
    folder = tmp_path / "fake"
    folder.mkdir()
    (folder / "fake.weights.h5").write_bytes(b"weights")
    weights = {"file": "fake.weights.h5", "sha256": sha256_of(folder / "fake.weights.h5")}
    graph = write_graph(folder, "old")
    serving = {"file": graph.name, "sha256": sha256_of(graph)}
    content = card_content(weights=weights, serving=serving, threshold=THRESHOLD | {"value": 0.5})
    (folder / "card.json").write_text(json.dumps(content))
    write_gate(gate(1.0), folder)
    monkeypatch.setattr(
        exporting, "call_in_child", lambda *_, **__: (write_graph(folder, "new"), 0.0)
    )
    return folder


WRITERS: dict[str, Callable[[Path], Any]] = {
    "export": lambda folder: export_model("fake", folder.parent),
    "calibrate": lambda folder: write_measured(folder, fake_card(threshold=THRESHOLD), None),
    "gate": lambda folder: write_gate(gate(2.0), folder),
}


def named_files_are_there(folder: Path) -> bool:
    card = read_card(folder / "card.json")
    named = [entry for entry in (card.weights, card.serving, card.gate) if entry is not None]
    assert len(named) == 3
    return all(sha256_of(folder / entry.file) == entry.sha256 for entry in named)


@pytest.mark.parametrize("writer", WRITERS)
def test_the_card_and_the_files_that_it_names_are_renewed(folder: Path, writer: str) -> None:
    before = json.loads((folder / "card.json").read_text())
    count = len(list(folder.iterdir()))
    WRITERS[writer](folder)
    after = json.loads((folder / "card.json").read_text())
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed == {{"export": "serving", "calibrate": "threshold", "gate": "gate"}[writer]}
    assert named_files_are_there(folder)
    assert len(list(folder.iterdir())) == count, "what the card no longer names is deleted"


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("moment", range(4))
def test_a_killed_writer_leaves_the_old_card(
    folder: Path, writer: str, moment: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (folder / "card.json").read_text()
    step = 0
    whole = Path.write_text

    def killed_at(method: Callable[..., Any], *, half: bool) -> Callable[..., Any]:
        def run(self: Path, *arguments: Any, **named: Any) -> Any:
            nonlocal step
            step += 1
            if step > moment:
                if half:
                    whole(self, arguments[0][:20], encoding="utf-8")
                raise Killed
            return method(self, *arguments, **named)

        return run

    monkeypatch.setattr(Path, "write_text", killed_at(Path.write_text, half=True))
    monkeypatch.setattr(Path, "replace", killed_at(Path.replace, half=False))
    try:
        WRITERS[writer](folder)
    except Killed:
        assert (folder / "card.json").read_text() == before
    else:
        assert step <= moment
    assert named_files_are_there(folder)
    assert not list(folder.glob(".*"))


def test_the_gate_that_is_written_is_the_one_that_is_read(folder: Path) -> None:
    path = write_gate(gate(3.0), folder)
    found = verified_gate(find_card("fake", folder.parent))
    assert found is not None
    assert found.rule.remainder == 3.0
    assert path.parent == folder
    assert write_gate(gate(3.0), folder) == path, "the same gate is the same file"
    assert named_files_are_there(folder)
