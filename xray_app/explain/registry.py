"""Every explanation by name: selectors, commands, documents and contract tests read this."""

import numpy as np

from xray_app.core import Saliency, UnknownChoice, read_only
from xray_app.explain.class_activation import CLASS_ACTIVATIONS
from xray_app.explain.integrated_gradients import INTEGRATED_GRADIENTS
from xray_app.explain.method import (
    INPUT,
    Advance,
    Explanation,
    InputExplanation,
    Question,
    saliency_of,
    unwatched,
)
from xray_app.explain.occlusion import OCCLUSION
from xray_app.explain.rise import RISE
from xray_app.explain.score_cam import SCORE_CAM

EXPLANATIONS: dict[str, Explanation] = {
    **CLASS_ACTIVATIONS,
    SCORE_CAM.name: SCORE_CAM,
    INTEGRATED_GRADIENTS.name: INTEGRATED_GRADIENTS,
}
# What asks nothing but passes, for models that give no gradients. Occlusion and RISE take longer
# than all others, and they were not evaluated as the others were.
BLACK_BOX: dict[str, InputExplanation] = {e.name: e for e in (SCORE_CAM, OCCLUSION, RISE)}
ALL: dict[str, Explanation] = {**EXPLANATIONS, **BLACK_BOX}
SLOW = tuple(e.name for e in ALL.values() if isinstance(e, InputExplanation))
NO_MAP = "none"  # no method is asked: none of those that fit is done in a moment


def find_explanation(method: str) -> Explanation:
    """Return the registered method.

    Raises:
        UnknownChoice: there is no such method; its message names the closest match.

    >>> find_explanation("gradcam").label
    'Grad-CAM'
    """
    if method not in ALL:
        raise UnknownChoice.of("explanation", method, ALL)
    return ALL[method]


def no_map(layer: str, target: str) -> Saliency:
    """The empty map of no method.

    >>> no_map("last", "normal").is_empty
    True
    """
    first, _, against = target.partition(":")
    nothing = read_only(np.zeros((1, 1), np.float32))
    if not against:
        return Saliency(NO_MAP, layer, first, nothing, 0.0, "nothing")
    return Saliency(NO_MAP, layer, first, nothing, 0.0, "nothing", against, nothing)


def explain_input(
    method: InputExplanation,
    layer: str,
    target: str,
    question: Question,
    advance: Advance = unwatched,
) -> Saliency:
    """Explain one image by asking the model about changed ones.

    Args:
        method: one of the input's methods.
        layer: name of the last layer, kept in the record if the method looks at it.
        target: name of the class that the question is about, kept in the record.
        question: the image and how to ask.
        advance: is told the fraction that is done, in [0, 1].

    Returns:
        A Saliency whose map is zero where evidence is absent or negative; its layer is "the input"
        unless the method looks at the last one.

    >>> import numpy as np
    >>> image = np.array([[[4.0, 4.0, 4.0], [-2.0, -2.0, -2.0]]], np.float32)
    >>> question = Question(image, image, 0 * image, lambda x: x.sum(axis=(1, 2, 3)), np.ones_like)
    >>> saliency = explain_input(INTEGRATED_GRADIENTS, "last", "normal", question)
    >>> saliency.layer, saliency.map.round(4).tolist()
    ('the input', [[12.0, 0.0]])
    """
    looked_at = layer if method.uses_last_layer else INPUT
    return saliency_of(method, looked_at, target, method.apply(question, advance))
