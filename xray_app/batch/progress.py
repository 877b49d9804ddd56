"""How far a batch is, how fast, and how long it will still take."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

_WINDOW_SECONDS = 30.0
_MARK_SECONDS = 0.5  # a rate over less time would be a guess


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a batch stands.

    Attributes:
        done: rows that are there, those of an interrupted run included.
        total: rows that there will be, as far as is known; None if nobody counted.
        rate: rows a second, over the last half minute; 0 in the first half second.
        seconds_left: None if the total or the rate isn't known.
    """

    done: int
    total: int | None
    rate: float
    seconds_left: float | None

    def text(self) -> str:
        """As one line."""
        share = f"{self.done} rows" if self.total is None else f"{self.done} of {self.total} rows"
        left = "" if self.seconds_left is None else f", {_duration(self.seconds_left)} left"
        rate = f", {self.rate:.1f} a second" if self.rate else ""
        return f"{share}{rate}{left}"


class Meter:
    """Makes a ``Progress`` from counts; files with many frames move the total as they show up."""

    def __init__(
        self, files: int | None, done: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Start.

        Args:
            files: how many files there still are to score; None if nobody counted.
            done: rows of an interrupted run.
            clock: seconds.
        """
        self._files_left = files
        self._done = done
        self._clock = clock
        self._marks: deque[tuple[float, int]] = deque()  # from the first row on

    def add(self, is_last: bool) -> Progress:
        """Count one row; ``is_last`` says that its file has no more."""
        self._done += 1
        if is_last and self._files_left is not None:
            self._files_left = max(0, self._files_left - 1)
        now = self._clock()
        if not self._marks or now - self._marks[-1][0] >= _MARK_SECONDS:
            self._marks.append((now, self._done))
        while len(self._marks) > 2 and now - self._marks[0][0] > _WINDOW_SECONDS:
            self._marks.popleft()
        return self._progress(now)

    def _progress(self, now: float) -> Progress:
        since, before = self._marks[0]
        elapsed = now - since
        rate = (self._done - before) / elapsed if elapsed >= _MARK_SECONDS else 0.0
        if self._files_left is None:
            return Progress(self._done, None, rate, None)
        left = self._files_left / rate if rate else None
        return Progress(self._done, self._done + self._files_left, rate, left)


def _duration(seconds: float) -> str:
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {whole % 60:02d} s" if minutes else f"{whole} s"
