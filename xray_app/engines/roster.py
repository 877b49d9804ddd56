"""How many engines hold a process at a time: idle ones rest when others are asked."""

import threading
import time
from typing import Protocol
from weakref import WeakKeyDictionary


class Resting(Protocol):
    """What holds a process that it can start again."""

    def rest(self) -> bool:
        """End the process if nobody waits for it; say whether it has none now."""


class Roster:
    """Keeps the number of processes bounded without taking any away from whoever uses it.

    Where all are in use there are more for a while, at most one for each model. Safe with threads.

    Args:
        most: processes at a time.
        idle_seconds: after its last use that one counts as idle; a map takes many calls.
    """

    def __init__(self, most: int, idle_seconds: float) -> None:
        self._most = most
        self._idle_seconds = idle_seconds
        self._used: WeakKeyDictionary[Resting, float] = WeakKeyDictionary()  # the oldest use first
        self._lock = threading.Lock()

    def enter(self, engine: Resting) -> None:
        """Make room for the process of ``engine``, which is about to start."""
        with self._lock:
            others = [(other, used) for other, used in self._used.items() if other is not engine]
            too_many = len(others) + 1 - self._most
            for other, used in others:
                is_idle = time.monotonic() - used >= self._idle_seconds
                if too_many > 0 and is_idle and other.rest():
                    del self._used[other]
                    too_many -= 1
            self._note(engine)

    def touch(self, engine: Resting) -> None:
        """Note that ``engine`` is used now."""
        with self._lock:
            self._note(engine)

    def leave(self, engine: Resting) -> None:
        """Note that ``engine`` holds no process any more."""
        with self._lock:
            self._used.pop(engine, None)

    def _note(self, engine: Resting) -> None:
        self._used.pop(engine, None)
        self._used[engine] = time.monotonic()
