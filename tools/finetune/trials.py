"""Figures of what was learnt on a split: good enough to choose by, in seconds."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tools.finetune.fit import Parts
from tools.finetune.images import Split, highest
from tools.finetune.moves import cover, move
from xray_app.core import area_under_curve, norm_ratios, once
from xray_app.explain import follows_mirror

_COVERED, _TRAINING = 0.15, 200


class Trial:
    """A split, its features and its mirror images', ready for any values of the last blocks."""

    def __init__(self, parts: Parts, split: Split, train: Split) -> None:
        self._parts, self._labels = parts, split.labels
        self._images = split.images.astype(np.float32) / 255.0
        self._features = self._front(self._images)
        self._mirrored = self._front(self._images[:, :, ::-1])
        self._moved = self._front(np.asarray(_strongly(self._images)))
        spread = np.linspace(0, len(train.labels) - 1, _TRAINING).astype(int)
        self._training = self._front(train.images[spread].astype(np.float32) / 255.0)

    def figures(self, values: list[Any], start: list[Any]) -> dict[str, float]:
        """Judge values of what learns."""
        logits, cells = self._answers(values, self._features)
        _, mirrored = self._answers(values, self._mirrored)
        moved, _ = self._answers(values, self._moved)
        at_start, _ = self._answers(start, self._features)
        shown, kernel = logits.argmax(axis=1), np.asarray(values[-2])
        own, other = _maps(cells, kernel, shown), _maps(mirrored, kernel, shown)
        t_logits, t_cells = self._answers(values, self._training)
        training = _maps(t_cells, kernel, t_logits.argmax(axis=1))
        mean = np.mean([m / m.max() for m in training if m.max() > 0], axis=0)
        chance = np.random.default_rng(0).random(own.shape).astype(np.float32)
        follows = [follows_mirror(a, b) for a, b in zip(own, other, strict=True)]
        told = [f for f in follows if f is not None]
        found = {
            "auc": _auc(logits, self._labels),
            "auc_moved": _auc(moved, self._labels),
            "three": float((shown == self._labels).mean()),
            "changed": float(np.abs(_softmax(logits) - _softmax(at_start)).sum(axis=1).mean() / 2),
            "norms": float(np.median(norm_ratios(cells))),
            "follows": float(np.mean(told)),
            "told": float(len(told)),
            "mirrored_back": _correlation(own, other[:, :, ::-1]),
            "like_mean": _correlation(own, np.broadcast_to(mean, own.shape)),
        }
        for name, maps in (
            ("own", own),
            ("mean", np.broadcast_to(mean, own.shape)),
            ("random", chance),
        ):
            found[f"cover_{name}"] = self._lost(values, np.asarray(maps), logits)
        return {name: round(value, 4) for name, value in found.items()}

    def _front(self, images: Any) -> Any:
        return _in_batches(
            3 * self._parts.batch, lambda b: self._parts.features(jnp.asarray(b)), images
        )

    def _answers(self, values: list[Any], features: Any) -> Any:
        return _in_batches(
            3 * self._parts.batch, lambda b: self._parts.answers(values, b), features
        )

    def _lost(self, values: list[Any], maps: Any, logits: Any) -> float:
        hidden = jnp.asarray(highest(maps, _COVERED))
        covered = np.asarray(jax.jit(cover)(jnp.asarray(self._images), hidden))
        after, _ = self._answers(values, self._front(covered))
        shown, every = logits.argmax(axis=1), np.arange(len(logits))
        return float((_softmax(logits)[every, shown] - _softmax(after)[every, shown]).mean())


@jax.jit
def _strongly(images: Any) -> Any:
    return move(images, jax.random.key(1), 2.5)


def _in_batches(size: int, function: Any, rows: Any) -> Any:
    """Apply to ``size`` rows at a time, the last filled up, and leave the filling out."""
    outputs = []
    for begin in range(0, len(rows), size):
        part = rows[begin : begin + size]
        filled = np.asarray(part)[np.minimum(np.arange(size), len(part) - 1)]
        outputs.append(function(filled))
    # What fills the last batch is at its end.
    return jax.tree.map(lambda *parts: np.concatenate(parts)[: len(rows)], *outputs)


def _maps(cells: Any, kernel: Any, shown: Any) -> Any:
    """Grad-CAM behind mean pooling and a linear head: the class's positive scores."""
    return np.maximum(np.einsum("nhwc,nc->nhw", cells, kernel[:, shown].T), 0.0)


def _softmax(logits: Any) -> Any:
    return np.asarray(jax.nn.softmax(jnp.asarray(logits), axis=1))


def _auc(logits: Any, labels: Any) -> float:
    scores = 1.0 - _softmax(logits)[:, 0].astype(np.float64)
    return float(area_under_curve(scores, labels > 0, once(len(labels)))[0])


def _correlation(one: Any, other: Any) -> float:
    pairs = zip(one, other, strict=True)
    return float(
        np.mean([np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in pairs if a.std() and b.std()])
    )
