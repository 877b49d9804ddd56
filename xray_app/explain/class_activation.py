"""Class activation maps from a layer's activations A and the gradients G of a logit y to them.

Both are (h, w, C) float32; each method weighs the channels in its own way and sums them. A method
returns the signed map (h, w); ``explain`` cuts negative evidence off. To add one, write one
function and one row of ``CLASS_ACTIVATIONS``.
"""

import numpy as np

from xray_app.core import FloatArray, Saliency, UnknownChoice
from xray_app.explain.method import LOGIT, RELATIVE, LayerExplanation, saliency_of


def _grad_cam(activations: FloatArray, gradients: FloatArray) -> FloatArray:
    return np.asarray(activations @ gradients.mean(axis=(0, 1)), np.float32)


def _grad_cam_plus_plus(activations: FloatArray, gradients: FloatArray) -> FloatArray:
    # Equation 19, g^2 / (2 g^2 + sum(A) g^3), with g^2 taken out: a small gradient's square would
    # be 0. Others add a constant to the denominator, which weighs small gradients less.
    denominator = 2.0 + activations.sum(axis=(0, 1)) * gradients
    alpha = np.divide(1.0, denominator, out=np.zeros_like(gradients), where=denominator != 0.0)
    weights = (alpha * np.maximum(gradients, 0.0)).sum(axis=(0, 1))
    return np.asarray(activations @ weights, np.float32)


def _layer_cam(activations: FloatArray, gradients: FloatArray) -> FloatArray:
    return _summed(np.maximum(gradients, 0.0) * activations)


def _hires_cam(activations: FloatArray, gradients: FloatArray) -> FloatArray:
    return _summed(gradients * activations)


def _summed(products: FloatArray) -> FloatArray:
    total: FloatArray = products.sum(axis=-1)
    return total


CLASS_ACTIVATIONS: dict[str, LayerExplanation] = {
    e.name: e
    for e in (
        LayerExplanation(
            "gradcam",
            "Grad-CAM",
            "Each channel weighs as much as its gradient does on average.",
            LOGIT,
            "Selvaraju et al. 2017, equations 1 and 2",
            _grad_cam,
        ),
        LayerExplanation(
            "gradcam++",
            "Grad-CAM++",
            "Positive gradients weigh more where they are rare, so several findings show.",
            RELATIVE,
            "Chattopadhay et al. 2018, equations 10 and 19, for the exponential of the logit",
            _grad_cam_plus_plus,
        ),
        LayerExplanation(
            "layercam",
            "LayerCAM",
            "Each cell weighs as much as its own positive gradient; suits finer layers.",
            RELATIVE,
            "Jiang et al. 2021, equations 6 and 7",
            _layer_cam,
        ),
        LayerExplanation(
            "hirescam",
            "HiResCAM",
            "Each cell weighs as much as its own gradient, negative ones included.",
            LOGIT,
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
        method: a key of ``CLASS_ACTIVATIONS``.
        layer: name of the layer, kept in the record.
        target: name of the class whose logit was differentiated, kept in the record; two as
            ``A:B`` where it was the difference of their logits.
        activations: (h, w, C) float32.
        gradients: (h, w, C) float32.

    Returns:
        A Saliency whose map (h, w) float32 is zero where evidence is absent or negative.

    Raises:
        UnknownChoice: the method is not one of a layer.

    The gradients' means weigh the two channels with 2 and -1:

    >>> import numpy as np
    >>> activations = np.array([[[3.0, 1.0], [0.0, 4.0]]], np.float32)
    >>> gradients = np.array([[[1.0, -1.0], [3.0, -1.0]]], np.float32)
    >>> explain("gradcam", "last", "normal", activations, gradients).map.tolist()
    [[5.0, 0.0]]
    """
    if method not in CLASS_ACTIVATIONS:
        raise UnknownChoice.of("explanation", method, CLASS_ACTIVATIONS)
    chosen = CLASS_ACTIVATIONS[method]
    signed = chosen.apply(activations, gradients)
    # Some methods see positive gradients alone: B over A is another question to them.
    opposite = chosen.apply(activations, -gradients) if ":" in target else None
    return saliency_of(chosen, layer, target, signed, opposite)
