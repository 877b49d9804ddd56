"""Fit what learns: the step, compiled once for all recipes, and the loop around it."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from tools.finetune.images import SIZE, Split, by_cell, random_cover
from tools.finetune.losses import (
    cell_scores,
    cover_distance,
    distillation,
    mirror_distance,
    register_penalty,
)
from tools.finetune.moves import cover, inputs_of, move
from tools.finetune.network import Network, values_of

_MASKS = 1024


@dataclass(frozen=True, slots=True)
class Recipe:
    """How it is fitted.

    Attributes:
        distil: weight of the starting network's answers, mean of an image's and its mirror's.
        labels: weight of the labels.
        mirror, cover: weights of the two demands on the map.
        register: weight of the penalty on cells whose norm stands out.
        averaging: momentum of the kept average of the weights.
    """

    name: str = "default"
    epochs: int = 8
    rate: float = 3e-4
    distil: float = 5.0
    labels: float = 0.0
    mirror: float = 1.0
    cover: float = 1.0
    register: float = 4.0
    averaging: float = 0.995
    seed: int = 0


class Parts:
    """The compiled functions; ``batch`` images and two copies of each go through at once."""

    def __init__(self, net: Network, batch: int) -> None:
        self.net, self.batch = net, batch
        self._fixed = values_of(net.tail.non_trainable_variables)
        self._optimizer = optax.chain(
            optax.clip_by_global_norm(1.0), optax.scale_by_adam(), optax.add_decayed_weights(1e-4)
        )
        images = jnp.zeros((batch, SIZE, SIZE))
        start = values_of(net.learning())
        features = jax.eval_shape(self._features, jnp.zeros((3 * batch, SIZE, SIZE)))
        many = jnp.zeros(features.shape, features.dtype)
        logits = jnp.zeros((3 * batch, net.head.bias.shape[0]))
        hidden = jnp.zeros((batch, 8, 8))
        labels = jnp.zeros(batch, jnp.int32)
        step = (
            start, start, self._optimizer.init(start), many, logits, hidden, labels,
            jnp.zeros(len(start[-1])), jnp.zeros(5), jnp.float32(0), jnp.float32(0),
        )  # fmt: skip
        copies = (images.astype(jnp.uint8), images, jax.random.key(0))
        # XLA compiles each on a thread of its own.
        with ThreadPoolExecutor() as pool:
            self.copies, self.features, self.answers, self.step = pool.map(
                _compiled,
                (self._copies, self._features, self._answers, self._step),
                (copies, (jnp.zeros((3 * batch, SIZE, SIZE)),), (start, many), step),
            )

    def _copies(self, images: Any, hidden: Any, key: Any) -> Any:
        """(3 B, S, S): the moved images, their mirror images, and their covered copies."""
        moved = move(images / 255.0, key, 1.0)
        return jnp.concatenate([moved, moved[:, :, ::-1], cover(moved, hidden)])

    def _features(self, images: Any) -> Any:
        front = self.net.front
        state = values_of(front.trainable_variables), values_of(front.non_trainable_variables)
        return front.stateless_call(*state, inputs_of(images))[0]

    def cells(self, values: Any, features: Any) -> Any:
        """(N, 8, 8, C) float32 of the last layer."""
        return self.net.tail.stateless_call(values[:-2], self._fixed, features)[0].astype("float32")

    def _answers(self, values: Any, features: Any) -> Any:
        """Logits (N, K) and cells."""
        cells = self.cells(values, features)
        return cells.mean(axis=(1, 2)) @ values[-2] + values[-1], cells

    def _step(
        self, values: Any, averages: Any, state: Any, features: Any, wanted: Any, hidden: Any,
        labels: Any, class_weights: Any, weights: Any, rate: Any, averaging: Any,
    ) -> Any:  # fmt: skip
        def loss(values: Any) -> Any:
            cells = self.cells(values, features)
            scores = cell_scores(cells, values[-2])
            own, mirrored, covered = jnp.split(scores, 3)
            pair = slice(0, 2 * len(labels))
            logits = cells[pair].mean(axis=(1, 2)) @ values[-2] + values[-1]
            soft = jax.nn.softmax(wanted[: len(labels)]) + jax.nn.softmax(
                wanted[pair][len(labels) :]
            )
            twice = jnp.concatenate([labels, labels])
            right = -jnp.take_along_axis(jax.nn.log_softmax(logits), twice[:, None], 1)[:, 0]
            parts = jnp.stack(
                [
                    distillation(logits, jnp.concatenate([soft, soft]) / 2.0).mean(),
                    (right * class_weights[twice]).mean(),
                    mirror_distance(own, mirrored).mean(),
                    cover_distance(own, covered, hidden).mean(),
                    register_penalty(cells),
                ]
            )
            return (parts * weights).sum(), parts

        gradients, parts = jax.grad(loss, has_aux=True)(values)
        updates, state = self._optimizer.update(gradients, state, values)
        values = [v - rate * u for v, u in zip(values, updates, strict=True)]
        averages = [
            averaging * a + (1 - averaging) * v for a, v in zip(averages, values, strict=True)
        ]
        return values, averages, state, parts

    def fit(self, train: Split, recipe: Recipe, say: Callable[[str], None]) -> list[Any]:
        """The averaged values after all epochs; the network itself is not changed."""
        start = values_of(self.net.learning())
        values, averages, state = start, start, self._optimizer.init(start)
        rng = np.random.default_rng(recipe.seed)
        masks = jnp.asarray(np.stack([random_cover(SIZE, rng) for _ in range(_MASKS)]))
        cells = by_cell(masks)
        weights = jnp.array(
            [recipe.distil, recipe.labels, recipe.mirror, recipe.cover, recipe.register]
        )
        classes = jnp.asarray(class_weights(train.labels), jnp.float32)
        steps = len(train.labels) // self.batch
        images, labels = jnp.asarray(train.images), jnp.asarray(train.labels, jnp.int32)
        for epoch in range(recipe.epochs):
            order, began, told = rng.permutation(len(train.labels)), time.monotonic(), []
            for number in range(steps):
                done = epoch * steps + number
                index = order[number * self.batch : (number + 1) * self.batch]
                chosen = rng.integers(_MASKS, size=self.batch)
                key = jax.random.fold_in(jax.random.key(recipe.seed), done)
                copies = self.copies(images[index], masks[chosen], key)
                features = self.features(copies)
                wanted, _ = self.answers(start, features)
                values, averages, state, parts = self.step(
                    values, averages, state, features, wanted, cells[chosen], labels[index],
                    classes, weights,
                    jnp.float32(rate_at(done, steps * recipe.epochs, recipe.rate)),
                    jnp.float32(min(recipe.averaging, (1 + done) / (10 + done))),
                )  # fmt: skip
                told.append(parts)
            figures = " ".join(f"{v:.4f}" for v in np.mean(told, axis=0))
            seconds = time.monotonic() - began
            say(f"{recipe.name} epoch {epoch + 1}: {figures}; {seconds:.1f} s")
        return averages


def rate_at(step: int, steps: int, peak: float, warm_up: int = 50) -> float:
    """Linear warm-up, then a cosine to zero."""
    if step < warm_up:
        return peak * (step + 1) / warm_up
    return peak * 0.5 * (1.0 + float(np.cos(np.pi * (step - warm_up) / max(1, steps - warm_up))))


def class_weights(labels: Any) -> Any:
    """(K,) the square root of the inverse frequency; their mean over the images is 1."""
    frequency = np.bincount(labels) / len(labels)
    weights = 1.0 / np.sqrt(frequency)
    return weights / (weights * frequency).sum()


def _compiled(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    return jax.jit(function).lower(*arguments).compile()
