"""Judge weights on a split: how good, and whether their maps follow the image.

python -m tools.finetune.judge DATA SPLIT OUT.json NAME=WEIGHTS [NAME=WEIGHTS ...]
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from tools.finetune.__main__ import SIZE, say, sized_card
from xray_app.cards import ModelCard, model_inputs, to_model_size
from xray_app.core import FloatArray, Labels, area_under_curve, norm_ratios, once, softmax
from xray_app.engines.keras.architectures import load_from_card
from xray_app.engines.onnx.engine import OnnxEngine
from xray_app.engines.onnx.export import export_graph
from xray_app.evaluation.faithfulness.curves import COVERED, order_of
from xray_app.evaluation.labelled_images import open_split
from xray_app.training.export import save_half_precision

_BATCH, _EVERY, _TRAINING = 16, 3, 200  # every third image is covered


def judge(data: Path, split: str, weights: Path) -> dict[str, float]:
    """The figures of one file of weights, stored as it would ship, on a split."""
    card = sized_card(SIZE)
    model = load_from_card(card, weights)
    kernel = np.asarray(model.get_layer("predictions").kernel)
    with TemporaryDirectory() as folder:
        shipped = Path(folder) / "float16.weights.h5"
        save_half_precision(model, shipped)
        graph, _ = export_graph(card, shipped, np.zeros((1, SIZE, SIZE, 3), np.float32))
        engine = OnnxEngine(card, graph)
        displays, labels = _displays(data, split, card)
        logits, cells = _run(engine, displays)
        _, mirrored_cells = _run(engine, displays[:, :, ::-1])
        training_logits, training_cells = _run(engine, _displays(data, "train", card, _TRAINING)[0])
        shown, probabilities = logits.argmax(axis=1), softmax(logits.astype(np.float64))
        own, mirrored = (_maps(c, kernel, shown) for c in (cells, mirrored_cells))
        training = _maps(training_cells, kernel, training_logits.argmax(axis=1))
        mean = np.mean([m / m.max() for m in training if m.max() > 0], axis=0)
        maps = {
            "own": own,
            "mean": np.broadcast_to(mean, own.shape),
            "random": np.random.default_rng(0).random(own.shape).astype(np.float32),
        }
        lost = {
            f"cover_{name}": _lost(engine, displays, values, probabilities, shown)
            for name, values in maps.items()
        }
    found = {
        "auc": float(area_under_curve(1.0 - probabilities[:, 0], labels > 0, once(len(labels)))[0]),
        "all_classes_accuracy": float((shown == labels).mean()),
        "norm_ratio": float(np.median(norm_ratios(cells))),
        "mirrored_back": _correlation(own, mirrored[:, :, ::-1]),
        **lost,
    }
    return {name: round(value, 4) for name, value in found.items()}


def _displays(
    data: Path, split: str, card: ModelCard, count: int | None = None
) -> tuple[FloatArray, Labels]:
    with open_split(data, split, card) as images:
        chosen = images.spread(count) if count else images
        return np.stack([to_model_size(card, r) for r in chosen.radiographs()]), chosen.labels


def _run(engine: Any, displays: Any) -> tuple[Any, Any]:
    parts = [
        engine.forward(model_inputs(engine.card, displays[i : i + _BATCH]))
        for i in range(0, len(displays), _BATCH)
    ]
    return np.concatenate([p.logits for p in parts]), np.concatenate([p.activations for p in parts])


def _maps(cells: Any, kernel: Any, shown: Any) -> Any:
    """Grad-CAM behind mean pooling and a linear head: the class's positive scores."""
    return np.maximum(np.einsum("nhwc,nc->nhw", cells, kernel[:, shown].T), 0.0)


def _lost(engine: Any, displays: Any, maps: Any, probabilities: Any, shown: Any) -> float:
    """Mean probability of the shown class that is lost under the maps' highest places."""
    chosen = np.arange(0, len(displays), _EVERY)
    covered = [
        np.where(
            order_of(maps[i], displays[i].shape, np.random.default_rng(0)) < COVERED,
            displays[i].mean(),
            displays[i],
        ).astype(np.float32)
        for i in chosen
    ]
    logits, _ = _run(engine, np.stack(covered))
    kept = softmax(logits.astype(np.float64))[np.arange(len(chosen)), shown[chosen]]
    return float((probabilities[chosen, shown[chosen]] - kept).mean())


def _correlation(one: Any, other: Any) -> float:
    pairs = zip(one, other, strict=True)
    return float(
        np.mean([np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in pairs if a.std() and b.std()])
    )


def main() -> None:
    """Judge each and write all."""
    data, split, out = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    found = json.loads(out.read_text()) if out.exists() else {}
    found[split] = {}
    for pair in sys.argv[4:]:
        name, _, path = pair.partition("=")
        found[split][name] = judge(data, split, Path(path))
        say(f"{name}: {found[split][name]}")
    out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
