"""How far a command is, for a progress bar or a log."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True, slots=True)
class Progress:
    """A moment of a run.

    Attributes:
        stage: what is being done, in a few words.
        done, total: training images.
        rate: training images per second since this process started.
        seconds_left: at that rate; None before the first step.
        message: a notice that a person should read, mostly empty.
    """

    stage: str
    done: int = 0
    total: int = 0
    rate: float = 0.0
    seconds_left: float | None = None
    message: str = ""

    def line(self) -> str:
        """One line for a terminal."""
        if self.message:
            return self.message
        share = self.done / self.total if self.total else 0.0
        left = "" if self.seconds_left is None else f", {_duration(self.seconds_left)} left"
        return f"{self.stage}: {share:.1%}, {self.rate:,.0f} images/s{left}"


Reporter = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Report nothing."""


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


class Meter:
    """Counts training images and reports the rate and the time left."""

    def __init__(self, report: Reporter, clock: Callable[[], float] = time.monotonic) -> None:
        self._report, self._clock = report, clock
        self._total = self._skipped = self._done = 0
        self._start = clock()

    def expect(self, images: int) -> None:
        """Set the total and start the clock."""
        self._total, self._start = images, self._clock()

    def skip(self, images: int) -> None:
        """Count images of work that an earlier process did, so that they don't raise the rate."""
        self._skipped += images

    def advance(self, stage: str, images: int) -> None:
        """Count images of work done now, and report."""
        self._done += images
        rate = self._done / max(self._clock() - self._start, 1e-9)
        total = max(self._total, self._skipped + self._done)
        left = (total - self._skipped - self._done) / rate if self._done else None
        self._report(Progress(stage, self._skipped + self._done, total, rate, left))

    def say(self, message: str) -> None:
        """Report a notice."""
        self._report(Progress("notice", message=message))


class TerminalProgress:
    """Keeps one line up to date on a terminal; in a log, adds a line every half minute."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._live = stream.isatty()
        self._pause = 0.2 if self._live else 30.0
        self._next = clock()

    def __call__(self, progress: Progress) -> None:
        """Show a moment of a run, unless the last one was shown only just now."""
        if progress.message:
            self._stream.write(f"{progress.message}\n")
        elif self._clock() >= self._next or progress.done == progress.total:
            self._next = self._clock() + self._pause
            start = "\r\x1b[K" if self._live else ""
            end = "" if self._live and progress.done < progress.total else "\n"
            self._stream.write(f"{start}{progress.line()}{end}")
        self._stream.flush()
