"""Every explanation by name: selectors, commands, documents and contract tests read this."""

from xray_app.core import Saliency, UnknownChoice
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
from xray_app.explain.score_cam import SCORE_CAM

EXPLANATIONS: dict[str, Explanation] = {
    **CLASS_ACTIVATIONS,
    SCORE_CAM.name: SCORE_CAM,
    INTEGRATED_GRADIENTS.name: INTEGRATED_GRADIENTS,
}
SLOW = tuple(e.name for e in EXPLANATIONS.values() if isinstance(e, InputExplanation))


def find_explanation(method: str) -> Explanation:
    """Return the registered method.

    Raises:
        UnknownChoice: there is no such method; its message names the closest match.

    >>> find_explanation("gradcam").label
    'Grad-CAM'
    """
    if method not in EXPLANATIONS:
        raise UnknownChoice.of("explanation", method, EXPLANATIONS)
    return EXPLANATIONS[method]


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
