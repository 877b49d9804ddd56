"""What block 5 gives for each training image, its mirror image and a copy with a part covered."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from PIL import Image

from xray_app.cards import model_inputs
from xray_app.core import FloatArray, Labels
from xray_app.engines.keras.architectures import load_from_card
from xray_app.engines.onnx.graph import GraphWriter, channels_last, save_graph
from xray_app.engines.onnx.layers import write_layers
from xray_app.training.data.augmentation import augment

LAYER = "block5f_add"
CELLS = 8
_MOVES = ("affine", "gamma", "brightness", "contrast", "noise")
_BATCH = 16


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """Kept features, memory-mapped.

    Attributes:
        base, mirrored, covered: (V, N, 16, 16, C) float16 of V versions of each of N images.
        hidden: (V, N, 8, 8) float32, how much of each cell is covered in ``covered``.
        labels: (N,).
    """

    base: Any
    mirrored: Any
    covered: Any
    hidden: FloatArray
    labels: Labels


def front_session(card: Any, weights: Path, graph: Path, layer: str = LAYER) -> Any:
    """A session that gives (N, h, w, C) of ``layer``; ``graph`` must lie by the weights."""
    model = load_from_card(card, weights)
    writer = GraphWriter(model, weights)
    tensors = write_layers(writer, model, "image")
    channels_last(writer, tensors[layer], "features")
    save_graph(writer, graph, (card.input.height, card.input.width), {"features": 4}, {})
    return onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])


def random_cover(size: int, rng: np.random.Generator) -> FloatArray:
    """(size, size) 1 where hidden, else 0: smooth patches over 10 to 40 % of the image."""
    noise = rng.standard_normal((rng.integers(4, CELLS + 1),) * 2).astype(np.float32)
    smooth = np.asarray(Image.fromarray(noise).resize((size, size), Image.Resampling.BILINEAR))
    return (smooth >= np.quantile(smooth, 1.0 - rng.uniform(0.1, 0.4))).astype(np.float32)


def by_cell(mask: FloatArray) -> FloatArray:
    """(8, 8) mean of (S, S) over the cells of the last layer."""
    side = mask.shape[0] // CELLS
    return mask.reshape(CELLS, side, CELLS, side).mean(axis=(1, 3))


def compute(
    session: Any, card: Any, displays: FloatArray, labels: Labels, out: Path, versions: int,
    progress: Callable[[int], None],
) -> Features:  # fmt: skip
    """Features of ``versions`` of each display (N, S, S); the first is as it is, the others moved.

    What is already in ``out`` is not computed again.
    """
    size, count = displays.shape[1], len(displays)
    cells = session.run(None, {"image": model_inputs(card, displays[:1])})[0].shape[1:]
    shape = (versions, count, *cells)
    found = {}
    for name in ("base", "mirrored", "covered"):
        path = out / f"{name}.npy"
        mode = "r+" if path.exists() else "w+"
        found[name] = np.lib.format.open_memmap(path, mode, np.float16, shape)
    hidden = np.zeros((versions, count, CELLS, CELLS), np.float32)
    state = out / "features.txt"
    done = int(state.read_text()) if state.exists() else 0
    for place, (version, start) in enumerate(_batches(versions, count)):
        part = slice(start, start + _BATCH)
        base, masks = [], []
        for index, display in enumerate(displays[part], start):
            rng = np.random.default_rng((version, index))
            base.append(augment(display, _MOVES, rng) if version else display)
            masks.append(random_cover(size, rng))
        hidden[version, part] = [by_cell(mask) for mask in masks]
        if place < done:
            continue
        covered = [np.where(m > 0, b.mean(), b) for m, b in zip(masks, base, strict=True)]
        groups = {"base": base, "mirrored": [b[:, ::-1] for b in base], "covered": covered}
        for name, images in groups.items():
            feed = {"image": model_inputs(card, images)}
            found[name][version, part] = session.run(None, feed)[0]
        if place % 20 == 19:
            state.write_text(str(place + 1))
            progress(version * count + start)
    state.write_text(str(10**9))
    base, mirrored, covered = (found[name][:versions] for name in ("base", "mirrored", "covered"))
    return Features(base, mirrored, covered, hidden, labels)


def _batches(versions: int, count: int) -> Iterator[tuple[int, int]]:
    return ((v, start) for v in range(versions) for start in range(0, count, _BATCH))
