"""A visitor's batch: a thread that goes on while the visitor clicks elsewhere.

All that it holds is in memory, within one bound a visitor and one for all together, and goes with
the visitor. Nothing is written to disk or logged.
"""

import logging
import threading
from contextlib import closing
from dataclasses import replace
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from xray_app.batch import BatchOptions, Item, Scored, score_all
from xray_app.core import Meter, Progress, ServerBusy, XrayAppError
from xray_app.core.images import encode_png
from xray_app.engines import Engine
from xray_app.ui.batch.queued_engine import EngineInTurn, patient_turn
from xray_app.ui.batch.records import (
    BUDGET,
    MAX_OVERLAY_BYTES,
    MAX_ROWS,
    THUMBNAIL_PIXELS,
    Budget,
    Entry,
    JobView,
    Order,
    State,
    check_limits,
    distinct,
    expanded,
    size_of,
    thumbnail,
)
from xray_app.ui.session.cached_work import AT_ONCE, LONGEST_QUEUE, MODEL, READERS
from xray_app.ui.session.fair_queue import FairQueue

# More than two would only slow each other down; the others wait in the order in which they came.
BATCHES = FairQueue(2, LONGEST_QUEUE)
_WORKERS = max(1, AT_ONCE // 2)


class _Cancelled(Exception):
    """The visitor wants no more."""


class Job:
    """One batch, at work in a thread of its own. Safe with threads.

    Attributes:
        key: no other job's; an ``id`` would be another's once this one has gone.
        card: of the model that scores it.
        order: what to score, without the files once the job is closed.
    """

    def __init__(self, engine: Engine, order: Order, budget: Budget = BUDGET) -> None:
        """Take the memory for the files; ``start`` begins.

        Raises:
            FileTooLarge: too many files or bytes.
            ServerBusy: all visitors' batches together take too much memory.
        """
        self.key = uuid4().hex
        self.card = engine.card
        self.order = order
        self._engine = EngineInTurn(engine, MODEL, self, self._look)
        self._budget = budget
        self._held = self._overlay_bytes = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._is_closed = self._has_ended = self._is_full = False
        self._state: State = "waiting"
        self._before = 0
        self._note = ""
        self._entries: list[Entry] = []
        self._progress = Progress(0, len(order.items), unit="rows")
        check_limits(order.items)
        self._hold(size_of(order.items))
        self._thread = threading.Thread(target=self._run, name="batch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def cancel(self) -> None:
        """Stop after the block that is at work; the rows so far stay."""
        self._stop.set()

    def close(self) -> None:
        """Stop, and let go of all."""
        self._stop.set()
        with self._lock:
            self._is_closed = True
            if self._has_ended:
                self._free()

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended, at most for so long; say whether it has."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def view(self) -> JobView:
        """Where it stands now."""
        with self._lock:
            return JobView(
                self._state, self._stop.is_set(), self._before, self._progress,
                tuple(self._entries), self._note,
            )  # fmt: skip

    def _run(self) -> None:
        try:
            with BATCHES.turn(self, self._wait_for):
                with self._lock:
                    self._state = "running"
                self._score(self._unpacked())
            self._end("cancelled" if self._stop.is_set() else "done")
        except _Cancelled:
            self._end("cancelled")
        except XrayAppError as error:
            self._end("failed", str(error))
        except Exception as error:  # noqa: BLE001 - a thread has no frame above it to say so
            logging.getLogger(__name__).warning("A batch stopped: %s", type(error).__name__)
            self._end("failed", "Something unexpected stopped the batch; try it again.")
        finally:
            with self._lock:
                self._has_ended = True
                if self._is_closed:
                    self._free()

    def _score(self, items: tuple[Item, ...]) -> None:
        options = BatchOptions(
            self.order.scheme, _WORKERS, self.order.overlays, preview_pixels=THUMBNAIL_PIXELS
        )
        meter = Meter(left=len(items), unit="rows")
        by_name = {item.name: item for item in items}
        rows = score_all(self._engine, items, options, self._stop.is_set)
        with closing(rows):
            for scored in rows:
                self._look()
                self._append(by_name[scored.row.name], scored, meter)
                if len(self._entries) >= MAX_ROWS:
                    self._remark(f"Stopped at {MAX_ROWS:,} rows, the most that a visitor gets.")
                    return

    def _append(self, item: Item, scored: Scored, meter: Meter) -> None:
        overlay = self._kept_overlay(scored.overlay)
        small = "" if scored.preview is None else thumbnail(scored.preview)
        with self._lock:
            number = len(self._entries) + 1
            self._entries.append(Entry(number, item, scored.row, small, overlay))
            self._progress = meter.advance(finished=int(scored.is_last))

    def _kept_overlay(self, overlay: NDArray[np.uint8] | None) -> bytes | None:
        if overlay is None or self._is_full:
            return None
        data = encode_png(overlay)
        self._is_full = self._overlay_bytes + len(data) > MAX_OVERLAY_BYTES
        try:
            if not self._is_full:
                self._hold(len(data))
        except ServerBusy:
            self._is_full = True
        if self._is_full:
            self._remark(f"Memory was left for the first {len(self._entries)} rows' overlays only.")
            return None
        self._overlay_bytes += len(data)
        return data

    def _unpacked(self) -> tuple[Item, ...]:
        """The files, those in archives included, each under a name of its own."""
        with patient_turn(READERS, self, self._look):
            found: list[Item] = []
            for item in self.order.items:
                found += expanded(item)
                # After each, for many small archives can hold more than there is memory.
                check_limits(found)
                self._hold(max(0, size_of(found) - self._held))
        items = distinct(found)
        with self._lock:
            self.order = replace(self.order, items=items)
            self._progress = Progress(0, len(items), unit="rows")
        return items

    def _hold(self, size: int) -> None:
        self._budget.take(size)
        self._held += size

    def _free(self) -> None:
        self._budget.give_back(self._held)
        self._held = 0
        self._entries.clear()
        self.order = replace(self.order, items=())

    def _end(self, state: State, note: str = "") -> None:
        with self._lock:
            self._state = state
            self._note = note or self._note

    def _remark(self, note: str) -> None:
        with self._lock:
            self._note = f"{self._note} {note}".strip()

    def _wait_for(self, before: int) -> None:
        self._before = before
        self._look()

    def _look(self) -> None:
        if self._stop.is_set():
            raise _Cancelled
