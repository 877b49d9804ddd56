"""The maps of a batch: by which method, at which layer, and how far they are."""

from collections.abc import Sequence

import numpy as np

from xray_app.cards import ModelCard, model_input, trained_scheme
from xray_app.core import FloatArray, Saliency, UnknownChoice
from xray_app.core.normalization import adjust_contrast, zscore_like
from xray_app.engines import Engine, LayerGradients
from xray_app.explain import (
    NO_MAP,
    Advance,
    InputExplanation,
    Question,
    explain,
    explain_input,
    find_explanation,
    no_map,
    part_of,
    unwatched,
)

DEFAULT_EXPLANATION = "gradcam"
LAST = "last"
DETAIL = {LAST: 0, "finer": 1, "finest": 2}


def find_layer(engine: Engine, name: str | None) -> str:
    """The engine's layer by its name or by a key of ``DETAIL``; None is the last layer.

    Raises:
        UnknownChoice: the model has no such layer.
    """
    layers = engine.layers
    by_name = dict(zip(layers, layers, strict=True))
    by_name |= {detail: layers[i] for detail, i in DETAIL.items() if i < len(layers)}
    if (name or LAST) not in by_name:
        raise UnknownChoice.of("layer", str(name), by_name)
    return by_name[name or LAST]


def fitting_explanation(card: ModelCard, method: str) -> str:
    """The chosen method; ``NO_MAP`` in place of the default one if the model doesn't allow that.

    Raises:
        UnknownChoice: there is no such method, or this model's file doesn't allow it.
    """
    find_explanation(method)
    if card.brought is None or method in card.brought.explanations:
        return method
    if method == DEFAULT_EXPLANATION:
        return NO_MAP
    raise UnknownChoice.of(
        f"explanation for {card.brought.file},", method, card.brought.explanations or ["none"]
    )


Images = FloatArray | Sequence[FloatArray]  # (N, H, W, 3) or N times (H, W, 3)


def explain_all(
    engine: Engine,
    batch: Images,
    activations: FloatArray,
    method: str,
    layer: str,
    target: str,
    advance: Advance = unwatched,
    display: FloatArray | None = None,
) -> list[Saliency]:
    """Explain one class, or the difference of two, for every image of a batch.

    Args:
        engine: any engine.
        batch: N times (H, W, 3) float32, the model inputs.
        activations: (N, h, w, C) float32 that ``engine.forward`` gave for that batch.
        method: a key of ``EXPLANATIONS``.
        layer: one of the engine's layers; a method of the input ignores it.
        target: name of the class to explain, or two as ``A:B``: what raises the logit of A over
            that of B, and in ``negative`` what lowers it.
        advance: is told the fraction that is done; a method of a layer is done at once.
        display: as ``black_as_trained``; of which all inputs of the batch were made.

    Returns:
        N maps.

    Raises:
        UnknownChoice: there is no such method or class.
        EngineError: the model failed, or can't give the gradients that are needed.
    """
    if method == NO_MAP:
        return [no_map(layer, target) for _ in batch]
    chosen = find_explanation(method)
    if isinstance(chosen, InputExplanation):
        black = black_as_trained(engine, display)
        return [
            _by_input(
                engine, image, reached, black, chosen, target, part_of(advance, place, len(batch))
            )
            for place, (image, reached) in enumerate(zip(batch, activations, strict=True))
        ]
    return _by_layer(engine, batch, activations, method, layer, target)


def _by_input(
    engine: Engine,
    image: FloatArray,
    activations: FloatArray,
    black: FloatArray,
    method: InputExplanation,
    target: str,
    advance: Advance,
) -> Saliency:
    first, second = _positions(engine, target)

    def logit(batch: FloatArray) -> FloatArray:
        logits = engine.forward(np.asarray(batch, np.float32)).logits
        return logits[:, first] if second is None else logits[:, first] - logits[:, second]

    def gradients(batch: FloatArray) -> FloatArray:
        found = engine.input_gradients(batch, (first,) * len(batch))
        if second is None:
            return found
        return found - engine.input_gradients(batch, (second,) * len(batch))

    question = Question(image, activations, black, logit, gradients)
    return explain_input(method, engine.layers[0], target, question, advance)


def _positions(engine: Engine, target: str) -> tuple[int, int | None]:
    """Where the class, and the one that it is compared with, stand in the model's output."""
    first, against = engine.card.require_target(target)
    names = engine.card.class_names
    return names.index(first), None if against is None else names.index(against)


def black_as_trained(engine: Engine, display: FloatArray | None = None) -> FloatArray:
    """Black under the scheme that the model was trained with.

    A model of z-scores never meets a uniform black image as black: that is scaled to 0, which is
    the mean gray. There black is what a black pixel of this image becomes, (0 - mean) / deviation.

    Args:
        engine: any engine.
        display: (H, W) float32 in [0, 1], the image at the model's size; without it, and where no
            figure of the image counts, a uniform black image is scaled.

    Returns:
        (H, W, 3) float32.
    """
    size = engine.card.input
    black = np.zeros((size.height, size.width), np.float32)
    scheme = trained_scheme(engine.card)
    if display is None or scheme.scale.name != "zscore":
        return model_input(engine.card, black).array
    return zscore_like(black, adjust_contrast(display, scheme.contrast))


def _by_layer(
    engine: Engine,
    batch: Images,
    activations: FloatArray,
    method: str,
    layer: str,
    target: str,
) -> list[Saliency]:
    if layer != engine.layers[0]:  # else nothing is computed from the images
        batch = np.asarray(batch)
    first, second = _positions(engine, target)
    found = _gradients(engine, batch, activations, layer, first)
    if second is not None:  # of the difference, since a gradient is linear
        other = _gradients(engine, batch, activations, layer, second)
        found = LayerGradients(found.activations, found.gradients - other.gradients)
    return [
        explain(method, layer, target, *each)
        for each in zip(found.activations, found.gradients, strict=True)
    ]


def _gradients(
    engine: Engine,
    batch: Images,
    activations: FloatArray,
    layer: str,
    position: int,
) -> LayerGradients:
    targets = (position,) * len(batch)
    if layer == engine.layers[0]:
        return LayerGradients(activations, engine.head_gradients(activations, targets))
    return engine.gradients(np.asarray(batch), layer, targets)
