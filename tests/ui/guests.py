"""Somebody in a queue, for tests of the queue and of the page that waits in it."""

import threading
import time
from collections.abc import Callable

from xray_app.ui.session.fair_queue import FairQueue

PATIENCE = 20.0


class Guest(threading.Thread):
    """Somebody in a queue; works until told to go."""

    def __init__(self, queue: FairQueue, name: str, order: list[str]) -> None:
        super().__init__(daemon=True)
        self.queue, self.visitor, self.order = queue, name, order
        self.told: list[int] = []
        self.working, self.go = threading.Event(), threading.Event()
        self.leave = threading.Event()

    def run(self) -> None:
        try:
            with self.queue.turn(self.visitor, self._wait):
                self.order.append(self.visitor)
                self.working.set()
                assert self.go.wait(PATIENCE)
        except ConnectionError:
            pass

    def _wait(self, before: int) -> None:
        self.told.append(before)
        if self.leave.is_set():
            raise ConnectionError


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def arrive(queue: FairQueue, names: str, order: list[str]) -> list[Guest]:
    """Guests who come one after another; each has its place before the next comes."""
    guests = []
    for name in names:
        guest = Guest(queue, name, order)
        guest.start()
        until(lambda g=guest: g.working.is_set() or bool(g.told))
        guests.append(guest)
    return guests
