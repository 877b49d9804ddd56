"""How long each part of a job took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Collects wall-clock milliseconds by part, in the order in which the parts ended."""

    def __init__(self) -> None:
        self.times_ms: dict[str, float] = {}

    @contextmanager
    def measure(self, part: str) -> Iterator[None]:
        """Add the time that the body of a ``with`` statement takes to ``part``."""
        start = time.perf_counter()
        yield
        took = 1000.0 * (time.perf_counter() - start)
        self.times_ms[part] = self.times_ms.get(part, 0.0) + took
