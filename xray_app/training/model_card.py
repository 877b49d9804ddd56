"""The card of a model that was fitted here: what it is, what it was fed and how well it did."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xray_app.core import FloatArray, Interval, sha256_of
from xray_app.training.command import command_of, versions
from xray_app.training.data.batches import Plan, inputs_under
from xray_app.training.data.reading import Dataset
from xray_app.training.fit.fitting import History
from xray_app.training.fit.metrics import METRICS
from xray_app.training.options import TrainOptions

CARD_FILE = "card.json"


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What a model's files are made from, besides its weights."""

    options: TrainOptions
    dataset: Dataset
    plan: Plan
    history: History
    build: Callable[[], Any]


def card_of(
    trained: Trained,
    weights: Path,
    layers: tuple[str, ...],
    measured: Mapping[str, Interval],
    accuracy: float,
) -> dict[str, Any]:
    """Write the card, as plain values.

    Args:
        trained: what the model was made from.
        weights: its file, as it is written.
        layers: class names of the preprocessing layers inside the network.
        measured: figures on the test split, by ``METRICS``.
        accuracy: over all classes, there.
    """
    o, data = trained.options, trained.dataset
    return {
        "name": o.out.name,
        "title": o.title,
        "architecture": o.arch,
        "dropout": o.dropout,
        "classes": [
            {"name": name, "label": folder.replace("_", " ").strip().capitalize()}
            for name, folder in zip(data.classes, data.folders, strict=True)
        ],
        "input": asdict(o.geometry),
        "contract": _contract(trained, layers),
        "weights": {"file": weights.name, "sha256": sha256_of(weights)},
        "training_data": _training_data(trained),
        "metrics": _metrics(trained, measured, accuracy),
        "limitations": [
            f"Knows {data.name} alone ({o.population}); not to be used on other radiographs.",
            "Its probabilities are not calibrated.",
            "Not a medical device.",
        ],
        "versions": versions(),
    }


def _contract(trained: Trained, layers: tuple[str, ...]) -> dict[str, Any]:
    o, statistics = trained.options, trained.dataset.statistics
    return {
        "scheme": o.scheme,
        "range": _input_range(trained),
        "layers": list(layers) if o.keep_preprocessing else [],
        "mean": [round(statistics.mean, 6)],
        "variance": [round(statistics.std**2, 6)],
    }


def _training_data(trained: Trained) -> dict[str, Any]:
    o, data = trained.options, trained.dataset
    return {
        "name": data.name,
        "source": o.source,
        "licence": o.licence,
        "population": o.population,
        "images": len(data.train),
        "recipe": recipe_sentence(o),
    }


def _metrics(
    trained: Trained, measured: Mapping[str, Interval], accuracy: float
) -> list[dict[str, Any]]:
    data = trained.dataset
    values = {name: measured[name].value for name in METRICS} | {"accuracy_all_classes": accuracy}
    negative = data.classes[0]
    return [
        {
            "name": name,
            "value": round(value, 4),
            "test_set": f"{data.name}, test, {len(data.test)} images; {negative} is negative",
            "command": command_of("train", trained.options),
        }
        for name, value in values.items()
    ]


def recipe_sentence(options: TrainOptions) -> str:
    """Say in one sentence how the model was trained."""
    o = options
    start = "From ImageNet's weights" if o.pretrained else "From scratch"
    if o.freeze_batchnorm:
        start += " with every BatchNorm statistic kept"
    average = f"average of the weights {o.ema:g}" if o.ema else "no average of the weights"
    weighing = "classes weighed by inverse frequency" if o.class_weights else "classes not weighed"
    return (
        f"{start}, {o.epochs} epochs, batch {o.batch_size}, AdamW (peak {o.learning_rate:g}, "
        f"weight decay {o.weight_decay:g}, cosine, {o.warmup_epochs:g} epochs of warm-up), label "
        f"smoothing {o.label_smoothing:g}, mixup {o.mixup:g}, augmentation: "
        f"{', '.join(o.augment) or 'none'}; {average}, {weighing}, {o.precision} compute, seed "
        f"{o.seed}."
    )


def _input_range(trained: Trained) -> list[float]:
    """Lowest and highest value that training images have under the scheme."""
    plan = trained.plan
    inputs = inputs_under(
        trained.dataset.train.images, plan.scheme, plan.statistics, plan.batch_size
    )
    extremes: list[FloatArray] = [np.array([b.min(), b.max()]) for b in inputs]
    low, high = np.min(extremes), np.max(extremes)
    return [round(float(low), 4), round(float(high), 4)]


def require_valid(card: dict[str, Any]) -> None:
    """Check the card as the app does when it reads it.

    Raises:
        CardError: a field is wrong.
    """
    try:
        from xray_app.cards import parse_card
    except ModuleNotFoundError as error:
        if error.name != "pydantic":
            raise
        return  # a machine that only trains; the app checks the card when it reads it
    parse_card(card, CARD_FILE)
