"""Logits of a model for many radiographs, in batches."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from xray_app.core.classifier_metrics import Values
from xray_app.core.normalization import Scheme, normalize
from xray_app.core.records import FloatArray, Radiograph
from xray_app.core.resampling import display_at, resize
from xray_app.engines.protocol import Engine

Progress = Callable[[str, int, int], None]
_BATCH = 16


def no_progress(what: str, done: int, total: int) -> None:
    """Report nothing."""


def logits_of(
    engine: Engine,
    displays: Iterable[FloatArray],
    scheme: Scheme,
    progress: Callable[[int], None] = lambda done: None,
) -> Values:
    """Logits (N, K) of images in the display domain, each (H, W) float32 in [0, 1].

    Args:
        engine: any engine.
        displays: of any size; they are resized to the model's.
        scheme: how they are fed.
        progress: is told how many are done after each batch.

    Raises:
        InputError: the scheme can't be applied to this model.
        EngineError: the model failed.
    """
    size, statistics = engine.card.input, engine.card.contract.statistics
    found: list[FloatArray] = []
    batch: list[FloatArray] = []

    def run() -> None:
        found.extend(engine.forward(np.stack(batch)).logits)
        batch.clear()
        progress(len(found))

    for display in displays:
        fitted = resize(display, size.height, size.width)
        batch.append(normalize(fitted, scheme, statistics).array)
        if len(batch) == _BATCH:
            run()
    if batch:
        run()
    return np.array(found, np.float64).reshape(-1, len(engine.card.classes))


def displays_of(engine: Engine, radiographs: Iterable[Radiograph]) -> Iterator[FloatArray]:
    """Each radiograph in the display domain, (H, W) float32 in [0, 1], at the model's size."""
    size = engine.card.input
    return (display_at(radiograph, size.height, size.width) for radiograph in radiographs)
