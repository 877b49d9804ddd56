"""From a fitted network to the files that the app reads: weights, card and history."""

import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import h5py
import numpy as np

from xray_app.core import (
    AnyArray,
    FloatArray,
    Interval,
    resample_groups,
    write_atomically,
    write_json,
)
from xray_app.study import to_plain
from xray_app.training.command import command_of, versions
from xray_app.training.data.batches import Plan, inputs_under
from xray_app.training.data.reading import Dataset
from xray_app.training.fit.fitting import History
from xray_app.training.fit.learner import probabilities_of
from xray_app.training.fit.metrics import METRICS, figures, outcome
from xray_app.training.fit.networks import computing_in, preprocessing_layers
from xray_app.training.options import TrainOptions

CARD_FILE = "card.json"
WEIGHTS_FILE = "float16.weights.h5"
_RESAMPLES = 1000


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What a model's files are made from, besides its weights."""

    options: TrainOptions
    dataset: Dataset
    plan: Plan
    history: History
    build: Callable[[], Any]


def write_model(out: Path, trained: Trained, network: Any) -> None:
    """Write weights, history, and last the card, each whole or not at all.

    The figures on the card are measured with the written file, in float32.

    Raises:
        InputError: a file can't be written.
        CardError: the card would not be valid.
    """
    weights = out / WEIGHTS_FILE
    write_atomically(weights, lambda path: save_half_precision(network, path))
    with computing_in("float32"):
        written = trained.build()
    written.load_weights(weights)
    measured, accuracy = _measure(written, trained)
    history = [to_plain(e) for e in trained.history]
    intervals = {name: to_plain(figure) for name, figure in measured.items()}
    write_json(out / "history.json", {"epochs": history, "test": intervals})
    card = _card(trained, weights, preprocessing_layers(written), measured, accuracy)
    _require_valid(card)
    write_json(out / CARD_FILE, card)


def save_half_precision(network: Any, path: Path) -> None:
    """Save weights for ``load_weights``, float32 arrays as float16 where that loses nothing much.

    An array that float16 can't hold, such as a variance of raw bytes, stays float32. What an
    optimizer remembers, twice as much as the weights, is left out.
    """
    with TemporaryDirectory(dir=path.parent) as folder:
        whole = Path(folder) / "whole.weights.h5"
        network.save_weights(whole)
        with h5py.File(whole, "r") as source, h5py.File(path, "w") as target:
            _copy_attributes(source, target)
            source.visititems(lambda name, item: _copy(name, item, target))


def _copy(name: str, item: Any, target: Any) -> None:
    if name == "optimizer" or name.startswith("optimizer/"):
        return
    if isinstance(item, h5py.Group):
        _copy_attributes(item, target.require_group(name))
        return
    copied = target.create_dataset(name, data=_halved(np.asarray(item)))
    _copy_attributes(item, copied)


def _copy_attributes(source: Any, target: Any) -> None:
    for key, value in source.attrs.items():
        target.attrs[key] = value


def _halved(array: AnyArray) -> AnyArray:
    if array.dtype != np.float32:
        return array
    with warnings.catch_warnings():  # an overflow is what is looked for
        warnings.simplefilter("ignore", RuntimeWarning)
        half = array.astype(np.float16)
    return half if np.allclose(half, array, rtol=1e-3, atol=1e-6) else array


def _measure(network: Any, trained: Trained) -> tuple[dict[str, Interval], float]:
    """Figures on the test split, and the accuracy over all classes."""
    test, plan = trained.dataset.test, trained.plan
    inputs = inputs_under(test.images, plan.scheme, plan.statistics, plan.batch_size)
    probabilities = probabilities_of(network, inputs)
    draws = resample_groups(test.patients, _RESAMPLES, seed=0)
    accuracy = float((probabilities.argmax(axis=1) == test.labels).mean())
    return figures(outcome(probabilities, test.labels), draws), accuracy


def _card(
    trained: Trained,
    weights: Path,
    layers: tuple[str, ...],
    measured: dict[str, Interval],
    accuracy: float,
) -> dict[str, Any]:
    o, data = trained.options, trained.dataset
    values = {name: measured[name].value for name in METRICS} | {"accuracy_all_classes": accuracy}
    negative = data.classes[0]
    test_set = f"{data.name}, test, {len(data.test)} images; {negative} is negative"
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
        "contract": {
            "scheme": o.scheme,
            "range": _input_range(trained),
            "layers": list(layers) if o.keep_preprocessing else [],
            "mean": [round(data.statistics.mean, 6)],
            "variance": [round(data.statistics.std**2, 6)],
        },
        "weights": {"file": weights.name, "sha256": sha256(weights.read_bytes()).hexdigest()},
        "training_data": {
            "name": data.name,
            "source": o.source,
            "licence": o.licence,
            "population": o.population,
            "images": len(data.train),
            "recipe": recipe_sentence(o),
        },
        "metrics": [
            {
                "name": name,
                "value": round(value, 4),
                "test_set": test_set,
                "command": command_of("train", o),
            }
            for name, value in values.items()
        ],
        "limitations": [
            f"Knows {data.name} alone ({o.population}); not to be used on other radiographs.",
            "Its probabilities are not calibrated.",
            "Not a medical device.",
        ],
        "versions": versions(),
    }


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


def _require_valid(card: dict[str, Any]) -> None:
    try:
        from xray_app.cards import parse_card
    except ModuleNotFoundError as error:
        if error.name != "pydantic":
            raise
        return  # a machine that only trains; the app checks the card when it reads it
    parse_card(card, CARD_FILE)
