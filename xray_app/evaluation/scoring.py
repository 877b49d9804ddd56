"""Logits of a model for many radiographs, in batches."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from xray_app.cards import model_inputs, to_model_size
from xray_app.core import FloatArray, Radiograph, Values
from xray_app.core.images import resize
from xray_app.core.normalization import Scheme
from xray_app.diagnosis import check_logits
from xray_app.engines import Engine

_BATCH = 16


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
        EngineError: the model failed, or gave no finite number.
    """
    size = engine.card.input
    found: list[FloatArray] = []
    batch: list[FloatArray] = []

    def run() -> None:
        logits = engine.forward(model_inputs(engine.card, batch, scheme)).logits
        check_logits(engine.card, logits)
        found.extend(logits)
        batch.clear()
        progress(len(found))

    for display in displays:
        batch.append(resize(display, size.height, size.width))
        if len(batch) == _BATCH:
            run()
    if batch:
        run()
    return np.array(found, np.float64).reshape(-1, len(engine.card.classes))


def displays_of(engine: Engine, radiographs: Iterable[Radiograph]) -> Iterator[FloatArray]:
    """Each radiograph in the display domain, (H, W) float32 in [0, 1], at the model's size."""
    return (to_model_size(engine.card, radiograph) for radiograph in radiographs)
