"""The regime in which a backbone is frozen, BatchNorm statistics included, under a new head.

A frozen backbone always makes the same features of the same image, so they are computed once a
scheme, and only the head is trained on them.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xray_app.core import FloatArray, ModelError, first_line
from xray_app.study import Run
from xray_app.training.data.batches import Batch, Plan, epoch_order, inputs_under, targets_of
from xray_app.training.data.reading import Dataset, ImageSet
from xray_app.training.fit.fitting import Feed, Hooks, Indices, diverged, fit, plan_of, schedule_of
from xray_app.training.fit.learner import Learner, outputs_of, restore_weights
from xray_app.training.fit.networks import (
    backbone_of,
    build_head,
    build_network,
    computing_in,
    neutralise_preprocessing,
)
from xray_app.training.fit.whole import Bench, WholeNetwork, network_of
from xray_app.training.options import StudyOptions
from xray_app.training.state_files import load_state


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What a frozen backbone makes of each split under one scheme, (N, F) each."""

    train: FloatArray
    val: FloatArray
    test: FloatArray


class FrozenBackbone:
    """Trains a new head on a frozen backbone, under one scheme and seed at a time."""

    def __init__(self, bench: Bench, scratch: WholeNetwork) -> None:
        self._bench, self._scratch = bench, scratch
        self._compiled: Learner | None = None
        self._features: dict[str, Features] = {}
        self._origin: Path | None = None

    @property
    def note(self) -> str:
        """Say exactly what this regime is."""
        o = self._bench.options
        origin = f"this study's scratch run under {o.backbone_scheme} with the same seed"
        if o.backbone:
            origin = f"the model {o.backbone.name}, without its own preprocessing"
        return (
            f"A new linear head on the frozen backbone of {origin}. BatchNorm keeps that "
            f"backbone's statistics; no augmentation."
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
        history = fit(learner, feed, bench.options.head_epochs, Hooks(lambda _: None))
        cells = bench.cells(lambda fed: learner.predict([self._features[fed].test]))
        bench.meter.advance(self.images, stage=f"frozen, {scheme}, seed {seed}")
        unfelt = tuple(replace(e, gradient_norm=None) for e in history)
        return Run("frozen", scheme, seed, diverged(history), unfelt, cells)

    def _learner(self, features: int) -> Learner:
        if self._compiled is None:
            o, data = self._bench.options, self._bench.dataset
            schedule = schedule_of(o, len(data.train), o.head_epochs, o.head_learning_rate)
            self._compiled = Learner(
                lambda: build_head(features, len(data.classes), o.dropout), schedule
            )
        return self._compiled

    def _require_features(self, seed: int) -> None:
        """Compute the features of every scheme, once for each backbone."""
        options = self._bench.options
        origin = options.backbone or self._scratch.backbone_file(seed)
        if origin == self._origin:
            return
        with computing_in(options.precision):
            backbone = self._external() if options.backbone else self._own(origin, seed)
        self._features = {s: self._featured(backbone, s) for s in options.schemes}
        self._origin = origin

    def _own(self, file: Path, seed: int) -> Any:
        if not file.exists():  # the scratch regime was not asked for
            self._scratch.run(self._bench.options.backbone_scheme, seed)
        network = network_of(self._bench.options, len(self._bench.dataset.classes))
        restore_weights(network, load_state(file)[0])
        return backbone_of(network)

    def _external(self) -> Any:
        return backbone_of(bundled_network(self._bench.options))

    def _featured(self, backbone: Any, scheme: str) -> Features:
        plan = plan_of(self._bench.options, self._bench.dataset, scheme, 0)
        data = self._bench.dataset
        return Features(*(_through(backbone, s, plan) for s in (data.train, data.val, data.test)))


def bundled_network(options: StudyOptions) -> Any:
    """Load the model of ``options.backbone`` and make its own preprocessing do nothing.

    Raises:
        ModelError: it has another architecture or size than the study, or its weights don't fit.
    """
    from xray_app.cards import read_card

    folder = options.backbone or Path()
    card = read_card(folder / "card.json")
    if (card.architecture, card.input.height) != (options.arch, options.size):
        raise ModelError(
            f"Expected a backbone of {options.arch} at {options.size} pixels, received "
            f"{card.architecture} at {card.input.height}."
        )
    rescales = "Rescaling" in card.contract.layers
    network = build_network(
        card.architecture, card.input.height, len(card.classes), card.dropout, rescales=rescales
    )
    try:
        network.load_weights(folder / card.weights.file)
    except (OSError, ValueError) as error:
        raise ModelError(f"Can't load the weights of {folder.name}: {first_line(error)}") from error
    neutralise_preprocessing(network)
    return network


def _through(backbone: Any, split: ImageSet, plan: Plan) -> FloatArray:
    batches = inputs_under(split.images, plan.scheme, plan.statistics, plan.batch_size)
    return outputs_of(backbone, batches)


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
