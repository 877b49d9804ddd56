"""What each installed model takes: to start, for a diagnosis, of memory; alone and all at once.

    python -m benchmarks.models [--repeats N]

Each model has a process of its own, and then all of them have one together, asked in turn.
"""

import argparse
import json
import subprocess
import sys
import time
from statistics import median
from typing import Any

import psutil

from benchmarks.tables import machine, table
from xray_app.core import Radiograph
from xray_app.diagnosis import Choices, diagnose
from xray_app.engines import Engine, list_models, open_engine
from xray_app.readers import read_radiograph
from xray_app.samples import list_samples, read_sample

_BARE = "no model"


def measured(names: list[str], repeats: int) -> dict[str, Any]:
    """In this process: seconds to open the models, milliseconds a diagnosis of each, megabytes.

    Memory is the process's resident set after all of it, 10**6 bytes.
    """
    radiograph = read_radiograph(read_sample(list_samples()[0]))
    start = time.perf_counter()
    engines = {name: open_engine(name) for name in names}
    opened = time.perf_counter() - start
    for engine in engines.values():
        diagnose(engine, radiograph, Choices())
    times: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(repeats):
        for name, engine in engines.items():
            times[name].append(_milliseconds(engine, radiograph))
    memory = psutil.Process().memory_info().rss / 1e6
    return {"opened": opened, "ms": {n: median(t) for n, t in times.items()}, "memory": memory}


def _milliseconds(engine: Engine, radiograph: Radiograph) -> float:
    start = time.perf_counter()
    diagnose(engine, radiograph, Choices())
    return 1000.0 * (time.perf_counter() - start)


def apart(names: list[str], repeats: int) -> dict[str, Any]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.models", "--repeats", str(repeats), "--only"]
    run = subprocess.run([*command, *names], stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--only", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only is not None:
        print(json.dumps(measured(options.only, options.repeats)))
        return
    names = list(list_models())
    together = apart(names, options.repeats)
    rows = [[_BARE, "", "", "", f"{apart([], 1)['memory']:.0f}"]]
    for name in names:
        alone = apart([name], options.repeats)
        times = f"{alone['ms'][name]:.0f}", f"{together['ms'][name]:.0f}"
        rows.append([f"`{name}`", f"{alone['opened']:.2f}", *times, f"{alone['memory']:.0f}"])
    rows.append(["all of them", f"{together['opened']:.2f}", "", "", f"{together['memory']:.0f}"])
    head = ["model", "opened, s", "diagnosis, ms", "beside the others, ms", "memory, MB"]
    print(f"{machine()}.\n\n{table(head, rows)}")


if __name__ == "__main__":
    main()
