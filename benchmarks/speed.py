"""Speed and memory beside peers, in one run: medians and ratios, as Markdown.

    python -m benchmarks.speed [--repeats N] [--cold N]

1. A warm diagnosis (decode, scheme, prediction, Grad-CAM, contract, histograms) beside the textbook
   Keras way, the same traced, and the bare forward pass.
2. A cold ``predict`` beside a minimal Keras script: time and peak memory.
3. Growth with the size of the image and with the batch.
"""

import argparse
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.peers import MINIMAL_SCRIPT, textbook, traced
from xray_app.core.normalization import normalize, parse_scheme
from xray_app.core.resampling import resize
from xray_app.engines.catalogue import find_card, list_models, open_engine, verified_weights
from xray_app.readers import read_radiograph
from xray_app.samples.catalogue import list_samples, read_sample
from xray_app.services.diagnosis import diagnose
from xray_app.services.passes import Choices


def milliseconds(job: Callable[[], Any]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    job()
    return 1000.0 * (time.perf_counter() - start)


def medians(jobs: dict[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """Run the jobs in turn, so that all see the same machine; medians in milliseconds."""
    for job in jobs.values():
        job()
        job()
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(repeats):
        for name, job in jobs.items():
            times[name].append(milliseconds(job))
    return {name: median(values) for name, values in times.items()}


def enlarged(sample: bytes, side: int) -> bytes:
    """A PNG of side x side pixels with film grain, so that it compresses like a radiograph."""
    gray = (
        Image.open(io.BytesIO(sample)).convert("L").resize((side, side), Image.Resampling.BICUBIC)
    )
    grain = np.random.default_rng(0).normal(0, 2, (side, side))
    noisy = np.clip(np.asarray(gray) + grain, 0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noisy).save(buffer, "PNG")
    return buffer.getvalue()


def warm(repeats: int) -> None:
    """Part 1."""
    card = find_card(list_models()[0])
    weights, sample = verified_weights(card), read_sample(list_samples()[0])
    peers = {"traced": traced(card, weights), "textbook": textbook(card, weights)}
    with closing(open_engine(card.name)) as engine:
        for label, data in (("224-pixel PNG", sample), ("1500-pixel PNG", enlarged(sample, 1500))):
            display = resize(read_radiograph(data).display, card.input.height, card.input.width)
            batch = normalize(display, parse_scheme(card.contract.scheme)).array[np.newaxis]
            jobs: dict[str, Callable[[], Any]] = {
                "bare forward pass": lambda batch=batch: engine.forward(batch),
                "diagnosis": lambda data=data: diagnose(engine, read_radiograph(data), Choices()),
                "traced tf.function": lambda data=data: peers["traced"](data),
                "textbook Keras": lambda data=data: peers["textbook"](data),
            }
            found = medians(jobs, repeats)
            table(
                ("warm, " + label + f" ({len(data) / 1e6:.2f} MB)", "ms", "times the diagnosis"),
                [(n, f"{t:.1f}", f"{t / found['diagnosis']:.2f}") for n, t in found.items()],
            )


def cold(repeats: int) -> None:
    """Part 2: each in a process of its own, alternating."""
    card = find_card(list_models()[0])
    name = list_samples()[0]
    with tempfile.TemporaryDirectory() as folder:
        image = Path(folder) / "sample.png"
        image.write_bytes(read_sample(name))
        commands = {
            "predict": [sys.executable, "-m", "xray_app", "predict", f"sample:{name}", "--json"],
            "minimal Keras script": [
                sys.executable, "-c", MINIMAL_SCRIPT, str(verified_weights(card)), str(image)
            ],
        }  # fmt: skip
        runs = {n: [] for n in commands}  # type: dict[str, list[tuple[float, float]]]
        for _ in range(repeats):
            for n, command in commands.items():
                runs[n].append(time_and_memory(command))
    rows = [(n, *(median(column) for column in zip(*r, strict=True))) for n, r in runs.items()]
    base = rows[-1]
    table(
        ("cold", "s", "share", "peak MB", "share"),
        [
            (n, f"{s:.2f}", f"{s / base[1]:.2f}", f"{mb:.0f}", f"{mb / base[2]:.2f}")
            for n, s, mb in rows
        ],
    )


def time_and_memory(command: Sequence[str]) -> tuple[float, float]:
    """Seconds and peak resident megabytes of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command[:4]} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def growth(repeats: int) -> None:
    """Part 3."""
    sample = read_sample(list_samples()[0])
    with closing(open_engine(list_models()[0])) as engine:
        rows = []
        for megapixels in (0.5, 2, 8, 32):
            data = enlarged(sample, round((megapixels * 1e6) ** 0.5))
            job = {"job": lambda data=data: diagnose(engine, read_radiograph(data), Choices())}
            rows.append(
                (f"{megapixels:g} megapixels", f"{medians(job, max(3, repeats // 5))['job']:.0f}")
            )
        table(("diagnosis of a PNG", "ms"), rows)
        size = engine.card.input
        rows = []
        for count in (1, 4, 16, 64):
            batch = np.zeros((count, size.height, size.width, 3), np.float32)
            job = {"job": lambda batch=batch: engine.forward(batch)}
            rows.append((str(count), f"{medians(job, max(3, repeats // 5))['job'] / count:.1f}"))
        table(("batch of", "ms an image"), rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table."""
    print(f"\n| {' | '.join(head)} |\n|{' --- |' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")


def main() -> None:
    """Run all parts; the cold one first, before this process holds TensorFlow."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=25)
    parser.add_argument("--cold", type=int, default=5)
    options = parser.parse_args()
    cold(options.cold)
    growth(options.repeats)
    warm(options.repeats)


if __name__ == "__main__":
    main()
