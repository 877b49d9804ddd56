"""The gate's command from images to its file, with the fake engine."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.fakes import SIZE, FakeEngine, fake_card
from tests.gate_rules import ENTRY
from xray_app.cards.card import ModelCard
from xray_app.cards.gate_record import GateFile
from xray_app.core.errors import InputError
from xray_app.engines.protocol import Engine
from xray_app.evaluation.gate import command
from xray_app.evaluation.gate.figures import left_out_sentence


def save(path: Path, middle: float, random: np.random.Generator) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = middle + 0.1 * random.standard_normal((SIZE, SIZE))
    Image.fromarray(np.uint8(255 * np.clip(pixels, 0, 1))).save(path)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Children are gray, adults of two places bright, and hands dark."""
    random = np.random.default_rng(0)
    for split, count in (("train", 60), ("val", 40), ("test", 24)):
        for i in range(count):
            middle = 0.5 + 0.02 * random.standard_normal()
            save(tmp_path / "data" / split / "NORMAL" / f"IM-{i:04}-0001.png", middle, random)
    sources = {"adult/a": 0.8, "adult/b": 0.75, "child/c": 0.65, "not_chest/d": 0.15}
    for part in ("fit", "report"):
        for source, middle in sources.items():
            for i in range(8):
                save(tmp_path / "others" / part / source / f"{i}.png", middle, random)
    return tmp_path / "data", tmp_path / "others"


@pytest.fixture
def gate(folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> GateFile:
    @contextmanager
    def reading(card: ModelCard, layers: tuple[str, ...]) -> Iterator[Engine]:
        yield FakeEngine(fake_card(gate=ENTRY))

    monkeypatch.setattr(command, "_reading_engine", reading)
    return command.build_gate(
        fake_card(), *folders, lambda _: None, layers=("cells",), together=[["a", "b"]], step=2
    )


def test_the_command_fits_reports_and_leaves_out(gate: GateFile) -> None:
    figures = {figure.name: figure for figure in gate.figures}
    assert figures["adult/a, stopped"].value == 1.0
    assert figures["not_chest/d, stopped"].value == 1.0
    assert figures["false alarms on test, NORMAL"].images == 12
    assert [row.sources for row in gate.left_out] == [
        ("adult/a",), ("adult/b",), ("adult/a", "adult/b")
    ]  # fmt: skip
    assert gate.left_out[0].images == 4
    purposes = {source.name: source.purpose for source in gate.sources}
    assert (purposes["adult/a, handled"], purposes["known, validation"]) == ("fit", "limits")
    assert gate.command.endswith("OTHERS --layers cells --together a,b")
    assert GateFile.model_validate_json(gate.model_dump_json()).rule.layers == ("cells",)


def test_few_patients_of_a_source_prove_nothing(gate: GateFile) -> None:
    assert all(row.stopped == 1.0 for row in gate.left_out[:2])
    assert not gate.tells_sources  # of four patients, none of whom passes, more than half may
    assert "a 0.0 % (0.0 to 60.2)" in left_out_sentence(gate)  # 1 - 0.025 ** (1 / 4)


def test_an_unknown_source_is_named(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def reading(card: ModelCard, layers: tuple[str, ...]) -> Iterator[Engine]:
        yield FakeEngine(fake_card(gate=ENTRY))

    monkeypatch.setattr(command, "_reading_engine", reading)
    with pytest.raises(InputError, match=r"sources of people \(a, b\), received a, x"):
        command.build_gate(
            fake_card(), *folders, lambda _: None, layers=("cells",), together=[["a", "x"]], step=4
        )


def test_a_source_without_anybody_to_report_on_is_named_before_anything_is_fitted(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def reading(card: ModelCard, layers: tuple[str, ...]) -> Iterator[Engine]:
        yield FakeEngine(fake_card(gate=ENTRY))

    monkeypatch.setattr(command, "_reading_engine", reading)
    shutil.rmtree(folders[1] / "report" / "adult" / "b")
    said: list[object] = []
    with pytest.raises(InputError, match=r"Expected images of adult/b in report/ of others, found"):
        command.build_gate(fake_card(), *folders, said.append, layers=("cells",))
    assert not said


def test_to_a_model_of_adults_children_are_others_and_adults_of_other_places_are_known(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = fake_card().training_data.model_copy(update={"ages": (18, 90)})
    card = fake_card(gate=ENTRY).model_copy(update={"training_data": known})

    @contextmanager
    def reading(_: ModelCard, layers: tuple[str, ...]) -> Iterator[Engine]:
        yield FakeEngine(card)

    monkeypatch.setattr(command, "_reading_engine", reading)
    gate = command.build_gate(card, *folders, lambda _: None, layers=("cells",))
    assert gate.other == "a child's chest"
    left_out = {row.sources: row.known for row in gate.left_out}
    assert left_out == {("adult/a",): True, ("adult/b",): True, ("child/c",): False}
    purposes = {source.name: (source.purpose, source.images) for source in gate.sources}
    assert purposes["adult/a"] == ("report", 8)
    assert purposes["adult/a, validation"] == ("limits", 2)  # the first and the sixth of eight
    figures = {figure.name: figure for figure in gate.figures}
    assert figures["adult/a, let through"].images == 8
    assert "test, called a child's chest" in figures
    assert gate.rule.other == gate.other
    said = left_out_sentence(gate)
    assert said.startswith("c ")
    assert "whom it should let through: a " in said
