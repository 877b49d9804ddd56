"""Work done ahead by threads, given in order."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def made_ahead(
    make: Callable[[Item], Result], items: Iterable[Item], workers: int
) -> Generator[Result]:
    """Yield ``make(item)`` for each item in order; at most two more are made than are waited for.

    What ``make`` raises comes at its item's turn. An iterator that is closed early waits for what
    is being made.

    Args:
        make: safe with threads where ``workers`` is more than one.
        items: read as they are needed; may be endless.
        workers: how many threads.

    >>> list(made_ahead(str.upper, ["a", "b", "c"], workers=2))
    ['A', 'B', 'C']
    """
    with ThreadPoolExecutor(max(1, workers)) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(make, item))
                if len(waiting) > workers + 1:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
