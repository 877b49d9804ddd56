"""On a cluster: the numbers of one machine, whichever process dies."""

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.batch.batch_files import make_folder, pages, samples
from tests.conftest import ROOT
from xray_app.__main__ import main
from xray_app.batch.cluster import Allocation, _portable, _told, allocate
from xray_app.batch.decoding import Wanted
from xray_app.batch.item import Item
from xray_app.batch.journal import journal_of
from xray_app.core.errors import EngineError, WeightsError

FILES, DAMAGED, PAGES = 60, 6, 5
ROWS = FILES + PAGES


@pytest.mark.parametrize(
    ("cpus", "gpus", "workers", "allocation"),
    [
        (2, 0, 0, Allocation(1, 0, 1, 2)),
        (16, 0, 0, Allocation(8, 0, 1, 2)),
        (16, 0, 40, Allocation(16, 0, 1, 1)),
        (1, 0, 0, Allocation(1, 0, 1, 1)),
        (16, 2, 0, Allocation(2, 1, 7, 1)),
        (16, 2, 1, Allocation(1, 1, 15, 1)),
    ],
)
def test_actors_never_take_the_whole_cluster(
    cpus: float, gpus: float, workers: int, allocation: Allocation
) -> None:
    assert allocate(cpus, gpus, workers) == allocation
    assert gpus or 0.5 * allocation.actors < cpus


def test_an_actor_finds_the_file_wherever_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _portable(Item("a", "a.png")) == Item("a", str(tmp_path / "a.png"))
    assert _portable(Item("a", "s3://b/a.png")) == Item("a", "s3://b/a.png")
    moved = _portable(Wanted(Item("a", "a.png"), 3))
    assert isinstance(moved, Wanted) and moved.frame == 3 and Path(moved.item.place).is_absolute()
    upload = Item("a", data=b"x")
    assert pickle.loads(pickle.dumps(_portable(upload))) == upload


def test_what_an_actor_raised_is_told_in_its_own_words() -> None:
    outer = RuntimeError("long traceback\nand its end.")
    outer.__cause__ = WeightsError("The weights are missing.")
    assert str(_told(outer)) == "The weights are missing."
    told = _told(RuntimeError("long traceback\nand its end."))
    assert isinstance(told, EngineError)
    assert str(told) == "The cluster stopped: and its end. Run again with --resume."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_folder(tmp_path / "in", samples(), FILES, DAMAGED)
    (tmp_path / "in" / "part1" / "pages.tiff").write_bytes(pages(PAGES))
    return tmp_path / "in"


@pytest.fixture
def local(folder: Path, tmp_path: Path) -> bytes:
    assert main(["batch", str(folder), "--out", str(tmp_path / "local.parquet")]) == 0
    return (tmp_path / "local.parquet").read_bytes()


@pytest.fixture
def address() -> Iterator[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.batch.ray_cluster"], cwd=ROOT, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stdin is not None
        yield process.stdout.readline().strip()
        process.stdin.close()
        process.wait(60)


def started(folder: Path, table: Path, *more: str, rows: int) -> "subprocess.Popen[str]":
    """A run on a cluster that has written so many rows."""
    arguments = ["batch", str(folder), "--out", str(table), "--engine", "ray", "--json", *more]
    process = subprocess.Popen(
        [sys.executable, "-m", "xray_app", *arguments], cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    journal = journal_of(table)
    while not journal.exists() or journal.read_bytes().count(b"\n") <= rows:
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    return process


def actors() -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if "MapBatches(Actor)" in " ".join(process.info["cmdline"] or []):
            found.append(process)
    return found


@pytest.mark.timeout(600)
def test_a_cluster_that_loses_an_actor_gives_the_table_of_one_machine(
    folder: Path, local: bytes, address: str, tmp_path: Path
) -> None:
    before = {process.pid for process in actors()}
    table = tmp_path / "ray.parquet"
    process = started(folder, table, "--address", address, "--workers", "2", rows=ROWS // 3)
    mine = [actor for actor in actors() if actor.pid not in before]
    assert len(mine) == 2
    mine[0].kill()
    said, wrong = process.communicate()
    assert process.returncode == 0, wrong
    summary = json.loads(said)
    assert (summary["rows"], summary["errors"]) == (ROWS, DAMAGED)
    assert table.read_bytes() == local


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_run_killed_on_a_cluster_goes_on_anywhere(
    folder: Path, local: bytes, tmp_path: Path
) -> None:
    table = tmp_path / "ray.parquet"
    process = started(folder, table, rows=2 * ROWS // 5)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert main(["batch", str(folder), "--out", str(table), "--resume"]) == 0
    assert table.read_bytes() == local


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_cluster_reads_addresses_and_says_what_is_wrong(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "ray.csv"
    arguments = ["batch", f"file://{folder}/part0", "--out", str(table), "--engine", "ray"]
    assert main([*arguments[:1], "x", *arguments[2:], "--address", "127.0.0.1:1"]) == 2
    assert "none named x" in capsys.readouterr().err
    done = subprocess.run(
        [sys.executable, "-m", "xray_app", *arguments, "--saliency", str(tmp_path / "overlays")],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert f"{FILES // 3} rows" in done.stdout
    overlays = [p.suffix for p in (tmp_path / "overlays").iterdir()]
    assert overlays == [".png"] * (FILES // 3 - DAMAGED // 3)
