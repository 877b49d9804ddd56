"""Batches in numpy: augment, mix up, then ``core.normalization``, the very code of the app.

What training sees is therefore equal, bit for bit, to what the app sends for the same pixels, and
the compiled training step never knows the scheme: one step serves all schemes. A batch depends on
(seed, epoch, step) alone, so a resumed run and any number of threads give the same batches.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xray_app.core import FloatArray
from xray_app.core.normalization import DatasetStatistics, Scheme, normalize
from xray_app.training.data.augmentation import augment
from xray_app.training.data.reading import ImageSet


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What one step receives.

    Attributes:
        inputs: (B, H, W, 3) float32 under the scheme, or (B, F) features.
        targets: (B, K) float32, rows sum to 1.
        weights: (B,) float32, mean about 1.
    """

    inputs: FloatArray
    targets: FloatArray
    weights: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How images become batches.

    Attributes:
        classes: K.
        class_weights: (K,) float32, or None for all alike.
    """

    scheme: Scheme
    statistics: DatasetStatistics
    classes: int
    batch_size: int
    augment: tuple[str, ...]
    mixup: float
    label_smoothing: float
    class_weights: FloatArray | None
    seed: int
    workers: int


def balanced_weights(labels: NDArray[np.int64], classes: int) -> FloatArray:
    """Weigh each class by the inverse of its frequency; the mean over the images is 1."""
    counts = np.bincount(labels, minlength=classes)
    return (len(labels) / (classes * np.maximum(counts, 1))).astype(np.float32)


def epoch_order(count: int, batch_size: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """Shuffle ``count`` images into (steps, B) indices; the few left over come in other epochs."""
    order = np.random.default_rng([seed, epoch]).permutation(count)
    size = min(batch_size, count)
    steps = count // size
    return order[: steps * size].reshape(steps, size)


def training_batch(data: ImageSet, chosen: NDArray[np.int64], plan: Plan, key: int) -> Batch:
    """Make the batch of the images ``chosen`` (B,); ``key`` and the seed give its randomness."""
    rng = np.random.default_rng([plan.seed, 1, key])
    display = np.stack([augment(data.images[i], plan.augment, rng) for i in chosen])
    targets, weights = targets_of(data.labels[chosen], plan)
    if plan.mixup:
        fraction = np.float32(rng.beta(plan.mixup, plan.mixup))
        display, targets, weights = (_mixed(v, fraction) for v in (display, targets, weights))
    return Batch(_under_scheme(display, plan.scheme, plan.statistics), targets, weights)


def targets_of(labels: NDArray[np.int64], plan: Plan) -> tuple[FloatArray, FloatArray]:
    """Smoothed targets (B, K) and weights (B,) of labels (B,)."""
    one_hot = np.eye(plan.classes, dtype=np.float32)[labels]
    smoothing = np.float32(plan.label_smoothing)
    targets = one_hot * (1 - smoothing) + smoothing / np.float32(plan.classes)
    if plan.class_weights is None:
        return targets, np.ones(len(labels), np.float32)
    return targets, plan.class_weights[labels]


def _mixed(values: FloatArray, fraction: np.float32) -> FloatArray:
    # The order is random already, so each image's partner may be its neighbour from the far end.
    return fraction * values + (1 - fraction) * values[::-1]


def _under_scheme(display: FloatArray, scheme: Scheme, statistics: DatasetStatistics) -> FloatArray:
    return np.stack([normalize(image, scheme, statistics).array for image in display])


def inputs_under(
    images: FloatArray, scheme: Scheme, statistics: DatasetStatistics, batch_size: int
) -> Iterator[FloatArray]:
    """Yield images (N, H, W) in [0, 1] under a scheme, in order, ``batch_size`` at a time."""
    for start in range(0, len(images), batch_size):
        yield _under_scheme(images[start : start + batch_size], scheme, statistics)
