"""The loop over epochs that ``train`` and ``study`` share."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xray_app.core import FloatArray, made_ahead, processors
from xray_app.core.normalization import parse_scheme
from xray_app.study import EpochRecord
from xray_app.training.data.batches import (
    Batch,
    Plan,
    balanced_weights,
    epoch_order,
    inputs_under,
    training_batch,
)
from xray_app.training.data.reading import Dataset, ImageSet
from xray_app.training.fit.learner import Learner, Schedule
from xray_app.training.fit.metrics import auc, outcome
from xray_app.training.recipe import Recipe

History = tuple[EpochRecord, ...]
Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the loop tells: images done after each step; the history after each epoch."""

    after_step: Callable[[int], object]
    after_epoch: Callable[[History], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Feed:
    """Where the loop gets its numbers: training batches, and the validation inputs in order.

    Attributes:
        order: epoch -> indices (steps, B).
        batch: (indices of one step, a key of its own) -> the batch.
        validation: () -> probabilities (N, K) of the validation images.
        labels: (N,) of the validation images.
    """

    order: Callable[[int], Indices]
    batch: Callable[[Indices, int], Batch]
    validation: Callable[[], FloatArray]
    labels: Indices
    workers: int


def plan_of(recipe: Recipe, dataset: Dataset, scheme: str, seed: int) -> Plan:
    """Make the batches' plan from the options."""
    classes = len(dataset.classes)
    weights = balanced_weights(dataset.train.labels, classes) if recipe.class_weights else None
    return Plan(
        scheme=parse_scheme(scheme),
        statistics=dataset.statistics,
        classes=classes,
        batch_size=recipe.batch_size,
        augment=recipe.augment,
        mixup=recipe.mixup,
        label_smoothing=recipe.label_smoothing,
        class_weights=weights,
        seed=seed,
        workers=recipe.workers or processors(),
    )


def steps_of(images: int, batch_size: int) -> int:
    """Count the steps of one epoch."""
    return images // min(batch_size, images)


def schedule_of(recipe: Recipe, images: int, epochs: int, peak: float) -> Schedule:
    """Make the learning rate's schedule from the options."""
    steps = steps_of(images, recipe.batch_size)
    warmup = min(recipe.warmup_epochs, epochs / 3)
    return Schedule(peak, recipe.weight_decay, steps * epochs, round(steps * warmup))


def image_feed(learner: Learner, dataset: Dataset, plan: Plan) -> Feed:
    """Feed images under the plan's scheme."""
    train = dataset.train
    return Feed(
        order=lambda epoch: epoch_order(len(train), plan.batch_size, plan.seed, epoch),
        batch=lambda chosen, key: training_batch(train, chosen, plan, key),
        validation=lambda: predict_images(learner, dataset.val, plan),
        labels=dataset.val.labels,
        workers=plan.workers,
    )


def predict_images(learner: Learner, split: ImageSet, plan: Plan) -> FloatArray:
    """Probabilities (N, K) of a split under the plan's scheme."""
    inputs = inputs_under(split.images, plan.scheme, plan.statistics, plan.batch_size)
    return learner.predict(inputs)


def fit(learner: Learner, feed: Feed, epochs: int, hooks: Hooks, history: History = ()) -> History:
    """Train from after ``history`` to ``epochs``; stops early when the loss is not finite."""
    for epoch in range(len(history), epochs):
        if diverged(history):
            break
        history = (*history, _epoch(learner, feed, epoch, hooks.after_step))
        hooks.after_epoch(history)
    return history


def diverged(history: History) -> bool:
    """True when the last epoch's loss was not finite."""
    return bool(history) and history[-1].loss is None


def validated(
    learner: Learner, feed: Feed, epoch: int, loss: float = math.nan, norm: float = math.nan
) -> EpochRecord:
    """Evaluate on the validation images; epoch 0 is before the first step."""
    with learner.averaged():
        probabilities = feed.validation()
    chosen = probabilities[np.arange(len(feed.labels)), feed.labels]
    return EpochRecord(
        epoch,
        _finite(loss),
        _finite(float(-np.log(np.maximum(chosen, 1e-12)).mean())),
        auc(outcome(probabilities, feed.labels)),
        _finite(norm),
    )


def _epoch(
    learner: Learner, feed: Feed, epoch: int, after_step: Callable[[int], object]
) -> EpochRecord:
    order = feed.order(epoch)
    steps = len(order)
    batches = made_ahead(
        lambda step: feed.batch(order[step], epoch * steps + step), range(steps), feed.workers
    )
    losses = []
    for batch in batches:
        losses.append(learner.step(batch))
        after_step(len(batch.targets))
    norm = learner.take_gradient_norm(steps)
    return validated(learner, feed, epoch + 1, float(np.mean(losses)), norm)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
