"""Fit the network, an epoch at a time; a stopped run goes on after its last."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tools.lungs.changes import changed
from tools.lungs.images import Pairs
from tools.lungs.network import OUTPUTS, SIDE, network
from xray_app.core import FloatArray

BATCH, PEAK = 32, 3e-3
_ADULTS_OF = 4  # every fourth image is an adult's, however few there are


def dice_of(drawn: FloatArray, found: FloatArray) -> FloatArray:
    """Dice of each mask (N, H, W) with what was found, both bool."""
    both = (drawn & found).sum(axis=(1, 2))
    sizes = drawn.sum(axis=(1, 2)) + found.sum(axis=(1, 2))
    return np.where(sizes > 0, 2.0 * both / np.maximum(sizes, 1), 1.0)


def judged(model: Any, pairs: Pairs) -> FloatArray:
    """Dice of each radiograph, at the network's size."""
    logits = model.predict(pairs.images[..., np.newaxis], batch_size=64, verbose=0)
    return dice_of(pairs.masks >= 0.5, logits[..., pairs.output] >= 0.0)


class _Loss(keras.losses.Loss):  # type: ignore[misc] # Keras has no types
    """Cross-entropy and one minus Dice, of the output that the masks are for.

    Targets are (N, H, W, 4): the mask for each output, and whether it is known.
    """

    def call(self, target: Any, logits: Any) -> Any:
        """(N,) losses."""
        ops = keras.ops
        mask, known = target[..., :OUTPUTS], target[..., OUTPUTS:]
        entropy = ops.binary_crossentropy(mask, logits, from_logits=True) * known
        found = ops.sigmoid(logits) * known
        both = 2.0 * ops.sum(found * mask, axis=(1, 2, 3)) + 1.0
        sizes = ops.sum(found + mask, axis=(1, 2, 3)) + 1.0
        return ops.mean(ops.sum(entropy, axis=3), axis=(1, 2)) + 1.0 - both / sizes


def fit(
    young: Pairs, old: Pairs, checks: dict[str, Pairs], out: Path, epochs: int,
    say: Callable[[str], None],
) -> Any:  # fmt: skip
    """Train for ``epochs`` over the children's masks; ``out`` keeps the state and the history."""
    keras.utils.set_random_seed(0)
    model = network()
    steps = len(young.images) * _ADULTS_OF // (_ADULTS_OF - 1) // BATCH
    rate = keras.optimizers.schedules.CosineDecay(
        PEAK / 10, steps * epochs, warmup_target=PEAK, warmup_steps=steps
    )
    model.compile(keras.optimizers.AdamW(rate, weight_decay=1e-4), _Loss())
    state, log = out / "state.keras", out / "history.json"
    history: list[dict[str, float]] = json.loads(log.read_text()) if state.exists() else []
    if history:
        model = keras.models.load_model(state, custom_objects={"_Loss": _Loss})
    for epoch in range(len(history), epochs):
        began = time.monotonic()
        losses = [
            float(model.train_on_batch(*batch)) for batch in _batches(young, old, steps, epoch)
        ]
        row = {"epoch": epoch + 1, "loss": float(np.mean(losses))}
        row |= {name: float(judged(model, pairs).mean()) for name, pairs in checks.items()}
        history.append(row)
        model.save(state)
        log.write_text(json.dumps(history, indent=1) + "\n")
        say(f"{time.monotonic() - began:.0f} s: {json.dumps(row)}")
    return model


def _batches(
    young: Pairs, old: Pairs, steps: int, epoch: int
) -> Iterator[tuple[FloatArray, FloatArray]]:
    adults = BATCH // _ADULTS_OF
    order = np.random.default_rng((epoch, 0)).permutation(len(young.images))
    with ThreadPoolExecutor(2) as pool:

        def batch(step: int) -> tuple[FloatArray, FloatArray]:
            random = np.random.default_rng((epoch, 1, step))
            places = np.arange(step * (BATCH - adults), (step + 1) * (BATCH - adults))
            chosen = order[places % len(order)]
            picks = random.integers(0, len(old.images), adults)
            others = random.integers(0, len(young.images), adults)
            pairs = [(young, i, old.images[random.integers(len(old.images))]) for i in chosen]
            pairs += [(old, i, young.images[k]) for i, k in zip(picks, others, strict=True)]
            return _batch(pairs, random)

        ahead = [pool.submit(batch, step) for step in range(min(3, steps))]
        for step in range(steps):
            yield ahead.pop(0).result()
            if step + 3 < steps:
                ahead.append(pool.submit(batch, step + 3))


def _batch(
    pairs: list[tuple[Pairs, int, FloatArray]], random: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    images = np.zeros((len(pairs), SIDE, SIDE, 1), np.float32)
    targets = np.zeros((len(pairs), SIDE, SIDE, 2 * OUTPUTS), np.float32)
    for place, (source, i, other) in enumerate(pairs):
        image, mask = changed(source.images[i], source.masks[i], other, random)
        images[place, ..., 0] = image
        targets[place, ..., source.output] = mask
        targets[place, ..., OUTPUTS + source.output] = 1.0
    return images, targets
