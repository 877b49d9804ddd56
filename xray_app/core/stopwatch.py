"""How long each part of a job took."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Stopwatch:
    """Collects wall-clock milliseconds by part, in the order in which the parts ended.

    Args:
        before: what parts that ended earlier took.
    """

    def __init__(self, before: Mapping[str, float] | None = None) -> None:
        self.times_ms = dict(before or {})

    @contextmanager
    def measure(self, part: str) -> Iterator[None]:
        """Add the milliseconds that the body of a ``with`` statement takes to ``part``.

        >>> watch = Stopwatch({"decode": 40.0})
        >>> with watch.measure("decode"):
        ...     pass
        >>> list(watch.times_ms), watch.times_ms["decode"] >= 40.0
        (['decode'], True)
        """
        start = time.perf_counter()
        yield
        took = 1000.0 * (time.perf_counter() - start)
        self.times_ms[part] = self.times_ms.get(part, 0.0) + took
