"""Fit one model under one scheme and write it as the app reads it.

After every epoch all that the next one depends on goes into OUT/checkpoint.npz, so a stopped run
goes on from its last whole epoch and ends as if it had never been stopped.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xray_app.core import InputError, Meter, ModelError, Reporter, silent
from xray_app.training.command import require_same_recipe
from xray_app.training.data.batches import Plan
from xray_app.training.data.reading import Dataset, load_dataset
from xray_app.training.export import write_model
from xray_app.training.fit.fitting import (
    History,
    Hooks,
    diverged,
    image_feed,
    plan_of,
    schedule_of,
)
from xray_app.training.fit.learner import Learner
from xray_app.training.fit.networks import adapt_preprocessing, build_network, build_pretrained
from xray_app.training.fit.resuming import Start, fit_resumably
from xray_app.training.model_card import CARD_FILE, Trained
from xray_app.training.options import TrainOptions

_CHECKPOINT = "checkpoint.npz"
# What only the card says decides nothing that is computed.
_CARD_ONLY = ("title", "source", "licence", "population")


@dataclass(frozen=True, slots=True)
class _Builder:
    """Builds the network that the options describe, uninitialised."""

    options: TrainOptions
    dataset: Dataset

    def __call__(self) -> Any:
        o, statistics = self.options, self.dataset.statistics
        if o.pretrained:
            classes, frozen = len(self.dataset.classes), o.freeze_batchnorm
            return build_pretrained(o.arch, o.size, classes, o.dropout, freeze_batchnorm=frozen)
        network = build_network(
            o.arch, o.size, len(self.dataset.classes), o.dropout, rescales=o.keep_preprocessing
        )
        if o.keep_preprocessing:
            adapt_preprocessing(network, statistics.mean, statistics.std**2)
        return network


def train(options: TrainOptions, progress: Reporter = silent) -> Path:
    """Train a model and return its folder: weights, ``card.json`` and ``history.json``.

    Raises:
        InputError: the data can't be used, OUT holds another model or recipe, or a file can't be
            written; every whole epoch is kept.
        ModelError: the architecture can't be used, or training diverged.
    """
    if (options.out / CARD_FILE).exists():
        raise InputError(f"{options.out.name} holds a trained model already; choose another --out.")
    dataset = load_dataset(options.data, options.geometry, options.negative)
    require_same_recipe(options.out / "recipe.json", options, dataset, _CARD_ONLY)
    meter = Meter(progress)
    for notice in dataset.notices:
        meter.say(notice)
    plan = plan_of(options, dataset, options.scheme, options.seed)
    builder = _Builder(options, dataset)
    learner = _learner(options, builder)
    history = _fitted(options, learner, plan, dataset, meter)
    with learner.averaged():
        write_model(options.out, Trained(options, dataset, plan, history, builder), learner.model)
    (options.out / _CHECKPOINT).unlink(missing_ok=True)
    return options.out


def _learner(options: TrainOptions, builder: _Builder) -> Learner:
    images = len(builder.dataset.train)
    schedule = schedule_of(options, images, options.epochs, options.learning_rate)
    learner = Learner(builder, schedule, precision=options.precision, average=options.ema)
    learner.reset(options.seed)
    return learner


def _fitted(
    options: TrainOptions, learner: Learner, plan: Plan, dataset: Dataset, meter: Meter
) -> History:
    feed = image_feed(learner, dataset, plan)
    images = feed.order(0).size
    meter.expect(options.epochs * images)

    def check(reached: History) -> None:
        if diverged(reached):
            raise ModelError(
                f"Training diverged in epoch {len(reached)}: the loss is no longer a number. Try a "
                f"lower --learning-rate than {options.learning_rate:g}, with another --out."
            )

    hooks = Hooks(
        lambda images: meter.advance(images, stage=f"training under {options.scheme}"), check
    )
    start = Start(resumed=lambda history: meter.skip(len(history) * images))
    state = options.out / _CHECKPOINT
    return fit_resumably(state, learner, feed, options.epochs, hooks, start).history
