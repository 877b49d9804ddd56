"""Measuring in turn, and tables in Markdown."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def milliseconds(job: Callable[[], Any]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    job()
    return 1000.0 * (time.perf_counter() - start)


def in_turn(jobs: Mapping[str, Callable[[], Any]], repeats: int) -> dict[str, list[float]]:
    """Run the jobs one after another again and again, so that all see the same machine.

    Returns:
        The milliseconds of each, without the first two rounds.
    """
    for _ in range(2):
        for job in jobs.values():
            job()
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(repeats):
        for name, job in jobs.items():
            times[name].append(milliseconds(job))
    return times


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
