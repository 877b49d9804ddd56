"""The command: killed, interrupted, given nonsense; and what it says."""

import csv
import json
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.batch.batch_files import command, kill_at, make_folder, samples
from tests.conftest import ROOT
from xray_app.__main__ import main
from xray_app.batch.journal import journal_of


def test_the_command_killed_at_40_percent_gives_the_same_table(tmp_path: Path) -> None:
    broken = make_folder(tmp_path / "in", samples(), 30, 3)
    whole, killed = tmp_path / "whole.parquet", tmp_path / "killed.parquet"
    done = subprocess.run(
        command(tmp_path / "in", "--out", whole, "--json", "--workers", "1"),
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    summary = json.loads(done.stdout)
    assert (summary["rows"], summary["errors"]) == (30, 3)
    assert done.stderr == ""
    kill_at(command(tmp_path / "in", "--out", killed), killed, 12)
    assert not killed.exists()
    assert main(["batch", str(tmp_path / "in"), "--out", str(killed), "--resume"]) == 0
    assert killed.read_bytes() == whole.read_bytes()
    table = pq.read_table(whole).to_pylist()
    assert {row["name"] for row in table if row["error"]} == broken
    assert sum(summary["predicted"].values()) == 27


def test_the_command_writes_overlays_and_says_what_it_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_folder(tmp_path / "in", samples(), 4, 1)
    overlays, out = tmp_path / "overlays", tmp_path / "t.csv"
    arguments = ["batch", str(tmp_path / "in"), "--out", str(out), "--saliency", str(overlays)]
    assert main([*arguments, "--scheme", "rescale"]) == 0
    said = capsys.readouterr()
    assert "4 rows; 1 with an error" in said.out and "not a medical device" in said.out
    assert "mismatch 3" in said.out
    with out.open() as file:
        ids = [r["id"] for r in csv.DictReader(file) if not r["error"]]
    assert sorted(p.name for p in overlays.iterdir()) == sorted(f"{i}.png" for i in ids)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--workers", "-1"], "or 0 for one each processor, received -1"),
        (["--address", "ray://host:1"], "Expected --engine ray beside --address"),
    ],
)
def test_what_can_not_be_is_refused_before_anything_is_written(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.png").write_bytes(samples()[0])
    out = tmp_path / "t.csv"
    assert main(["batch", str(tmp_path / "a.png"), "--out", str(out), *arguments]) == 2
    said = capsys.readouterr().err
    assert words in said and said.count("\n") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"a.png"}


@pytest.mark.parametrize("arguments", [["nothing.png"], ["nothing.png", "--scheme", "recsale"]])
def test_the_command_says_one_sentence(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["batch", *arguments, "--out", str(tmp_path / "t.csv")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Ctrl-C reaches a child, even if the tests were started in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_an_interrupted_command_says_how_to_go_on(tmp_path: Path) -> None:
    make_folder(tmp_path / "in", samples(), 60, 0)
    table = tmp_path / "t.csv"
    process = subprocess.Popen(
        command(tmp_path / "in", "--out", table), cwd=ROOT, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not journal_of(table).exists() or journal_of(table).read_bytes().count(b"\n") < 9:
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    assert process.communicate()[1] == "Stopped. The same command with --resume goes on.\n"
    assert process.returncode == 2
