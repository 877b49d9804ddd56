"""Fit block 6, block 7, the top convolution and the head to kept features."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tools.finetune.features import LAYER, Features
from tools.finetune.losses import (
    REGISTER,
    cell_scores,
    cover_distance,
    mirror_distance,
    register_penalty,
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How it is fitted.

    Attributes:
        mirror, cover: weights of the two demands on the map.
        cells_dropped, features_dropped: fractions left out before and after pooling.
    """

    epochs: int = 4
    rate: float = 2e-4
    pairs: int = 16
    weight_decay: float = 1e-4
    mirror: float = 1.0
    cover: float = 1.0
    cells_dropped: float = 0.3
    features_dropped: float = 0.3
    averaging: float = 0.995
    warm_up: int = 50
    seed: int = 0


def tail_of(model: Any) -> Any:
    """From block 5's output to the last convolutional cells; BatchNorm stays as it is."""
    tail = keras.Model(model.get_layer(LAYER).output, model.get_layer("top_activation").output)
    for layer in tail.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    return tail


def fit(
    model: Any, features: Features, recipe: Recipe, out: Path, say: Callable[[str], None]
) -> None:
    """Fine-tune ``model`` in place; its averaged weights go to OUT/epoch-N.weights.h5."""
    tail, head = tail_of(model), model.get_layer("predictions")
    variables = [*tail.trainable_variables, *head.trainable_variables]
    count = len(features.labels)
    steps = count // recipe.pairs
    schedule = keras.optimizers.schedules.CosineDecay(
        1e-6, steps * recipe.epochs - recipe.warm_up, 0.0, "cosine", recipe.rate, recipe.warm_up
    )
    optimizer = keras.optimizers.AdamW(
        schedule, weight_decay=recipe.weight_decay, global_clipnorm=1.0
    )
    optimizer.build(variables)
    averages = [tf.Variable(v) for v in variables]
    step = _step(tail, head, variables, optimizer, _class_weights(features.labels), recipe)
    kept = tf.train.Checkpoint(
        variables=[v.value for v in variables], averages=averages,
        optimizer=[v.value for v in optimizer.variables],
    )  # fmt: skip
    (out / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1) + "\n")
    manager = tf.train.CheckpointManager(kept, str(out / "state"), max_to_keep=1)
    first = 0
    if manager.latest_checkpoint:
        kept.restore(manager.latest_checkpoint).expect_partial()
        first = int(manager.latest_checkpoint.rsplit("-", 1)[1])
    for epoch in range(first, recipe.epochs):
        rng = np.random.default_rng((recipe.seed, epoch))
        order, began, sums = rng.permutation(count), time.monotonic(), np.zeros(4)
        for number in range(steps):
            index = order[number * recipe.pairs : (number + 1) * recipe.pairs]
            sums += step(*_pairs(features, np.sort(index), rng)).numpy()
            done = epoch * steps + number
            decay = min(recipe.averaging, (1 + done) / (10 + done))
            for average, variable in zip(averages, variables, strict=True):
                average.assign_sub((1 - decay) * (average - variable))
            if number % 20 == 19:
                figures = " ".join(f"{s / (number + 1):.4f}" for s in sums)
                rate = 2 * recipe.pairs * (number + 1) / (time.monotonic() - began)
                say(f"epoch {epoch + 1} step {number + 1}/{steps}: {figures}; {rate:.1f} images/s")
        manager.save(epoch + 1)
        _save_averaged(model, variables, averages, out / f"epoch-{epoch + 1}.weights.h5")


def _step(
    tail: Any, head: Any, variables: list[Any], optimizer: Any, weights: Any, recipe: Recipe
) -> Callable[..., Any]:
    @tf.function
    def step(base: Any, partner: Any, hidden: Any, mirrors: Any, labels: Any) -> Any:
        pairs = tf.shape(base)[0]
        with tf.GradientTape() as tape:
            cells = tail(tf.cast(tf.concat([base, partner], 0), tf.float32), training=False)
            scores = cell_scores(cells, head.kernel)
            own, other = scores[:pairs], scores[pairs:]
            logits = _logits(cells, head, recipe)
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
                tf.concat([labels, labels], 0), logits
            )
            # A covered copy may have lost what its label rests on: only the map is asked of it.
            counts = tf.concat([tf.ones_like(mirrors), mirrors], 0)
            each = tf.gather(weights, tf.concat([labels, labels], 0)) * counts
            right = tf.reduce_sum(losses * each) / tf.reduce_sum(each)
            outliers = register_penalty(cells)
            mirror = _mean(mirror_distance(own, other), mirrors)
            cover = _mean(cover_distance(own, other, hidden), 1.0 - mirrors)
            loss = right + REGISTER * outliers + recipe.mirror * mirror + recipe.cover * cover
        optimizer.apply(tape.gradient(loss, variables), variables)
        return tf.stack([right, outliers, mirror, cover])

    return step


def _logits(cells: Any, head: Any, recipe: Recipe) -> Any:
    kept = tf.cast(tf.random.uniform(tf.shape(cells)[:3]) >= recipe.cells_dropped, tf.float32)
    pooled = tf.reduce_sum(cells * kept[..., None], axis=(1, 2))
    pooled /= tf.maximum(tf.reduce_sum(kept, axis=(1, 2)), 1.0)[:, None]
    return tf.matmul(tf.nn.dropout(pooled, recipe.features_dropped), head.kernel) + head.bias


def _mean(values: Any, weights: Any) -> Any:
    return tf.reduce_sum(values * weights) / tf.maximum(tf.reduce_sum(weights), 1.0)


def _class_weights(labels: Any) -> Any:
    frequency = np.bincount(labels) / len(labels)
    weights = 1.0 / np.sqrt(frequency)
    return tf.constant(weights / (weights * frequency).sum(), tf.float32)


def _pairs(features: Features, index: Any, rng: np.random.Generator) -> tuple[Any, ...]:
    versions = rng.integers(len(features.base), size=len(index))
    mirrors = rng.random(len(index)) < 0.5
    base = np.stack([features.base[v, i] for v, i in zip(versions, index, strict=True)])
    partner = np.stack(
        [
            (features.mirrored if m else features.covered)[v, i]
            for v, i, m in zip(versions, index, mirrors, strict=True)
        ]
    )
    return (
        tf.constant(base), tf.constant(partner), tf.constant(features.hidden[versions, index]),
        tf.constant(mirrors.astype(np.float32)), tf.constant(features.labels[index]),
    )  # fmt: skip


def _save_averaged(model: Any, variables: list[Any], averages: list[Any], path: Path) -> None:
    current = [v.numpy() for v in variables]
    for variable, average in zip(variables, averages, strict=True):
        variable.assign(average)
    model.save_weights(path)
    for variable, value in zip(variables, current, strict=True):
        variable.assign(value)
