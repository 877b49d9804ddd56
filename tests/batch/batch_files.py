"""Folders of images for the tests of batches, and the command on them."""

import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tests.conftest import ROOT
from xray_app.batch.journal import journal_of
from xray_app.samples.catalogue import list_samples, read_sample

DAMAGES = (
    lambda data: data[: len(data) // 2],
    lambda data: b"",
    lambda data: b"not an image at all",
    lambda data: bytes(len(data)),
    lambda data: b"\xff\xd8\xff" + data[3:40],
)


def perturbed(data: bytes, seed: int) -> bytes:
    """The image with other noise, moved a little: another file, still a radiograph."""
    random = np.random.default_rng(seed)
    gray = np.asarray(Image.open(io.BytesIO(data)).convert("L"), np.float32)
    moved = np.roll(gray, tuple(random.integers(-3, 4, 2)), (0, 1))
    noisy = np.clip(moved + random.normal(0, 3, gray.shape), 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(noisy).save(out, "JPEG", quality=90)
    return out.getvalue()


def make_folder(folder: Path, sources: Sequence[bytes], count: int, damaged: int) -> set[str]:
    """Write ``count`` files; return the names of the ``damaged`` ones, spread evenly."""
    broken = set()
    for number in range(count):
        data = perturbed(sources[number % len(sources)], number)
        path = folder / f"part{number % 3}" / f"image{number:05d}.jpeg"
        path.parent.mkdir(parents=True, exist_ok=True)
        if damaged and number % (count // damaged) == 1:
            data = DAMAGES[len(broken) % len(DAMAGES)](data)
            broken.add(path.as_posix())
        path.write_bytes(data)
    assert len(broken) == damaged
    return broken


def samples() -> list[bytes]:
    return [read_sample(name) for name in list_samples()]


def pages(count: int) -> bytes:
    """A TIFF of several pages, all different."""
    images = [Image.open(io.BytesIO(perturbed(samples()[0], n))) for n in range(count)]
    out = io.BytesIO()
    images[0].save(out, "TIFF", save_all=True, append_images=images[1:])
    return out.getvalue()


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "xray_app", "batch", *map(str, arguments)]


def kill_at(arguments: list[str], table: Path, rows: int) -> None:
    """Start the command and SIGKILL it once so many rows are there."""
    process = subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.DEVNULL)
    journal = journal_of(table)
    while process.poll() is None:
        if journal.exists() and journal.read_bytes().count(b"\n") > rows:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            return
        time.sleep(0.005)
    raise AssertionError("it ended before it was killed")
