"""Class activation maps from a layer's activations A and the gradients G of a logit y to them.

Both are (h, w, C) float32; each method weighs the channels in its own way and sums them. A method
returns the signed map (h, w); ``explain`` cuts negative evidence off. To add one, write one
function and one row of ``EXPLANATIONS``.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from xray_app.core.errors import UnknownChoice
from xray_app.core.records import FloatArray, Saliency, read_only

_LOGIT = "logit per cell"
_RELATIVE = "relative evidence"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A method with its label, what it shows in one sentence, its unit and its paper."""

    name: str
    label: str
    explanation: str
    unit: str
    source: str
    apply: Callable[[FloatArray, FloatArray], FloatArray]


def _grad_cam(activations: FloatArray, gradients: FloatArray) -> FloatArray:
    return np.asarray(activations @ gradients.mean(axis=(0, 1)), np.float32)


def _grad_cam_plus_plus(activations: FloatArray, gradients: FloatArray) -> FloatArray:
    squared, cubed = gradients**2, gradients**3
    denominator = 2.0 * squared + activations.sum(axis=(0, 1)) * cubed
    # Where the gradient is 0 its weight is 0 as well, whatever the quotient of zeros would be.
    alpha = np.divide(squared, denominator, out=np.zeros_like(squared), where=denominator != 0.0)
    weights = (alpha * np.maximum(gradients, 0.0)).sum(axis=(0, 1))
    return np.asarray(activations @ weights, np.float32)


def _layer_cam(activations: FloatArray, gradients: FloatArray) -> FloatArray:
    return _summed(np.maximum(gradients, 0.0) * activations)


def _hires_cam(activations: FloatArray, gradients: FloatArray) -> FloatArray:
    return _summed(gradients * activations)


def _summed(products: FloatArray) -> FloatArray:
    total: FloatArray = products.sum(axis=-1)
    return total


EXPLANATIONS: dict[str, Explanation] = {
    e.name: e
    for e in (
        Explanation(
            "gradcam",
            "Grad-CAM",
            "Each channel weighs as much as its gradient does on average.",
            _LOGIT,
            "Selvaraju et al. 2017, equations 1 and 2",
            _grad_cam,
        ),
        Explanation(
            "gradcam++",
            "Grad-CAM++",
            "Positive gradients weigh more where they are rare, so several findings show.",
            _RELATIVE,
            "Chattopadhay et al. 2018, equations 10 and 19, for the exponential of the logit",
            _grad_cam_plus_plus,
        ),
        Explanation(
            "layercam",
            "LayerCAM",
            "Each cell weighs as much as its own positive gradient; suits finer layers.",
            _RELATIVE,
            "Jiang et al. 2021, equations 6 and 7",
            _layer_cam,
        ),
        Explanation(
            "hirescam",
            "HiResCAM",
            "Each cell weighs as much as its own gradient, negative ones included.",
            _LOGIT,
            "Draelos and Carin 2020, equation 5",
            _hires_cam,
        ),
    )
}


def explain(
    method: str, layer: str, target: str, activations: FloatArray, gradients: FloatArray
) -> Saliency:
    """Compute the class activation map of one image.

    Args:
        method: a key of ``EXPLANATIONS``.
        layer: name of the layer, kept in the record.
        target: name of the class whose logit was differentiated, kept in the record.
        activations: (h, w, C) float32.
        gradients: (h, w, C) float32.

    Returns:
        A Saliency whose map is zero where evidence is absent or negative.

    Raises:
        UnknownChoice: the method is not registered.
    """
    chosen = find_explanation(method)
    signed = chosen.apply(activations, gradients)
    positive = np.maximum(signed, 0.0).astype(np.float32)
    return Saliency(method, layer, target, read_only(positive), float(signed.max()), chosen.unit)


def find_explanation(method: str) -> Explanation:
    """Return the registered method.

    Raises:
        UnknownChoice: there is no such method.
    """
    if method not in EXPLANATIONS:
        raise UnknownChoice.of("explanation", method, EXPLANATIONS)
    return EXPLANATIONS[method]
