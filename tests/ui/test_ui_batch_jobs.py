"""The job behind the page Batch: turns, bounds, and who lets go of what."""

import io
import zipfile
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.fakes import FakeEngine
from tests.ui.batch_page import BRIGHT, DARK, FILES, LIMIT, Hold, order
from tests.ui.guests import PATIENCE, arrive, until
from xray_app.batch.item import Item
from xray_app.batch.scoring import BATCH
from xray_app.batch.table import table_bytes
from xray_app.core.errors import FileTooLarge, ServerBusy
from xray_app.engines.protocol import Forward
from xray_app.ui.batch import jobs as batch_jobs
from xray_app.ui.batch import records as batch_records
from xray_app.ui.batch.downloads import outgoing_rows, overlays_zip
from xray_app.ui.batch.jobs import Job
from xray_app.ui.batch.queued_engine import EngineInTurn, patient_turn
from xray_app.ui.batch.records import Budget, Order, distinct, expanded
from xray_app.ui.session.cached_work import MODEL
from xray_app.ui.session.fair_queue import FairQueue


def run(engine: FakeEngine, what: Order, budget: Budget) -> Job:
    job = Job(engine, what, budget)
    job.start()
    assert job.wait(60)
    return job


def test_memory_is_taken_for_the_files_and_given_back(fake: FakeEngine) -> None:
    budget = Budget(LIMIT)
    job = run(fake, order(overlays=True), budget)
    size = sum(map(len, FILES.values()))
    overlays = sum(len(e.overlay) for e in job.view().entries if e.overlay)
    assert overlays > 0
    assert budget.left == LIMIT - size - overlays
    job.close()
    assert budget.left == LIMIT
    assert not job.view().entries
    assert not job.order.items


def test_closed_while_at_work_it_lets_go_at_the_end(fake: FakeEngine) -> None:
    budget, hold = Budget(LIMIT), Hold(fake)
    job = Job(fake, order(), budget)
    job.start()
    assert hold.reached.wait(60)
    job.close()
    hold.gate.set()
    assert job.wait(60)
    assert job.view().state == "cancelled"
    assert budget.left == LIMIT


def test_all_visitors_together_are_bounded(fake: FakeEngine) -> None:
    with pytest.raises(ServerBusy, match="try again later"):
        Job(fake, order(), Budget(100))


def test_a_zip_is_bounded_by_what_is_in_it(
    fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(4):
            archive.writestr(f"{number}.png", DARK)
    monkeypatch.setattr(batch_records, "MAX_FILES", 3)
    job = run(fake, order({"many.zip": out.getvalue()}), Budget(LIMIT))
    view = job.view()
    assert view.state == "failed"
    assert view.note.startswith("Expected at most 3 files")
    with pytest.raises(FileTooLarge):
        Job(fake, order({f"{n}": b"1" for n in range(4)}), Budget(LIMIT))


def test_archives_are_bounded_while_they_are_unpacked(
    fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small ones can hold much: none is opened behind the one that passes a bound."""
    opened: list[str] = []

    def counted(item: Item) -> list[Item]:
        opened.append(item.name)
        return expanded(item)

    monkeypatch.setattr(batch_jobs, "expanded", counted)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.png", bytes(40_000))
    files = {f"{n}.zip": out.getvalue() for n in range(6)}
    view = run(fake, order(files), Budget(100_000)).view()
    assert view.state == "failed" and view.note.startswith("Other visitors' batches fill")
    assert opened == ["0.zip", "1.zip", "2.zip"]
    opened.clear()
    monkeypatch.setattr(batch_records, "MAX_BYTES", 50_000)
    view = run(fake, order(files), Budget(LIMIT)).view()
    assert view.state == "failed" and view.note.startswith("Expected at most 500 files")
    assert opened == ["0.zip", "1.zip"]


def test_rows_and_overlays_stop_at_their_bounds(
    fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"{n}.png": DARK for n in range(6)}
    first = run(fake, order(files, overlays=True), Budget(LIMIT)).view().entries[0]
    assert first.overlay is not None
    monkeypatch.setattr(batch_jobs, "MAX_OVERLAY_BYTES", 2 * len(first.overlay))
    monkeypatch.setattr(batch_jobs, "MAX_ROWS", 5)
    view = run(fake, order(files, overlays=True), Budget(LIMIT)).view()
    assert view.state == "done"
    assert [e.overlay is not None for e in view.entries] == [True, True, False, False, False]
    assert "for the first 2 rows' overlays only" in view.note
    assert "Stopped at 5 rows" in view.note


def test_something_unexpected_is_a_sentence_and_no_name_is_logged(
    fake: FakeEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(batch: np.ndarray) -> None:
        raise KeyError("dark.png of Mrs Smith")

    monkeypatch.setattr(fake, "forward", fail)
    view = run(fake, order(), Budget(LIMIT)).view()
    assert (view.state, view.note) == (
        "failed",
        "Something unexpected stopped the batch; try it again.",
    )
    assert "KeyError" in caplog.text
    assert "Smith" not in caplog.text


def test_a_batch_waits_for_its_turn_and_others_come_between(
    fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a visitor is at work there is no row; who comes then is served between two blocks."""
    queue, turns = FairQueue(1, 5), list[str]()
    monkeypatch.setattr(batch_jobs, "MODEL", queue)
    forward = fake.forward

    def noted(batch: np.ndarray) -> Forward:
        turns.append("batch")
        return forward(batch)

    monkeypatch.setattr(fake, "forward", noted)
    (first,) = arrive(queue, "a", turns)
    job = Job(fake, order({f"{n}.png": DARK for n in range(2 * BATCH)}), Budget(LIMIT))
    job.start()
    until(lambda: len(queue._tickets) == 2)
    (second,) = arrive(queue, "b", turns)
    assert turns == ["a"]
    first.go.set()
    assert second.working.wait(PATIENCE)
    assert not job.wait(1.0)
    assert turns == ["a", "batch", "b"]
    second.go.set()
    assert job.wait(60)
    assert turns == ["a", "batch", "b", "batch"]
    assert len(job.view().entries) == 2 * BATCH


def test_a_batch_does_not_hold_its_turn_between_blocks(fake: FakeEngine) -> None:
    queue = FairQueue(1, 5)
    engine = EngineInTurn(fake, queue, "batch", lambda: None)
    engine.forward(np.zeros((1, 32, 32, 3), np.float32))
    with queue.turn("visitor", _fail):
        pass


def test_a_full_line_is_asked_again() -> None:
    looks: list[int] = []

    class FullAtFirst(FairQueue):
        @contextmanager
        def turn(self, visitor: Hashable, while_waiting: Callable[[int], object]) -> Iterator[None]:
            if not looks:
                raise ServerBusy("full")
            with super().turn(visitor, while_waiting):
                yield

    queue = FullAtFirst(1, 1)
    with patient_turn(queue, "batch", lambda: looks.append(1)):
        assert looks == [1]


def test_cancelling_ends_the_waiting(fake: FakeEngine) -> None:
    with MODEL.turn("a", _fail), MODEL.turn("b", _fail):
        job = Job(fake, order(), Budget(LIMIT))
        job.start()
        job.cancel()
        assert job.wait(60)
    assert job.view().state == "cancelled"


def test_names_are_made_different() -> None:
    names = ["a.png", "a.png", "a.png (2)", "b", "a.png"]
    found = distinct([Item(name) for name in names])
    assert [item.name for item in found] == ["a.png", "a.png (2)", "a.png (3)", "b", "a.png (4)"]


def test_no_name_leaves_unless_asked(fake: FakeEngine) -> None:
    files = {"Smith, John.png": DARK, "Smith, Jane.png": BRIGHT, "smith.zip": b"PK\x03\x04Smith"}
    view = run(fake, order(files, overlays=True), Budget(LIMIT)).view()
    rows = outgoing_rows(view.entries, named=False)
    text, parquet = (table_bytes(kind, rows, fake.card, "raw") for kind in (".csv", ".parquet"))
    assert b"smith" not in (text + parquet).lower()
    table = pq.read_table(io.BytesIO(parquet))
    assert table["name"].to_pylist() == ["image-0001", "image-0002", "image-0003"]
    assert table["predicted"].to_pylist() == ["normal", "bacterial_pneumonia", None]
    named = table_bytes(".csv", outgoing_rows(view.entries, named=True), fake.card, "raw")
    assert b"Smith, Jane.png" in named

    with zipfile.ZipFile(io.BytesIO(overlays_zip(view.entries, "raw"))) as archive:
        digest = (view.entries[0].row.id or "")[:12]
        assert archive.namelist()[0] == f"0001-{digest}-raw.png"
        assert len(archive.namelist()) == 2
        assert archive.read(archive.namelist()[0]).startswith(b"\x89PNG")


def _fail(before: int) -> None:
    raise AssertionError(f"{before} come first")
