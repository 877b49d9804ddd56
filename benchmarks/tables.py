"""Measuring, and tables in Markdown."""

import os
import platform
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def machine() -> str:
    """Processor, cores and how busy they were in the last minute."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.is_file() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.processor()
    busy = os.getloadavg()[0]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {processor}, {os.cpu_count()} cores, "
        f"{busy:.1f} processes at work in the minute before"
    )


def milliseconds(job: Callable[[], Any]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    job()
    return 1000.0 * (time.perf_counter() - start)


def in_turn(jobs: Mapping[str, Callable[[], Any]], repeats: int) -> dict[str, list[float]]:
    """Run the jobs one after another again and again, so that all see the same machine.

    Each runs twice in a row and the second time counts: the processor's caches then hold what it
    needs itself, not what the job before it left.

    Returns:
        The milliseconds of each.
    """
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(repeats):
        for name, job in jobs.items():
            job()
            times[name].append(milliseconds(job))
    return times


def time_and_memory(command: Sequence[str]) -> tuple[float, float]:
    """Seconds and peak resident megabytes of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[:4]} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
