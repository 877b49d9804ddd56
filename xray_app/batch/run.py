"""A whole batch: inputs to a table, so that a killed run goes on where it was."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from xray_app.batch.decoding import Wanted
from xray_app.batch.inputs import LeftOut, find_inputs
from xray_app.batch.item import Item
from xray_app.batch.journal import Heading, Journal, journal_of, journal_rows
from xray_app.batch.rows import columns, values
from xray_app.batch.scoring import BATCH, Scored
from xray_app.batch.table import check_table, write_table
from xray_app.cards import ModelCard
from xray_app.core import InputError, Meter, Reporter, make_folder, write_atomically
from xray_app.core.images import encode_png

# From items to rows, in their order: on this machine ``score_all``, or on a cluster.
Score = Callable[[Iterator[Item | Wanted]], Generator[Scored]]


@dataclass(frozen=True, slots=True)
class Job:
    """What to score and where to write it.

    Attributes:
        inputs: paths or addresses.
        out: the table, ``.parquet`` or ``.csv``.
        scheme: its name, already resolved.
        saliency: folder for overlays, named by the rows' ids; None for none.
        resume: go on with an interrupted run.
    """

    inputs: tuple[str, ...]
    out: Path
    scheme: str
    saliency: Path | None = None
    resume: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """What a batch came to.

    ``rate`` is of the rows of this run, None if it had none to score; ``resumed`` counts those
    before it, and ``left_out`` what lay in the folders and is no input; ``notices`` say what a
    search of the PACS left out.
    """

    table: str
    rows: int
    errors: int
    resumed: int
    left_out: int
    gate: Mapping[str, int]
    contract: Mapping[str, int]
    predicted: Mapping[str, int]
    seconds: float
    rate: float | None
    notices: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return asdict(self)


def run_batch(
    card: ModelCard,
    job: Job,
    score: Score,
    progress: Reporter,
) -> Summary:
    """Score every input and write the table.

    Whatever the number of workers, and however often it was interrupted, the rows are those of the
    inputs in their order.

    Args:
        card: the model's.
        job: what to do.
        score: turns items into rows, in their order.
        progress: is told of every row.

    Raises:
        InputError: an input doesn't exist; the table can't be written; an unfinished one is there
            that was not asked for, or was of other inputs, another model or another scheme.
        ModelError: the model failed.
    """
    check_table(job.out)
    if job.resume and job.out.exists() and not journal_of(job.out).exists():
        raise InputError(f"{job.out} is finished; leave --resume out to score everything again.")
    own = _written_by(job)
    left_out = LeftOut(own)
    files = sum(1 for _ in find_inputs(job.inputs, left_out=left_out))
    if not files:
        raise InputError("Expected at least one file, found only empty folders. Name others.")
    if job.saliency is not None:
        make_folder(job.saliency)
    started = time.monotonic()
    heading = _heading(card, job)
    journal = Journal(journal_of(job.out), heading, job.resume, BATCH)
    before = journal.count
    with closing(journal), _dropped_if_empty(journal):
        kept = islice(journal_rows(journal.path), before)
        finished = sum(frame >= (frames or frame) for _, _, frame, frames, *_ in kept)
        meter = Meter(progress, files - finished, before, "rows")
        found = find_inputs(job.inputs, left_out=LeftOut(own))
        items = remaining(found, journal_rows(journal.path), before)
        with closing(score(items)) as rows:
            for scored in rows:
                _write_row(scored, journal, card.class_names, job.saliency)
                meter.advance(finished=int(scored.is_last))
    counts = _Counts(heading.columns)
    write_table(job.out, counts.counting(journal_rows(journal.path)), card, job.scheme)
    journal.path.unlink()
    return counts.summary(job.out, before, left_out, time.monotonic() - started)


@contextmanager
def _dropped_if_empty(journal: Journal) -> Iterator[None]:
    """Leave no journal without a row behind where the run fails."""
    try:
        yield
    except BaseException:
        journal.drop_if_empty()
        raise


def _written_by(job: Job) -> frozenset[Path]:
    """What must not become an input, though it may lie among them."""
    paths = (job.out, journal_of(job.out), job.saliency)
    return frozenset(path.resolve() for path in paths if path is not None)


def remaining(
    items: Iterable[Item], done: Iterator[Sequence[Any]], count: int
) -> Iterator[Item | Wanted]:
    """The items whose rows are not there yet; of a file with many frames, the frames.

    Args:
        items: all of them, in order.
        done: the rows of the interrupted run; ``count`` of them are kept.
        count: may be 0.

    Raises:
        InputError: the rows are of other items.
    """
    left = count
    for item in items:
        if not left:
            yield item
            continue
        frame, frames = 0, 1
        while left and frame < frames:
            _id, name, frame, rows_frames, *_ = next(done)
            if name != item.name:
                raise InputError(
                    f"Expected the inputs of the interrupted run, whose next file is {name}; "
                    f"received {item.name}. Give the same, or delete the unfinished table."
                )
            frames = rows_frames or frame
            left -= 1
        if frame < frames:
            yield Wanted(item, frame + 1, frames=frames)
    if left:
        raise InputError(
            "Expected the inputs of the interrupted run, received fewer. Give the same, or delete "
            "the unfinished table."
        )


def _write_row(
    scored: Scored, journal: Journal, classes: Sequence[str], saliency: Path | None
) -> None:
    if saliency is not None and scored.overlay is not None:
        data = encode_png(scored.overlay)
        write_atomically(saliency / f"{scored.row.id}.png", lambda path: path.write_bytes(data))
    journal.append(values(scored.row, classes))


def _heading(card: ModelCard, job: Job) -> Heading:
    names = tuple(column.name for column in columns(card.class_names))
    return Heading(card.name, _digest(card), job.scheme, names, job.saliency is not None)


def _digest(card: ModelCard) -> str:
    """Of all that the numbers depend on: weights, graph, gate and calibration."""
    return hashlib.sha256(card.model_dump_json().encode()).hexdigest()


class _Counts:
    """Counts the table's rows on their way into it."""

    def __init__(self, names: Sequence[str]) -> None:
        self._place = {name: place for place, name in enumerate(names)}
        self._rows = 0
        self._found: dict[str, Counter[Any]] = {
            n: Counter() for n in ("error", "gate_verdict", "contract_verdict", "predicted")
        }

    def counting(self, rows: Iterable[list[Any]]) -> Iterator[list[Any]]:
        for row in rows:
            self._rows += 1
            for name, counter in self._found.items():
                counter[row[self._place[name]]] += 1
            yield row

    def summary(self, table: Path, before: int, left_out: LeftOut, seconds: float) -> Summary:
        scored = self._rows - before
        shown = {n: {v: c[v] for v in sorted(c, key=str) if v} for n, c in self._found.items()}
        return Summary(
            table=str(table),
            rows=self._rows,
            errors=self._rows - self._found["error"][None],
            resumed=before,
            left_out=left_out.count,
            gate=shown["gate_verdict"],
            contract=shown["contract_verdict"],
            predicted=shown["predicted"],
            seconds=seconds,
            rate=scored / seconds if scored and seconds else None,
            notices=tuple(left_out.notices),
        )
