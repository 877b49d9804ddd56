"""What an explanation is, in two kinds: those of a layer, and those that ask the model itself.

A method of a layer weighs its activations by gradients and is done in a moment. A method of the
input runs the model many times on changed images; no layer can be chosen, and it takes seconds.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xray_app.core import FloatArray, Saliency, read_only

LOGIT = "logit per cell"
RELATIVE = "relative evidence"
INPUT = "the input"
Advance = Callable[[float], None]


def unwatched(fraction: float) -> None:
    """Ignore how far a method is: ``fraction`` of it is done, in [0, 1].

    >>> unwatched(0.5)
    """


def part_of(advance: Advance, place: int, count: int) -> Advance:
    """What tells ``advance`` how far all of ``count`` parts are, from how far one of them is.

    Args:
        advance: is told a fraction in [0, 1].
        place: of the part, from 0.
        count: of the parts.

    >>> told = []
    >>> part_of(told.append, 1, 4)(0.5)
    >>> told
    [0.375]
    """
    return lambda fraction: advance((place + fraction) / count)


@dataclass(frozen=True, slots=True)
class LayerExplanation:
    """A method of a layer with its label, what it shows in one sentence, its unit and its paper.

    Attributes:
        apply: from activations and gradients, both (h, w, C), to the signed map (h, w).
    """

    name: str
    label: str
    explanation: str
    unit: str
    source: str
    apply: Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One image, one class, and how to ask the model about other images.

    Attributes:
        image: (H, W, 3) float32, the model input.
        activations: (h, w, C) float32 of the last convolutional layer for the image.
        black: (H, W, 3) float32, a black image as training fed it (of z-scores, a black
            pixel of this image): what stands for "nothing there".
        logit: the class's logit (N,) float32 for a batch (N, H, W, 3).
        gradients: its gradients to the pixels, (N, H, W, 3) float32, for such a batch.
    """

    image: FloatArray
    activations: FloatArray
    black: FloatArray
    logit: Callable[[FloatArray], FloatArray]
    gradients: Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class InputExplanation:
    """A method that runs the model many times; fields as in ``LayerExplanation``.

    Attributes:
        apply: from a question to the signed map (h, w); tells how far it is, in [0, 1].
        passes: how many it takes for one image, about.
        uses_last_layer: whether it looks at the last layer's activations; no other layer can be
            chosen for it.
    """

    name: str
    label: str
    explanation: str
    unit: str
    source: str
    apply: Callable[[Question, Advance], FloatArray]
    passes: int
    uses_last_layer: bool = False


Explanation = LayerExplanation | InputExplanation


def saliency_of(
    explanation: Explanation,
    layer: str,
    target: str,
    signed: FloatArray,
    opposite: FloatArray | None = None,
) -> Saliency:
    """Make the record of a signed map: zero where evidence is absent or negative.

    Args:
        explanation: the method, for its name and unit.
        layer: name of the layer.
        target: name of the class, or two as ``A:B``.
        signed: (h, w) float32, not empty.
        opposite: of two classes, the signed map of B over A; default: ``signed`` turned round.

    >>> from xray_app.explain.registry import EXPLANATIONS
    >>> import numpy as np
    >>> signed = np.array([[-1.0, 2.0]], np.float32)
    >>> saliency = saliency_of(EXPLANATIONS["gradcam"], "last", "normal", signed)
    >>> saliency.map.tolist(), saliency.peak, saliency.unit
    ([[0.0, 2.0]], 2.0, 'logit per cell')
    """
    name, unit = explanation.name, explanation.unit
    first, _, against = target.partition(":")
    positive, peak = _positive(signed), float(signed.max())
    if not against:
        return Saliency(name, layer, first, positive, peak, unit)
    turned = -signed if opposite is None else opposite
    peak = max(peak, float(turned.max()))
    return Saliency(name, layer, first, positive, peak, unit, against, _positive(turned))


def _positive(signed: FloatArray) -> FloatArray:
    return read_only(np.maximum(signed, 0.0).astype(np.float32))
