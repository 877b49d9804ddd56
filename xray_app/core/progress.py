"""How far a job is: counted, told as one line, and shown on a terminal."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

_WINDOW_SECONDS = 30.0
_MARK_SECONDS = 0.5  # a rate over less time would be a guess
_BAR = 24
_PAUSE_TERMINAL, _PAUSE_LOG = 0.2, 30.0


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of a job.

    Attributes:
        done: what is there, that of an interrupted run included.
        total: what there will be, as far as is known; None if nobody counted.
        rate: units a second, over the last half minute; 0 in the first half second.
        seconds_left: None if the total or the rate isn't known.
        unit: what is counted, such as "images".
        stage: what is being done, in a few words.
        message: a notice that a person should read; the other fields mean nothing then.
    """

    done: int = 0
    total: int | None = None
    rate: float = 0.0
    seconds_left: float | None = None
    unit: str = "images"
    stage: str = ""
    message: str = ""

    @property
    def is_last(self) -> bool:
        """Whether all is done."""
        return self.done == self.total

    def text(self) -> str:
        """Tell it in one line.

        >>> Progress(5, 9, 1.0, 4.0, "rows", "scoring").text()
        'scoring: 5 of 9 rows, 1.0 a second, 4 s left'
        """
        if self.message:
            return self.message
        stage = f"{self.stage}: " if self.stage else ""
        of = "" if self.total is None else f" of {self.total:,}"
        rate = f", {self.rate:,.1f} a second" if self.rate else ""
        left = "" if self.seconds_left is None else f", {_duration(self.seconds_left)} left"
        return f"{stage}{self.done:,}{of} {self.unit}{rate}{left}"


Reporter = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Report nothing.

    >>> silent(Progress(1, 2))
    """


class Meter:
    """Counts what is done and reports the rate and the time left.

    Args:
        report: is told of every step.
        left: how much there still is to do; None if nobody counted.
        done: what an interrupted run did.
        unit: what is counted.
        clock: seconds.
    """

    def __init__(
        self,
        report: Reporter = silent,
        left: int | None = None,
        done: int = 0,
        unit: str = "images",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._report, self._clock, self._unit = report, clock, unit
        self._left, self._done = left, done
        self._marks: deque[tuple[float, int]] = deque()

    def expect(self, left: int) -> None:
        """Set how much there is to do, and start the clock."""
        self._left = left
        self._marks = deque([(self._clock(), self._done)])

    def skip(self, count: int) -> None:
        """Count what an earlier process did, so that it doesn't raise the rate."""
        self._count(count, count)
        self._marks = deque((when, done + count) for when, done in self._marks)

    def advance(self, count: int = 1, finished: int | None = None, stage: str = "") -> Progress:
        """Count what was done just now, and report.

        Args:
            count: how much is there now.
            finished: by how much less there is to do, where that is another number, as for a
                file whose further frames nobody expected.
            stage: what is being done.
        """
        self._count(count, count if finished is None else finished)
        now = self._clock()
        if not self._marks or now - self._marks[-1][0] >= _MARK_SECONDS:
            self._marks.append((now, self._done))
        while len(self._marks) > 2 and now - self._marks[0][0] > _WINDOW_SECONDS:
            self._marks.popleft()
        progress = self._progress(now, stage)
        self._report(progress)
        return progress

    def say(self, message: str) -> None:
        """Report a notice."""
        self._report(Progress(message=message))

    def _count(self, count: int, finished: int) -> None:
        self._done += count
        if self._left is not None:
            self._left = max(0, self._left - finished)

    def _progress(self, now: float, stage: str) -> Progress:
        since, before = self._marks[0]
        elapsed = now - since
        rate = (self._done - before) / elapsed if elapsed >= _MARK_SECONDS else 0.0
        total = None if self._left is None else self._done + self._left
        left = None if self._left is None or not rate else self._left / rate
        return Progress(self._done, total, rate, left, self._unit, stage)


class TerminalProgress:
    """Keeps one line up to date on a terminal; in a log, adds a line every half minute.

    A job of less than that leaves no line in a log.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._live = stream.isatty()
        self._pause = _PAUSE_TERMINAL if self._live else _PAUSE_LOG
        self._next = clock() + (0.0 if self._live else self._pause)
        self._is_open = False

    def __call__(self, progress: Progress) -> None:
        """Show a moment of a job, unless the last one was shown only just now."""
        if progress.message:
            self.end()
            self._stream.write(f"{progress.message}\n")
        elif self._clock() >= self._next or (self._live and progress.is_last):
            self._next = self._clock() + self._pause
            self._stream.write(self._line(progress))
            self._is_open = self._live and not progress.is_last
        self._stream.flush()

    def end(self) -> None:
        """Leave the line, wherever the job stopped."""
        if self._is_open:
            self._stream.write("\n")
            self._is_open = False

    def _line(self, progress: Progress) -> str:
        if not self._live:
            return f"{progress.text()}\n"
        full = round(_BAR * progress.done / progress.total) if progress.total else 0
        bar = f"[{'#' * full}{' ' * (_BAR - full)}] "
        return f"\r\x1b[K{bar}{progress.text()}" + ("\n" if progress.is_last else "")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
