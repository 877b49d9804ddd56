"""Feeding numbers through the layers in front of a model's first convolution."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xray_app.core import FloatArray, UnsupportedFile, blank_images, norm_ratios
from xray_app.core.normalization import (
    PRESETS,
    Affine,
    Channels,
    DatasetStatistics,
    Scheme,
    fit_affine,
    normalize,
)
from xray_app.engines.facts import PROBE_VALUES, LayerFacts, Maps
from xray_app.engines.keras.bounds import FREE_SIDE, images_at_once
from xray_app.engines.keras.preprocessing import Step, constants_of, mixes_channels, trace


def measure_layers(model: Any) -> tuple[LayerFacts, ...]:
    """Feed ``PROBE_VALUES`` as uniform images, and measure each layer on the way."""
    steps = _traced(model, _uniform_images(model), _middle)
    return tuple(
        LayerFacts(
            step.path,
            type(step.operation).__name__,
            constants_of(step.operation),
            _stored(step.operation),
            _affine_of(step),
            tuple(map(_channels, _one_pixel(step.output))),
        )
        for step in steps
    )


def measure_blank_ratios(model: Any) -> tuple[float, ...]:
    """The largest cell norm over the median's on uniform images, at the last feature maps.

    Returns:
        For 16 grays from 0 to 255; nan where the median cell is zero. Nothing where the model's own
        layers give no maps of several cells at the end, as with a backbone nested in another model.
    """
    import keras

    last, _ = head_parts(model)
    if last is None:
        return ()
    height, width, channels = _fixed_shape(model)
    images = 255.0 * blank_images(height, width)
    batch = np.repeat(images[..., np.newaxis], channels, axis=-1).astype(np.float32)
    body, few = keras.Model(model.inputs[0], last.output), images_at_once(model)
    ratios = [
        norm_ratios(np.asarray(body(batch[start : start + few], training=False)))
        for start in range(0, len(batch), few)
    ]
    return tuple(map(float, np.concatenate(ratios)))


def head_parts(model: Any) -> tuple[Any, Maps]:
    """The last layer with maps of several cells, and whether pooling and one dense layer follow.

    The layers of the model itself are looked at; those of models nested in it stay closed. In front
    of attention, which mixes all places, there are no last maps, only first ones.
    """
    maps = [place for place, layer in enumerate(model.layers) if _has_cells(layer)]
    if not maps or hasattr(model.layers[maps[-1]], "layers"):  # a nested model's stay closed
        return None, "none"
    behind = [type(layer).__name__ for layer in model.layers[maps[-1] + 1 :]]
    if any("Attention" in kind for kind in behind):
        return None, "none"
    kinds = [kind for kind in behind if kind not in {"Dropout", "Flatten", "Activation", "Softmax"}]
    is_pooled = kinds == ["GlobalAveragePooling2D", "Dense"]
    return model.layers[maps[-1]], "exact" if is_pooled else "maps"


def _has_cells(layer: Any) -> bool:
    shape = tuple(getattr(getattr(layer, "output", None), "shape", ()))
    convolves = type(layer).__name__ not in {"InputLayer", "Rescaling", "Normalization"}
    return convolves and len(shape) == 4 and (shape[1] or 2) > 1 and (shape[2] or 2) > 1


def measure_affine(model: Any) -> Affine:
    """The affine map from the model's input, gray, to the first convolution."""
    images = _uniform_images(model)
    return fit_affine(_one_pixel(images), _one_pixel(_reached(model, images, _middle)))


def measure_exchange(model: Any) -> bool:
    """Whether the layers put the first of three channels last, as for a model of BGR images."""
    height, width, channels = _fixed_shape(model)
    images = np.zeros((2, height, width, channels), np.float32)
    images[1, ..., 0] = 1.0
    black, red = _one_pixel(_reached(model, images, _middle))
    changed = np.abs(red - black)
    return len(changed) == 3 and bool(changed.argmax() == 2)


def measure_ranges(
    model: Any, statistics: DatasetStatistics | None
) -> dict[str, tuple[Channels, Channels]]:
    """For each preset, what a black-to-white ramp spans at the first convolution, a channel.

    Presets that need training statistics are left out where there are none.
    """
    height, width, channels = _fixed_shape(model)
    ramp = np.linspace(0.0, 1.0, height * width, dtype=np.float32).reshape(height, width)
    schemes = [s for s in PRESETS.values() if statistics or s.scale.name != "dataset"]

    def as_input(scheme: Scheme) -> FloatArray:
        return normalize(ramp, scheme, statistics).array[..., :channels]

    batch = np.stack([as_input(scheme) for scheme in schemes])
    ends = _reached(model, batch, _ends)
    return {
        scheme.name: (_channels(low), _channels(high))
        for scheme, (low, high) in zip(schemes, ends[:, 0], strict=True)
    }


def measure_behind_mixing(model: Any) -> Affine | None:
    """The affine map behind the last 1 x 1 convolution in front of the backbone, if there is one.

    It was learned, so what it makes of black and white tells nothing of the input; what stands
    behind it was chosen by a person, for the values that it gives.
    """
    steps = _traced(model, _uniform_images(model), _middle)
    mixing = [i for i, step in enumerate(steps) if mixes_channels(step.operation)]
    if not mixing:
        return None
    return fit_affine(_one_pixel(steps[mixing[-1]].output), _one_pixel(steps[-1].output))


def _reached(model: Any, batch: FloatArray, keep: Callable[[FloatArray], FloatArray]) -> FloatArray:
    steps = _traced(model, batch, keep)
    return steps[-1].output if steps else keep(batch)


def _traced(
    model: Any, batch: FloatArray, keep: Callable[[FloatArray], FloatArray]
) -> tuple[Step, ...]:
    """As ``trace``, with no more images at a time than their activations allow."""
    few = images_at_once(model)
    parts = [trace(model, batch[i : i + few], keep) for i in range(0, len(batch), few)]
    return tuple(_joined(steps) for steps in zip(*parts, strict=True))


def _joined(steps: tuple[Step, ...]) -> Step:
    received, output = (
        np.concatenate([getattr(step, end) for step in steps]) for end in ("received", "output")
    )
    return Step(steps[0].operation, steps[0].path, received, output)


def _middle(images: FloatArray) -> FloatArray:
    """(N, 1, 1, C): the pixel in the middle of each image."""
    if images.ndim != 4:
        return images
    row, column = images.shape[1] // 2, images.shape[2] // 2
    return images[:, row : row + 1, column : column + 1].copy()


def _ends(images: FloatArray) -> FloatArray:
    """(N, 1, 2, C): the lowest and the highest value of each image, a channel."""
    ends = images.min(axis=(1, 2)), images.max(axis=(1, 2))
    return np.stack(ends, axis=1)[:, np.newaxis]


def image_shape(model: Any) -> tuple[int | None, int | None, int]:
    """(height, width, channels) of the model's input; None where any size goes.

    Raises:
        UnsupportedFile: the model takes something other than one image.
    """
    shape = model.input_shape
    if isinstance(shape, tuple) and len(shape) == 4 and shape[3] in (1, 3):
        return shape[1:]
    raise UnsupportedFile(
        f"Expected a model with one image input, (height, width, 3), received input shape {shape}."
    )


def _fixed_shape(model: Any) -> tuple[int, int, int]:
    height, width, channels = image_shape(model)
    return height or FREE_SIDE, width or FREE_SIDE, channels


def _uniform_images(model: Any) -> FloatArray:
    images = np.empty((len(PROBE_VALUES), *_fixed_shape(model)), np.float32)
    images[:] = np.asarray(PROBE_VALUES, np.float32)[:, np.newaxis, np.newaxis, np.newaxis]
    return images


def _one_pixel(images: FloatArray) -> NDArray[np.float64]:
    """(N, channels) of the pixel in the middle, where no padding reaches."""
    rows, columns = images.shape[1:3]
    return images[:, rows // 2, columns // 2].reshape(len(images), -1).astype(np.float64)


def _affine_of(step: Step) -> Affine | None:
    given, made = step.received.shape, step.output.shape
    if len(given) != 4 or len(made) != 4 or given[-1] not in (1, made[-1]):
        return None
    return fit_affine(_one_pixel(step.received), _one_pixel(step.output))


def _stored(layer: Any) -> dict[str, Channels]:
    if type(layer).__name__ != "Normalization" or getattr(layer, "adapt_mean", None) is None:
        return {}
    return {
        "mean": _channels(np.asarray(layer.adapt_mean)),
        "variance": _channels(np.asarray(layer.adapt_variance)),
    }


def _channels(values: Any) -> Channels:
    return tuple(map(float, np.ravel(values)))
