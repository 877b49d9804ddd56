"""Judge weights on validation images: how good, and whether their maps follow the image.

python -m tools.finetune.judge DATA OUT.json NAME=WEIGHTS [NAME=WEIGHTS ...]
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tools.finetune.__main__ import SIZE, say, sized_card
from xray_app.cards import model_inputs, to_model_size
from xray_app.core import area_under_curve, norm_ratios, once, softmax
from xray_app.engines.keras.architectures import load_from_card
from xray_app.engines.keras.engine import TensorFlowEngine
from xray_app.evaluation.faithfulness.baselines import RANDOM, blind_maps, mean_maps
from xray_app.evaluation.faithfulness.curves import COVERED, order_of
from xray_app.evaluation.labelled_images import open_split

_BATCH, _EVERY = 16, 2  # every second image is covered


def judge(data: Path, weights: Path) -> dict[str, float]:
    """The figures of one file of weights on ``val/``."""
    card = sized_card(SIZE)
    model = load_from_card(card, weights)
    engine = TensorFlowEngine(card, model)
    with open_split(data, "val", card) as images:
        labels = images.labels
        displays = np.stack([to_model_size(card, r) for r in images.radiographs()])
    logits, cells = _run(engine, displays)
    _, mirrored_cells = _run(engine, displays[:, :, ::-1])
    shown, probabilities = logits.argmax(axis=1), softmax(logits.astype(np.float64))
    kernel = np.asarray(model.get_layer("predictions").kernel)
    own, mirrored = (_maps(c, kernel, shown) for c in (cells, mirrored_cells))
    back = [
        np.corrcoef(a.ravel(), b[:, ::-1].ravel())[0, 1] for a, b in zip(own, mirrored, strict=True)
    ]
    rng = np.random.default_rng(0)
    mean = mean_maps(engine, data, engine.layers[:1])[engine.layers[0]]
    chosen = range(0, len(displays), _EVERY)
    lost = {}
    for name in ("own", "mean", RANDOM):
        covered = []
        for i in chosen:
            blind = blind_maps((own.shape[1], own.shape[2]), mean, rng)
            order = order_of({"own": own[i], **blind}[name], displays[i].shape, rng)
            covered.append(np.where(order < COVERED, displays[i].mean(), displays[i]))
        after, _ = _run(engine, np.stack(covered).astype(np.float32))
        kept = softmax(after.astype(np.float64))[np.arange(len(after)), shown[::_EVERY]]
        before = probabilities[::_EVERY][np.arange(len(after)), shown[::_EVERY]]
        lost[f"cover_{name}"] = float((before - kept).mean())
    scores, positive = 1.0 - probabilities[:, 0], labels > 0
    found = {
        "auc": float(area_under_curve(scores, positive, once(len(labels)))[0]),
        "all_classes_accuracy": float((shown == labels).mean()),
        "norm_ratio": float(np.median(norm_ratios(cells))),
        "mirrored_back": float(np.nanmean(back)),
        **lost,
    }
    return {name: round(value, 4) for name, value in found.items()}


def _run(engine: Any, displays: Any) -> tuple[Any, Any]:
    parts = [
        engine.forward(model_inputs(engine.card, displays[i : i + _BATCH]))
        for i in range(0, len(displays), _BATCH)
    ]
    return np.concatenate([p.logits for p in parts]), np.concatenate([p.activations for p in parts])


def _maps(cells: Any, kernel: Any, shown: Any) -> Any:
    """Grad-CAM behind mean pooling and a linear head: the class's positive scores."""
    return np.maximum(np.einsum("nhwc,nc->nhw", cells, kernel[:, shown].T), 0.0)


def main() -> None:
    """Judge each and write all."""
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    found = {}
    for pair in sys.argv[3:]:
        name, _, path = pair.partition("=")
        found[name] = judge(data, Path(path))
        say(f"{name}: {found[name]}")
    out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
