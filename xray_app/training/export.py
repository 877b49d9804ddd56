"""From a fitted network to the files that the app reads: weights, card and history."""

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import h5py
import numpy as np

from xray_app.core import (
    AnyArray,
    Interval,
    resample_groups,
    write_atomically,
    write_json,
)
from xray_app.study import to_plain
from xray_app.training.data.batches import inputs_under
from xray_app.training.fit.learner import probabilities_of
from xray_app.training.fit.metrics import figures, outcome
from xray_app.training.fit.networks import computing_in, preprocessing_layers
from xray_app.training.model_card import CARD_FILE, Trained, card_of, require_valid

WEIGHTS_FILE = "float16.weights.h5"
_RESAMPLES = 1000


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
    card = card_of(trained, weights, preprocessing_layers(written), measured, accuracy)
    require_valid(card)
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
    return figures(outcome(probabilities, test.labels), test.patients, draws), accuracy
