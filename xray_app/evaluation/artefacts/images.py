"""One radiograph's answers to what the tests change about it."""

from dataclasses import dataclass

import numpy as np

from xray_app.cards import model_inputs
from xray_app.core import FloatArray, norm_ratios, softmax
from xray_app.diagnosis import DEFAULT_EXPLANATION
from xray_app.engines import Engine
from xray_app.evaluation.faithfulness.curves import COVERED, order_of
from xray_app.explain import body_mask, explain, follows_mirror

_SEED = 0


@dataclass(frozen=True, slots=True)
class Answers:
    """What the model does with one image when it is changed.

    Attributes:
        follows: whether its map follows the mirror image; None if that can't be told.
        norm_ratio: largest cell norm over the median's; nan if undefined.
        cover_gain: probability lost under the map's top 15 % less that under a random 15 %.
        swapped: whether the class changes with another patient's surroundings; None where no other
            came before.
    """

    follows: bool | None
    norm_ratio: float
    cover_gain: float
    swapped: bool | None


def answers(engine: Engine, display: FloatArray, other: FloatArray | None, place: int) -> Answers:
    """Ask the model about one image and its changed copies.

    Args:
        engine: any engine.
        display: (H, W) float32 in [0, 1] at the model's size.
        other: another patient's image, whose surroundings are exchanged; None if there is none.
        place: of the image in its split, which seeds its random map.

    Raises:
        EngineError: the model failed.
    """
    forward = engine.forward(model_inputs(engine.card, [display, display[:, ::-1]]))
    target = int(forward.logits[0].argmax())
    own, mirrored = _maps(engine, forward.activations, target)
    rng = np.random.default_rng((_SEED, place))
    chance = rng.random(own.shape).astype(np.float32)
    changed = [covered(display, own, rng), covered(display, chance, rng)]
    if other is not None:
        changed.append(surrounded(display, other))
    logits = engine.forward(model_inputs(engine.card, changed)).logits
    kept = softmax(logits.astype(np.float64))[:, target]
    return Answers(
        follows=follows_mirror(own, mirrored),
        norm_ratio=float(norm_ratios(forward.activations[:1])[0]),
        cover_gain=float(kept[1] - kept[0]),
        swapped=bool(int(logits[2].argmax()) != target) if other is not None else None,
    )


def covered(display: FloatArray, values: FloatArray, rng: np.random.Generator) -> FloatArray:
    """The image with the map's highest 15 % filled with the image's mean."""
    order = order_of(values, display.shape, rng)
    return np.where(order < COVERED, display.mean(), display).astype(np.float32)


def surrounded(display: FloatArray, other: FloatArray) -> FloatArray:
    """The body of one image in the surroundings of another; its body, where it shows, is filled."""
    body, others_body = body_mask(display), body_mask(other)
    outside = other[~others_body]
    filling = outside.mean() if outside.size else 0.0
    around = np.where(others_body, filling, other)
    return np.where(body, display, around).astype(np.float32)


def _maps(engine: Engine, activations: FloatArray, target: int) -> list[FloatArray]:
    gradients = engine.head_gradients(activations, (target,) * len(activations))
    name, layer = engine.card.class_names[target], engine.layers[0]
    return [
        explain(DEFAULT_EXPLANATION, layer, name, a, g).map
        for a, g in zip(activations, gradients, strict=True)
    ]
