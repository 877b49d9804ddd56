"""Images, and what is covered of them."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from PIL import Image

from xray_app.evaluation.faithfulness import order_of

SIZE, CELLS = 256, 8
FOLDERS = ("NORMAL", "BACTERIA", "VIRUS")


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """(N, 256, 256) uint8 images and (N,) labels."""

    images: Any
    labels: Any


def read_split(data: Path, split: str) -> Split:
    """Read one split of a zip of ``split/CLASS/file`` in the order of its names."""
    images, labels = [], []
    with zipfile.ZipFile(data) as archive:
        for name in sorted(archive.namelist()):
            parts = PurePosixPath(name).parts
            if len(parts) < 3 or parts[-3] != split or parts[-2] not in FOLDERS:
                continue
            with Image.open(io.BytesIO(archive.read(name))) as image:
                gray = image.convert("L").resize((SIZE, SIZE), Image.Resampling.BILINEAR)
                images.append(np.asarray(gray))
            labels.append(FOLDERS.index(parts[-2]))
    return Split(np.stack(images), np.array(labels))


def random_cover(size: int, rng: np.random.Generator) -> Any:
    """(size, size) 1 where hidden, else 0: smooth patches over 10 to 40 % of the image."""
    noise = rng.standard_normal((rng.integers(4, CELLS + 1),) * 2).astype(np.float32)
    smooth = np.asarray(Image.fromarray(noise).resize((size, size), Image.Resampling.BILINEAR))
    return (smooth >= np.quantile(smooth, 1.0 - rng.uniform(0.1, 0.4))).astype(np.float32)


def highest(maps: Any, fraction: float) -> Any:
    """(N, S, S) 1 at the ``fraction`` of the pixels where maps (N, h, w) are highest, else 0.

    Pixels are ranked: a map with evidence in few cells has no limit above which as many lie.
    """
    ranks = [order_of(each, (SIZE, SIZE), np.random.default_rng(0)) for each in maps]
    return (np.stack(ranks) < fraction).astype(np.float32)


def by_cell(mask: Any) -> Any:
    """(..., 8, 8) mean of (..., S, S) over the cells of the last layer."""
    side = mask.shape[-1] // CELLS
    return mask.reshape(*mask.shape[:-2], CELLS, side, CELLS, side).mean(axis=(-3, -1))
