"""Speed and memory beside peers, in one run: medians and ratios, as Markdown.

    python -m benchmarks.speed [--repeats N] [--cold N] [--quick] [--write FILE]

1. A cold ``predict`` beside a minimal Keras script: time and peak memory.
2. A warm diagnosis (decode, scheme, prediction, Grad-CAM, gate, contract, histograms) beside the
   bare ONNX pass, a traced ``tf.function`` and the textbook Keras way. Nothing is kept between two
   diagnoses.
3. All schemes beside one diagnosis.
4. Growth with the size of the image and with the batch.
5. Throughput of ``batch`` beside the bare engine's (``python -m benchmarks.batch``).
6. The live app (``python -m benchmarks.app``).
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.batch import measure
from benchmarks.browser import measured
from benchmarks.images import enlarged
from benchmarks.peers import MINIMAL_SCRIPT, textbook, traced
from benchmarks.tables import in_turn, machine, table, time_and_memory
from xray_app.diagnosis import (
    Choices,
    compare,
    compare_with,
    diagnose,
    feed_as_trained,
    grid_for,
)
from xray_app.engines import default_model, find_card, open_engine, verified_weights
from xray_app.engines.keras import TensorFlowEngine
from xray_app.engines.onnx import OnnxEngine
from xray_app.readers import read_radiograph
from xray_app.samples import list_samples, read_sample

_ELSEWHERE = "Many visitors: [load.md](load.md). A batch of real files: [scale.md](scale.md)."
MEGAPIXELS = (0.5, 2, 8, 32, 63.9)  # 64 million pixels is the limit


def cold(repeats: int) -> str:
    """Part 1: each in a process of its own, alternating, on one file.

    A built-in sample needs no decoding process, which a file starts.
    """
    card = find_card(default_model())
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "sample.png"
        image.write_bytes(read_sample(list_samples()[0]))
        commands = {
            "predict": [sys.executable, "-m", "xray_app", "predict", str(image), "--json"],
            "compare": [sys.executable, "-m", "xray_app", "compare", str(image), "--json"],
            "minimal Keras script": [
                sys.executable, "-c", MINIMAL_SCRIPT, str(verified_weights(card)), str(image),
                str(card.input.height)
            ],
        }  # fmt: skip
        runs: dict[str, list[tuple[float, float]]] = {n: [] for n in commands}
        for _ in range(repeats):
            for n, command in commands.items():
                runs[n].append(time_and_memory(command))
    rows = [(n, *(median(column) for column in zip(*r, strict=True))) for n, r in runs.items()]
    base = rows[-1]
    return table(
        ("cold", "s", "fraction", "peak MB", "fraction"),
        [
            (n, f"{s:.2f}", f"{s / base[1]:.2f}", f"{mb:.0f}", f"{mb / base[2]:.2f}")
            for n, s, mb in rows
        ],
    )


def warm(engine: OnnxEngine, repeats: int) -> Iterator[str]:
    """Part 2; the ratio is the median of those of one round each."""
    weights, sample = verified_weights(engine.card), read_sample(list_samples()[0])
    peers = {"traced": traced(engine.card, weights), "textbook": textbook(engine.card, weights)}
    tensorflow = TensorFlowEngine.load(engine.card, weights)
    for label, data in (
        ("sample, 224-pixel PNG", sample),
        ("2050-pixel PNG", enlarged(sample, 2050)),
        ("2050-pixel JPEG", enlarged(sample, 2050, "JPEG")),
    ):
        batch = feed_as_trained(engine, read_radiograph(data)).model_input.array[np.newaxis]
        jobs: dict[str, Callable[[], Any]] = {
            "bare ONNX pass": lambda batch=batch: engine.run_graph(batch),
            "diagnosis, as trained": lambda data=data: diagnose(
                engine, read_radiograph(data), Choices()
            ),
            "diagnosis under another scheme": lambda data=data: diagnose(
                engine, read_radiograph(data), Choices(scheme="rescale")
            ),
            "diagnosis, as trained, by a traced tf.function": lambda data=data: diagnose(
                tensorflow, read_radiograph(data), Choices()
            ),
            "traced tf.function of pass and Grad-CAM alone": lambda data=data: peers["traced"](
                data
            ),
            "textbook Keras": lambda data=data: peers["textbook"](data),
        }
        found = in_turn(jobs, repeats)
        base = found["diagnosis, as trained"]
        yield table(
            (f"warm, {label} ({len(data) / 1e6:.2f} MB)", "ms", "times the diagnosis"),
            [
                (
                    n,
                    f"{median(t):.1f}",
                    f"{median(a / b for a, b in zip(t, base, strict=True)):.2f}",
                )
                for n, t in found.items()
            ],
        )
        of_bare = [a / b for a, b in zip(base, found["bare ONNX pass"], strict=True)]
        yield (f"The diagnosis takes {median(of_bare):.2f} times the bare pass.")


def every_scheme(engine: OnnxEngine, repeats: int) -> str:
    """Part 3."""
    radiograph = read_radiograph(read_sample(list_samples()[0]))
    reference = feed_as_trained(engine, radiograph)
    names = grid_for(engine.card).names
    batch = np.repeat(reference.model_input.array[np.newaxis], len(names), axis=0)
    found = in_turn(
        {
            "one diagnosis": lambda: diagnose(engine, radiograph, Choices()),
            f"{len(names)} bare passes, the floor": lambda: engine.run_graph(batch),
            "the grid, with heatmaps": lambda: compare(engine, radiograph, names),
            "the grid after a diagnosis": lambda: compare_with(engine, reference, names),
        },
        repeats,
    )
    floor = found[f"{len(names)} bare passes, the floor"]
    return table(
        ("warm, decoding left out", "ms", "times the floor"),
        [
            (n, f"{median(t):.1f}", f"{median(a / b for a, b in zip(t, floor, strict=True)):.2f}")
            for n, t in found.items()
        ],
    )


def growth(engine: OnnxEngine, repeats: int, sizes: Sequence[float]) -> Iterator[str]:
    """Part 4."""
    sample = read_sample(list_samples()[0])
    rows = []
    for megapixels in sizes:
        data = enlarged(sample, int((megapixels * 1e6) ** 0.5))
        jobs = {
            "read": lambda data=data: read_radiograph(data),
            "all": lambda data=data: diagnose(engine, read_radiograph(data), Choices()),
        }
        found = in_turn(jobs, 3)
        rows.append((f"{megapixels:g}", *(f"{median(t):.0f}" for t in found.values())))
    yield table(("megapixels, PNG", "reading, ms", "reading and diagnosis, ms"), rows)
    size = engine.card.input
    shape = size.height, size.width, 3
    batches = {count: np.zeros((count, *shape), np.float32) for count in (1, 4, 16, 64)}
    rows = []
    for count, batch in batches.items():
        (times,) = in_turn({"": lambda batch=batch: engine.forward(batch)}, repeats).values()
        rows.append((str(count), f"{median(times) / count:.1f}"))
    yield table(("batch of", "ms an image"), rows)


def throughput(images: int) -> str:
    """Part 5: the samples, as they are and enlarged to the size of a common radiograph."""
    samples = {name: read_sample(name) for name in list_samples()}
    sets = {
        "224-pixel PNG": samples,
        "1300-pixel JPEG": {n: enlarged(data, 1300, "JPEG") for n, data in samples.items()},
    }
    rows = []
    for label, files in sets.items():
        with tempfile.TemporaryDirectory() as folder:
            for name, data in files.items():
                (Path(folder) / name).write_bytes(data)
            found = measure(default_model(), label, folder, images, 3)
        rows.append(
            (
                label,
                f"{1000 / found.batch_ms:.1f}",
                f"{found.bare_ms[found.best]:.1f}",
                f"{found.batch_ms:.1f}",
                f"{found.ratio:.2f}",
            )
        )
    return table(
        ("`batch`, files to rows", "rows/s", "bare, ms a row", "ms a row", "times the bare engine"),
        rows,
    )


def parts(repeats: int, colds: int, *, quick: bool) -> Iterator[str]:
    """Measure one part after another; the cold one before this process holds TensorFlow."""
    yield (
        "# Speed and memory\n\n"
        f"Medians of one run: {machine()}. Written by `python -m benchmarks.speed --write FILE`. "
        "Compare within a table, not between runs."
    )
    yield cold(colds)
    with closing(open_engine(default_model())) as engine:
        if not isinstance(engine, OnnxEngine):
            raise SystemExit("This measures the exported graph: run `python -m xray_app export`.")
        yield every_scheme(engine, max(5, repeats // 2))
        yield from growth(engine, max(3, repeats // 5), (0.5, 2, 8) if quick else MEGAPIXELS)
        yield throughput(100 if quick else 300)
        if not quick:
            from benchmarks import app

            yield measured("The live app's start", lambda: app.measure_starts(colds))
            yield app.measure_clicks(max(20, repeats))
            yield app.measure_imports()
        yield from warm(engine, repeats)


def main() -> None:
    """Run all parts, print them, and write them where asked."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--cold", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="no live app, no large images")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the Markdown here too")
    options = parser.parse_args()
    start = time.perf_counter()
    blocks = []
    for block in parts(options.repeats, options.cold, quick=options.quick):
        print(block, "\n", flush=True)
        blocks.append(block)
    blocks.append(f"All of this took {time.perf_counter() - start:.0f} s. {_ELSEWHERE}")
    if options.write:
        options.write.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
