"""Throughput of ``batch`` beside the bare engine's, in one run; and what follows for many studies.

    python -m benchmarks.batch small=PATH full=PATH [--images N] [--rounds R] [--scale OUT.md]

Each PATH is a folder or zip of radiographs. The bare engine gets arrays that are ready, at each
batch size, with all cores for one pass and with as many passes at a time as there are cores;
``batch`` gets files, and reads, decodes, resizes, scores, judges and writes them. They take turns,
so that all see the same machine. ``--scale`` writes what the measured rates mean for ten thousand
to ten million studies.
"""

import argparse
import contextlib
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from statistics import mean, median

import psutil

from benchmarks.scale import Measured, scale_markdown
from xray_app.batch import BatchOptions, Item, Pipeline, find_inputs, score_all, table_bytes
from xray_app.cards import model_inputs, to_model_size, trained_scheme
from xray_app.core import FloatArray, processors
from xray_app.core.images import encode_png
from xray_app.engines import Engine, default_model, open_engine
from xray_app.readers import read_radiograph

SIZES = (1, 2, 4, 8, 16)
_READY = 64


@dataclass(frozen=True)
class Cost:
    """Wall-clock and processor milliseconds of one image; children are counted."""

    wall_ms: float
    cpu_ms: float


class Stopwatch:
    """Times a stretch of work, in this process and in those below it."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), _cpu_seconds()

    def cost(self, images: int) -> Cost:
        """Of one image since the start."""
        wall, cpu = time.perf_counter() - self._wall, _cpu_seconds() - self._cpu
        return Cost(1000 * wall / images, 1000 * cpu / images)


def _cpu_seconds() -> float:
    """Of this process and of those below it; a decoding process counts the forks it has ended."""
    own = psutil.Process()
    total = sum(own.cpu_times()[:2])
    for process in own.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])
    return total


def ready_images(engine: Engine, items: Sequence[Item]) -> FloatArray:
    """(N, H, W, 3) as the engine receives them under the training scheme."""
    radiographs = (read_radiograph(i.read()) for i in islice(cycle(items), _READY))
    return model_inputs(engine.card, (to_model_size(engine.card, r) for r in radiographs))


def bare(engine: Engine, images: FloatArray, size: int, callers: int = 1) -> Cost:
    """The engine alone, at one batch size."""
    parts = [images[start : start + size] for start in range(0, len(images), size)]
    with ThreadPoolExecutor(callers) as threads:
        watch = Stopwatch()
        for _ in threads.map(engine.forward, parts):
            pass
        return watch.cost(len(images))


def warm_batch(engine: Engine, items: Sequence[Item], options: BatchOptions) -> Cost:
    """Files to rows with the processes running already, as in the midst of a long batch."""
    with closing(Pipeline(engine, options)) as pipeline:
        for _ in pipeline.score(items[: 16 * (options.processes + 2)]):
            pass
        watch = Stopwatch()
        for _ in pipeline.score(items):
            pass
        return watch.cost(len(items))


def sizes_on_disk(engine: Engine, items: Sequence[Item]) -> tuple[float, float, float]:
    """Bytes a row in Parquet and in CSV, and bytes an overlay."""
    found = list(score_all(engine, items, BatchOptions(saliency=True)))
    rows, scheme = [scored.row for scored in found], trained_scheme(engine.card).name
    parquet, text = (table_bytes(k, rows, engine.card, scheme) for k in (".parquet", ".csv"))
    # A file that is here twice has one overlay.
    overlays = {s.row.id: len(encode_png(s.overlay)) for s in found if s.overlay is not None}
    return len(parquet) / len(rows), len(text) / len(rows), mean(overlays.values())


def measure(model: str, label: str, path: str, images: int, rounds: int) -> Measured:
    """All figures of one set of files."""
    with closing(open_engine(model)) as whole, closing(open_engine(model, one_core=True)) as apart:
        return _measure(whole, apart, label, path, images, rounds)


def _measure(
    whole: Engine, engine: Engine, label: str, path: str, images: int, rounds: int
) -> Measured:
    known = list(find_inputs([path]))
    items = list(islice(cycle(known), images))
    ready = ready_images(engine, known)
    options = BatchOptions(passes=processors())
    ways = {
        f"{callers} × {size}": (one, size, callers)
        for one, callers in ((whole, 1), (engine, options.passes))
        for size in SIZES
    }
    alone: dict[str, list[Cost]] = {way: [] for way in ways}
    through: list[Cost] = []
    for one in (whole, engine):
        bare(one, ready, 1)
    for _ in range(rounds):
        for way, (one, size, callers) in ways.items():
            alone[way].append(bare(one, ready, size, callers))
        through.append(warm_batch(engine, items, options))
    best = min(ways, key=lambda way: median(c.wall_ms for c in alone[way]))
    ratio = median(t.wall_ms / a.wall_ms for t, a in zip(through, alone[best], strict=True))
    parquet, text, overlay = sizes_on_disk(engine, items[:200])
    return Measured(
        label=label,
        files=len(known),
        file_bytes=sum(len(i.read()) for i in known[:200]) / min(200, len(known)),
        cores=options.processes,
        bare_ms={way: median(c.wall_ms for c in costs) for way, costs in alone.items()},
        best=best,
        bare_cpu_ms=median(c.cpu_ms for c in alone[best]),
        batch_ms=median(c.wall_ms for c in through),
        batch_cpu_ms=median(c.cpu_ms for c in through),
        ratio=ratio,
        parquet_bytes=parquet,
        csv_bytes=text,
        overlay_bytes=overlay,
    )


def main() -> None:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="+", metavar="LABEL=PATH")
    parser.add_argument("--images", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=Path, metavar="OUT.md")
    options = parser.parse_args()
    found = [
        measure(default_model(), label, path, options.images, options.rounds)
        for label, path in (data.split("=", 1) for data in options.data)
    ]
    most = max(found, key=lambda one: one.files)  # rows of repeated files compress too well
    rows = {"parquet_bytes": most.parquet_bytes, "csv_bytes": most.csv_bytes}
    found = [replace(one, **rows) for one in found]
    for one in found:
        print(one.markdown())
    if options.scale is not None:
        options.scale.write_text(scale_markdown(found))


if __name__ == "__main__":
    main()
