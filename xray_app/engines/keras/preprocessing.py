"""The layers between a Keras model's input and its first convolution, found by running the model.

A forward pass is recorded layer by layer and stopped at the first convolution. So it does not
matter how the model was put together: flat, nested backbones, ``Sequential``, or plain operations
such as ``x / 255`` in the graph.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from xray_app.core import FloatArray, UnsupportedFile

# Layers that only frame the image: what is measured is what happens to pixel values.
GEOMETRY_LAYERS = ("InputLayer", "ZeroPadding2D", "Cropping2D", "CenterCrop")
_CONSTANTS = {
    "Rescaling": ("scale", "offset"),
    "Normalization": ("mean", "variance"),
    "BatchNormalization": ("gamma", "beta", "moving_mean", "moving_variance"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One layer at work: ``operation`` turned ``received`` into ``output`` (N, ...)."""

    operation: Any
    path: str
    received: FloatArray
    output: FloatArray


class _Reached(BaseException):
    """Ends a forward pass; not an ``Exception``, which Keras would catch and word anew."""


def constants_of(layer: Any) -> dict[str, tuple[float, ...]]:
    """The numbers that a preprocessing layer applies, by name; nothing for other layers."""
    return {
        name: tuple(np.asarray(value, np.float64).ravel().tolist())
        for name in _CONSTANTS.get(type(layer).__name__, ())
        if (value := getattr(layer, name, None)) is not None
    }


def all_layers(model: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (path, layer or operation) of every leaf of ``model``, nested models opened."""
    import keras

    # A functional model also lists the operations that are no layers, such as a division.
    for part in getattr(model, "operations", None) or model.layers:
        path = prefix + part.name
        if isinstance(part, keras.Model):
            yield from all_layers(part, f"{path}/")
        else:
            yield path, part


def mixes_channels(layer: Any) -> bool:
    """Whether it is a 1 x 1 convolution that makes the channels of a backbone's image.

    It looks at one pixel at a time, so it is no feature yet: what stands behind it, such as a
    ``Rescaling``, still belongs to the preprocessing.
    """
    import keras

    return (
        isinstance(layer, keras.layers.Conv2D)
        and tuple(layer.kernel_size) == (1, 1)
        and tuple(layer.strides) == (1, 1)
        and layer.filters in (1, 3)
        and layer.activation is keras.activations.linear
    )


def layers_before_first_convolution(model: Any) -> tuple[Any, ...]:
    """The layers that an image passes on its way to the first convolution, in order."""
    blank = np.zeros((1, *model.input_shape[1:]), np.float32)
    return tuple(step.operation for step in trace(model, blank))


def trace(
    model: Any, batch: FloatArray, keep: Callable[[FloatArray], FloatArray] = np.asarray
) -> tuple[Step, ...]:
    """Run ``model`` on ``batch`` up to its first convolution, and return what each layer did.

    Args:
        model: a built ``keras.Model`` with one image input. Changed for the time of the call only.
        batch: (N, H, W, C) float32.
        keep: what of each layer's input and output is kept; default: all.

    Raises:
        UnsupportedFile: the model has no convolution.
    """
    steps: list[Step] = []
    with _recorded(model, steps, keep):
        try:
            model(batch, training=False)
        except _Reached:
            return tuple(steps)
    raise UnsupportedFile(
        "Expected an image model with a convolution, received one without: what its layers expect "
        "can't be told from what reaches the first convolution."
    )


@contextmanager
def _recorded(
    model: Any, steps: list[Step], keep: Callable[[FloatArray], FloatArray]
) -> Iterator[None]:
    import keras

    layers = keras.layers
    convolutions = (
        layers.Conv2D, layers.DepthwiseConv2D, layers.SeparableConv2D, layers.Conv2DTranspose,
    )  # fmt: skip
    originals = []
    for path, part in all_layers(model):
        originals.append((part, part.call))
        if isinstance(part, convolutions) and not mixes_channels(part):
            part.call = _stop
        elif type(part).__name__ not in GEOMETRY_LAYERS:
            part.call = _recording(part, path, steps, keep)
    try:
        yield
    finally:
        for part, call in originals:
            part.call = call


def _stop(*_arguments: Any, **_keywords: Any) -> NoReturn:
    raise _Reached


def _recording(
    part: Any, path: str, steps: list[Step], keep: Callable[[FloatArray], FloatArray]
) -> Any:
    call = part.call

    def recorded(inputs: Any, *arguments: Any, **keywords: Any) -> Any:
        output = call(inputs, *arguments, **keywords)
        first = inputs[0] if isinstance(inputs, list | tuple) else inputs
        steps.append(Step(part, path, keep(_as_array(first)), keep(_as_array(output))))
        return output

    return recorded


def _as_array(tensor: Any) -> FloatArray:
    import keras

    return np.asarray(keras.ops.convert_to_numpy(tensor), np.float32)
