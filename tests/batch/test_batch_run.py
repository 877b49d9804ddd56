"""The table: the same whatever stopped the run, and whoever did the work."""

import csv
import io
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.batch.batch_files import make_folder, pages, samples
from tests.fakes import FakeEngine
from xray_app.batch.decoding import Wanted
from xray_app.batch.item import Item
from xray_app.batch.journal import journal_of
from xray_app.batch.rows import columns
from xray_app.batch.run import Job, Summary, run_batch
from xray_app.batch.scoring import BATCH, BatchOptions, Scored, score_all
from xray_app.batch.table import table_bytes, write_table
from xray_app.commands import batching
from xray_app.core.errors import InputError, XrayAppError
from xray_app.core.progress import Progress

CARD = FakeEngine().card
CLASSES = CARD.class_names


class Stopped(Exception):
    """Stands for whatever ends a run half way."""


def run(
    job: Job,
    stop_after: int | None = None,
    workers: int = 2,
    progress: Callable[[Progress], None] = lambda progress: None,
) -> Summary:
    engine = FakeEngine()

    def score(items: Iterator[Item | Wanted]) -> Generator[Scored]:
        found = score_all(engine, items, BatchOptions(job.scheme, workers))
        for number, scored in enumerate(found):
            if number == stop_after:
                raise Stopped
            yield scored

    return run_batch(engine.card, job, score, progress)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_folder(tmp_path / "in", samples(), 20, 4)
    (tmp_path / "in" / "part1" / "pages.tiff").write_bytes(pages(9))
    return tmp_path / "in"


def job(folder: Path, out: str, **changes: object) -> Job:
    return Job((str(folder),), folder.parent / out, "raw", **changes)


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_run_stopped_anywhere_and_resumed_gives_the_same_bytes(folder: Path, suffix: str) -> None:
    whole = job(folder, "whole" + suffix)
    summary = run(whole)
    assert (summary.rows, summary.errors, summary.resumed) == (29, 4, 0)
    for stop, workers in ((0, 1), (3, 1), (13, 3), (27, 2)):
        out = f"stopped{stop}{suffix}"
        with pytest.raises(Stopped):
            run(job(folder, out), stop, workers)
        assert not (folder.parent / out).exists()
        again = run(job(folder, out, resume=True), workers=workers)
        assert again.rows == 29 and again.resumed == stop // BATCH * BATCH
        assert (folder.parent / out).read_bytes() == whole.out.read_bytes()
        assert not journal_of(folder.parent / out).exists()


def test_a_run_that_fails_before_its_first_row_leaves_nothing_behind(tmp_path: Path) -> None:
    make_folder(tmp_path / "in", samples(), 2, 0)
    with pytest.raises(Stopped):
        run(job(tmp_path / "in", "t.csv"), 0)
    assert not journal_of(tmp_path / "t.csv").exists()
    with pytest.raises(Stopped):
        run(job(tmp_path / "in", "t.csv"), 1)
    with pytest.raises(InputError, match="Add --resume"):  # one with a row does
        run(job(tmp_path / "in", "t.csv"))


def test_a_resumed_run_counts_files_and_not_their_frames(tmp_path: Path) -> None:
    for name in "ab":
        path = tmp_path / "in" / f"{name}.tiff"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(pages(9))
    with pytest.raises(Stopped):
        run(job(tmp_path / "in", "t.csv"), 13)  # 12 rows are kept: all of a, and 3 of b's 9
    shown: list[Progress] = []
    run(job(tmp_path / "in", "t.csv", resume=True), progress=shown.append)
    assert [(p.done, p.total) for p in shown] == [
        (13, 14), (14, 15), (15, 16), (16, 17), (17, 18), (18, 18),
    ]  # fmt: skip


def test_a_run_that_had_nothing_left_to_score_has_no_rate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_folder(tmp_path / "in", samples(), 2 * BATCH, 0)
    whole = job(tmp_path / "in", "t.csv")

    def stop(*_: object) -> None:
        raise Stopped

    with monkeypatch.context() as patched, pytest.raises(Stopped):
        patched.setattr("xray_app.batch.run.write_table", stop)
        run(whole)
    summary = run(replace(whole, resume=True))
    assert (summary.rows, summary.resumed, summary.rate) == (2 * BATCH, 2 * BATCH, None)
    assert "\nundefined rows a second, " in batching._describe(summary)


def test_a_line_cut_short_is_dropped(folder: Path) -> None:
    run(job(folder, "whole.csv"))
    with pytest.raises(Stopped):
        run(job(folder, "cut.csv"), 12)
    journal = journal_of(folder.parent / "cut.csv")
    journal.write_bytes(journal.read_bytes()[:-20])
    assert run(job(folder, "cut.csv", resume=True)).resumed == 11 // BATCH * BATCH
    assert (folder.parent / "cut.csv").read_bytes() == (folder.parent / "whole.csv").read_bytes()


def test_parquet_and_csv_hold_the_same_rows(folder: Path) -> None:
    run(job(folder, "a.parquet"))
    run(job(folder, "a.csv"))
    table = pq.read_table(folder.parent / "a.parquet")
    with (folder.parent / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == table.column_names == [c.name for c in columns(CLASSES)]
    for row, other in zip(rows, table.to_pylist(), strict=True):
        assert row == {k: "" if v is None else str(v) for k, v in other.items()}
    assert b"not a medical device" in table.schema.metadata[b"about"]
    assert len({(r["name"], r["frame"]) for r in rows}) == 29


def test_nothing_goes_on_with_what_it_was_not_begun_with(folder: Path) -> None:
    with pytest.raises(Stopped):
        run(job(folder, "t.csv"), 12)
    with pytest.raises(InputError, match="Add --resume"):
        run(job(folder, "t.csv"))
    other = Job((str(folder),), folder.parent / "t.csv", "rescale", resume=True)
    with pytest.raises(InputError, match="Expected the model .*, scheme and options"):
        run(other)
    first = str(folder / "part0" / "image00000.jpeg")
    with pytest.raises(InputError, match="received fewer"):
        run(Job((first,), folder.parent / "t.csv", "raw", resume=True))
    (folder / "part0" / "image00000.jpeg").unlink()
    with pytest.raises(InputError, match=r"whose next file is .*image00000\.jpeg"):
        run(job(folder, "t.csv", resume=True))


def test_two_runs_cannot_write_one_table(folder: Path) -> None:
    inner: list[str] = []

    def score(items: Iterator[Item | Wanted]) -> Generator[Scored]:
        with pytest.raises(InputError) as caught:
            run(job(folder, "t.csv", resume=True))
        inner.append(str(caught.value))
        yield from ()

    run_batch(FakeEngine().card, job(folder, "t.csv"), score, lambda p: None)
    assert "Another run is writing" in inner[0]


def test_a_finished_table_is_not_resumed(folder: Path) -> None:
    run(job(folder, "t.csv"))
    with pytest.raises(InputError, match="is finished"):
        run(job(folder, "t.csv", resume=True))


@pytest.mark.parametrize(
    ("out", "sentence"), [("t.xlsx", r"\.parquet or \.csv"), ("no/t.csv", "no such folder")]
)
def test_where_no_table_can_be_is_said_before_any_work(
    folder: Path, out: str, sentence: str
) -> None:
    with pytest.raises(XrayAppError, match=sentence):
        run(job(folder, out))


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(InputError, match="only empty folders"):
        run(job(tmp_path / "in", "t.csv"))


def test_a_table_that_cannot_be_finished_is_not_there(tmp_path: Path) -> None:
    def rows() -> Iterator[list[object]]:
        yield [None] * len(columns(CLASSES))
        raise Stopped

    with pytest.raises(Stopped):
        write_table(tmp_path / "t.parquet", rows(), CARD, "raw")
    assert list(tmp_path.iterdir()) == []


def test_what_a_run_writes_among_its_inputs_is_no_input(folder: Path) -> None:
    inside = Job((str(folder),), folder / "r.csv", "raw", saliency=folder / "maps")
    (folder / "Thumbs.db").write_bytes(b"thumbnails")
    (folder / "._a.png").write_bytes(b"resource fork")
    first = run(inside)
    names = [row["name"] for row in csv.DictReader(io.StringIO(inside.out.read_text()))]
    assert not [n for n in names if n.endswith(("r.csv", ".partial", "Thumbs.db"))]
    assert not [n for n in names if "/maps/" in n or "/._" in n]
    again = run(inside)
    assert again.rows == first.rows
    # the table, the folder of maps, the thumbnails and the resource fork; the journal is gone
    assert again.left_out == 4
    assert "4 hidden or own files left out" in batching._describe(again)


def test_a_name_that_a_spreadsheet_would_run_gets_an_apostrophe() -> None:
    names = ["=cmd|' /C calc'!A0.png", "+1.png", "@SUM(A1).png", "-2.png"]
    rows = [Item(name, data=samples()[0]) for name in names]
    with closing(score_all(FakeEngine(), iter(rows), BatchOptions("raw", 1))) as found:
        scored = [one.row for one in found]
    table = table_bytes(".csv", scored, CARD, "raw").decode()
    shown = [row["name"] for row in csv.DictReader(io.StringIO(table))]
    assert shown == [f"'{name}" for name in names]
