"""The regimes in which a backbone is frozen, BatchNorm statistics included, under a new head.

A frozen backbone always makes the same features of the same image, so they are computed once a
scheme, and only the head is trained on them.
"""

from dataclasses import replace

from xray_app.study import EpochRecord, Run
from xray_app.training.data.batches import Batch, Plan, epoch_order, targets_of
from xray_app.training.data.reading import Dataset
from xray_app.training.fit.backbones import Backbones
from xray_app.training.fit.bench import Bench
from xray_app.training.fit.features import Features, features_of, forget_features
from xray_app.training.fit.fitting import (
    Feed,
    Hooks,
    Indices,
    diverged,
    fit,
    plan_of,
    schedule_of,
    validated,
)
from xray_app.training.fit.learner import Learner
from xray_app.training.fit.networks import build_head, computing_in


class FrozenBackbone:
    """Trains a new head on a frozen backbone, under one scheme and seed at a time."""

    def __init__(self, bench: Bench, name: str, backbones: Backbones) -> None:
        self._bench, self._name, self._backbones = bench, name, backbones
        self._compiled: Learner | None = None
        self._features: dict[str, Features] = {}
        self._origin = ""

    @property
    def note(self) -> str:
        """Say exactly what this regime is."""
        return (
            f"A new linear head on the frozen backbone of {self._backbones.what}. BatchNorm keeps "
            f"that backbone's statistics; no augmentation."
        )

    @property
    def images(self) -> int:
        """Images of one pass through the backbone."""
        data = self._bench.dataset
        return len(data.train) + len(data.val) + len(data.test)

    def run(self, scheme: str, seed: int) -> Run:
        """Train a head under a scheme, then evaluate it under every scheme."""
        bench = self._bench
        self._require_features(seed)
        here = self._features[scheme]
        learner = self._learner(here.train.shape[1])
        learner.reset(seed)
        plan = plan_of(bench.options, bench.dataset, scheme, seed)
        feed = _feed(learner, bench.dataset, here, plan)
        initial = validated(learner, feed, 0)
        history = fit(learner, feed, bench.options.head_epochs, Hooks(lambda _: None))
        cells = bench.cells(lambda fed: learner.predict([self._features[fed].test]))
        bench.meter.advance(self.images, stage=f"{self._name}, {scheme}, seed {seed}")
        epochs = tuple(_unfelt(e) for e in history)
        return Run(self._name, scheme, seed, diverged(history), epochs, cells, initial)

    def _learner(self, features: int) -> Learner:
        if self._compiled is None:
            o, data = self._bench.options, self._bench.dataset
            schedule = schedule_of(o, len(data.train), o.head_epochs, o.head_learning_rate)
            self._compiled = Learner(
                lambda: build_head(features, len(data.classes), o.dropout), schedule
            )
        return self._compiled

    def _require_features(self, seed: int) -> None:
        """Have the features of every scheme at hand, of one backbone at a time."""
        options, origin = self._bench.options, self._backbones.origin(seed)
        if origin == self._origin:
            return
        if self._origin:
            forget_features(options.out, self._origin)
        with computing_in(options.precision):
            self._features = features_of(self._bench, origin, lambda: self._backbones.network(seed))
        self._origin = origin


def _unfelt(epoch: EpochRecord) -> EpochRecord:
    """Without the gradient at the first layer, which is frozen; the head's was measured."""
    return replace(epoch, gradient_norm=None)


def _feed(learner: Learner, dataset: Dataset, features: Features, plan: Plan) -> Feed:
    labels = dataset.train.labels

    def batch(chosen: Indices, _: int) -> Batch:
        return Batch(features.train[chosen], *targets_of(labels[chosen], plan))

    return Feed(
        order=lambda epoch: epoch_order(len(labels), plan.batch_size, plan.seed, epoch),
        batch=batch,
        validation=lambda: learner.predict([features.val]),
        labels=dataset.val.labels,
        workers=1,
    )
