"""What can be wrong with a model's preprocessing layers, each fault told in a sentence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from xray_app.core.normalization import IMAGENET_MEAN, IMAGENET_STD, Channels
from xray_app.core.text import channels_text
from xray_app.engines import LayerFacts, ModelFacts

_THIRD = 1.0 / np.sqrt(IMAGENET_STD.astype(np.float64))
# A layer that shrinks values this much turns bytes into small numbers: 1/255, 1/128, 1/(255 std).
_SHRINKS = 1.0 / 50.0
_NETWORKS = {"onnx", "tflite"}
_KEPT_STATISTICS = (3, 6)  # the first Keras that reads them back from a legacy .h5


@dataclass(frozen=True, slots=True)
class Issue:
    """A fault, under a name that a program can test, and a sentence or two for a person."""

    kind: str
    message: str


def find_faults(facts: ModelFacts) -> tuple[Issue, ...]:
    """Everything that is wrong, or needs a person's eye, in the order of ``CHECKS``."""
    return tuple(Issue(kind, message) for kind, check in CHECKS.items() for message in check(facts))


def _dropped_third_layer(facts: ModelFacts) -> Iterator[str]:
    for layer in _normalizations(facts):
        if _is_imagenet_std(layer) and not _has_third_layer(facts):
            yield (
                "The third layer is missing: Normalization holds ImageNet's standard deviation "
                "where it takes a variance, and the Rescaling(1/sqrt(std)) that makes up for it "
                "is not there. What reaches the first convolution is "
                f"{', '.join(f'{factor:.2f}' for factor in _THIRD)} times too small. This comes "
                "from loading ImageNet's weights into a model built with weights=None; build it "
                "with weights='imagenet', or add the layer."
            )


def _unadapted_normalization(facts: ModelFacts) -> Iterator[str]:
    for layer in _normalizations(facts):
        if not _is_unadapted(layer.constants) or _is_stale(layer):
            continue
        consequence = (
            "ImageNet's third layer is there, so ImageNet's mean and deviation were lost: load "
            "them, or adapt the layer."
            if _has_third_layer(facts)
            else "That is right only if the model was trained so, as with weights=None."
        )
        yield (
            f"{layer.path} was never adapted (mean 0, variance 1): it passes on what it gets. "
            f"{consequence}"
        )


def _double_rescaling(facts: ModelFacts) -> Iterator[str]:
    shrinking = [
        layer
        for layer in facts.layers
        if layer.affine and 0.0 < max(map(abs, layer.affine.gain)) <= _SHRINKS
    ]
    if len(shrinking) > 1:
        parts = " and ".join(
            f"{n.path} multiplies by {n.affine.gain[0]:.4g}" for n in shrinking if n.affine
        )
        yield (
            f"Rescaled twice: {parts}. Of the contrast of bytes next to nothing is left; the "
            "backbone rescales by itself, so take out the layer in front of it."
        )


def _lost_statistics(facts: ModelFacts) -> Iterator[str]:
    for layer in _normalizations(facts):
        if _is_stale(layer):
            yield (
                f"{layer.path} lost its statistics: the file holds mean "
                f"{channels_text(layer.stored['mean'])} and variance "
                f"{channels_text(layer.stored['variance'])}, but after loading it applies mean "
                f"{channels_text(layer.constants['mean'])} and variance "
                f"{channels_text(layer.constants['variance'])}. Keras does this to nested models "
                "in a legacy .h5; call the layer's finalize_state() and save as .keras."
            )
        elif _is_unadapted(layer.constants) and _is_from_old_h5(facts):
            yield (
                f"{layer.path} may have lost its statistics: this legacy .h5 was written by Keras "
                f"{facts.keras_version}, and Keras before 3.6 dropped them silently."
            )


def _mixed_precision(facts: ModelFacts) -> Iterator[str]:
    narrow = [dtype for dtype in facts.dtypes if dtype != "float32"]
    if not narrow:
        return
    said = (
        f"Some layers compute in {', '.join(narrow)}: probabilities are exact to two or three "
        "digits only"
    )
    if facts.file_format in _NETWORKS:
        yield f"{said}."
    else:
        yield (
            f"{said} and small gradients vanish, so heatmaps suffer; set the dtype policy to "
            "float32 before you use it here."
        )


def _not_affine(facts: ModelFacts) -> Iterator[str]:
    affine = facts.affine
    if facts.quantization is not None:
        return  # rounding to whole numbers is no fault of the layers
    reached = max(abs(g) * 257.0 + abs(o) for g, o in zip(affine.gain, affine.offset, strict=True))
    tolerance = 1e-3 if facts.dtypes in {(), ("float32",)} else 1e-2
    if affine.deviation > tolerance * max(reached, 1e-6):
        yield (
            "What the layers do is not a gain and an offset (largest departure "
            f"{affine.deviation:.3g}), so the figures below are the nearest straight line only."
        )


def _input_and_head(facts: ModelFacts) -> Iterator[str]:
    is_network = facts.file_format in _NETWORKS
    if facts.input_shape[2] != 3 and not is_network:
        yield "The model takes one channel; this app feeds three equal ones."
    if facts.other_outputs:
        yield (
            f"The model has {len(facts.other_outputs) + 1} outputs; this is of the one that "
            f"classifies, without {', '.join(facts.other_outputs)}."
            + ("" if is_network else " This app needs a model that ends with it.")
        )
    if facts.outputs is None:
        yield "The model has no classification head: what it gives is not one figure a class."
    elif facts.outputs == 1 and is_network:
        yield "The model has a single output; here it is the evidence for yes against no."
    elif facts.outputs == 1:
        yield "The model has a single output; this app needs one output a class, two at least."


# The checks by the name of what they find; to add one, write a function and a row.
CHECKS: dict[str, Callable[[ModelFacts], Iterator[str]]] = {
    "dropped_third_layer": _dropped_third_layer,
    "lost_statistics": _lost_statistics,
    "unadapted_normalization": _unadapted_normalization,
    "double_rescaling": _double_rescaling,
    "mixed_precision": _mixed_precision,
    "not_affine": _not_affine,
    "input_or_head": _input_and_head,
}


def _normalizations(facts: ModelFacts) -> list[LayerFacts]:
    return [layer for layer in facts.layers if layer.kind == "Normalization"]


def _is_unadapted(constants: dict[str, Channels]) -> bool:
    return set(constants["mean"]) == {0.0} and set(constants["variance"]) == {1.0}


def _is_stale(layer: LayerFacts) -> bool:
    return any(
        not np.allclose(values, layer.constants[name], rtol=1e-2, atol=1e-3)
        for name, values in layer.stored.items()
    )


def _is_from_old_h5(facts: ModelFacts) -> bool:
    if facts.file_format != "h5" or facts.keras_version is None:
        return False
    parts = facts.keras_version.split(".")[:2]
    return tuple(int(p) for p in parts if p.isdigit()) < _KEPT_STATISTICS


def _is_imagenet_std(layer: LayerFacts) -> bool:
    return _close(layer.constants["mean"], IMAGENET_MEAN) and _close(
        layer.constants["variance"], IMAGENET_STD
    )


def _has_third_layer(facts: ModelFacts) -> bool:
    # By what it does: Normalization itself multiplies by as much where it holds the deviation.
    return any(
        layer.affine and layer.kind != "Normalization" and _close(layer.affine.gain, _THIRD)
        for layer in facts.layers
    )


def _close(values: Channels, expected: np.ndarray) -> bool:
    return len(values) == len(expected) and bool(np.allclose(values, expected, rtol=5e-3))
