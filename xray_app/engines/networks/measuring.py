"""Feeding numbers through a network of any runtime, as is done with Keras' layers."""

import time

import numpy as np
from numpy.typing import NDArray

from xray_app.core import FloatArray, blank_images, norm_ratios
from xray_app.core.normalization import (
    PRESETS,
    Affine,
    Channels,
    DatasetStatistics,
    fit_affine,
    normalize,
)
from xray_app.engines.facts import PROBE_VALUES, LayerFacts, Maps, OutputKind
from xray_app.engines.networks.network import ImageInput, Network

_LINEAR = 1e-4  # of the largest output
_AT_ONCE = 2**26  # bytes of feature maps at a time


def measure_layers(network: Network) -> tuple[tuple[LayerFacts, ...], Affine]:
    """Feed ``PROBE_VALUES`` as uniform images: each operator in front, and all together."""
    # Whole numbers hold few of the values: what is left of them is what the layers receive.
    images = network.image.after_storing(uniform_images(network.image))
    *outputs, first = network.front(images)
    received = gray = _middle(images)
    layers = []
    for step, output in zip(network.steps, outputs, strict=True):
        given = _middle(output)
        whole = given.shape == received.shape
        affine = fit_affine(received, given) if whole else None
        layers.append(
            LayerFacts(
                step.name, step.kind, dict(step.constants), {}, affine, tuple(map(_channels, given))
            )
        )
        received = given
    reached = _middle(first)
    return tuple(layers), fit_affine(_as(reached, gray), reached)


def measure_exchange(network: Network) -> bool:
    """Whether the first of three channels comes last at the first convolution."""
    if network.image.channels != 3:
        return False
    images = np.zeros((2, *network.image.size, 3), np.float32)
    images[1, ..., 0] = 1.0
    black, red = _middle(network.front(images)[-1])
    return len(black) == 3 and bool(np.abs(red - black).argmax() == 2)


def measure_ranges(
    network: Network, statistics: DatasetStatistics | None = None
) -> dict[str, tuple[Channels, Channels]]:
    """For each preset, what a black-to-white ramp spans at the first convolution, a channel."""
    height, width = network.image.size
    ramp = np.linspace(0.0, 1.0, height * width, dtype=np.float32).reshape(height, width)
    schemes = [s for s in PRESETS.values() if statistics or s.scale.name != "dataset"]
    batch = np.stack([normalize(ramp, s, statistics).array for s in schemes])
    reached = network.front(np.ascontiguousarray(batch[..., : network.image.channels]))[-1]
    low, high = reached.min(axis=(1, 2)), reached.max(axis=(1, 2))
    return {s.name: (_channels(low[i]), _channels(high[i])) for i, s in enumerate(schemes)}


def measure_blank_ratios(network: Network) -> tuple[float, ...]:
    """The largest cell norm over the median's on uniform images, at the last feature maps."""
    height, width = network.image.size
    grays = 255.0 * blank_images(height, width)
    batch = np.repeat(grays[..., np.newaxis], network.image.channels, axis=-1).astype(np.float32)
    maps = network.run(batch).maps
    return () if maps is None else tuple(map(float, norm_ratios(maps)))


def measure_outputs(network: Network) -> tuple[int, OutputKind, float]:
    """How many figures come out, what they are, and milliseconds for one image."""
    height, width = network.image.size
    noise = np.random.default_rng(0).random((6, height, width, network.image.channels), np.float32)
    scales = np.array([1.0, 1.0, 2.0, 255.0, 255.0, 255.0], np.float32)
    images = noise * scales[:, np.newaxis, np.newaxis, np.newaxis]
    outputs = network.run(images).outputs
    start = time.perf_counter()
    network.run(images[:1])
    milliseconds = 1000.0 * (time.perf_counter() - start)
    kind = network.ending
    if kind is None:
        whole = outputs[np.isfinite(outputs).all(axis=1)]  # large inputs may overflow
        sums = len(whole) > 0 and bool(np.allclose(whole.sum(axis=1), 1.0, atol=1e-3))
        inside = sums and whole.min() >= 0.0 and whole.max() <= 1.0 + 1e-6
        kind = "softmax" if inside and outputs.shape[1] > 1 else "logits"
    return outputs.shape[1], kind, milliseconds


def gives_probabilities(network: Network, kind: OutputKind) -> bool:
    """Whether ``run`` gives probabilities, since no operator at the end could be left out."""
    return kind == "softmax" and network.ending is None


def head_kernel(network: Network, maps: FloatArray) -> FloatArray | None:
    """The dense layer behind global average pooling, (C, K), if that is what the tail is.

    The tail is not recognised by its operators, of which there are many spellings, but by what it
    does: it is fed maps that are 1 in one channel and 0 elsewhere, and then must give for other
    maps what those answers add up to.

    Args:
        network: any.
        maps: (N, h, w, C) that the network made of images.

    Returns:
        None where the tail is anything else.
    """
    if network.dense is not None:
        return network.dense
    _, rows, columns, channels = maps.shape
    nothing = network.tail(np.zeros((1, rows, columns, channels), np.float32))
    if nothing is None:
        return None
    step = max(1, _AT_ONCE // (4 * rows * columns * channels))
    kernel = []
    for start in range(0, channels, step):
        some = np.arange(start, min(start + step, channels))
        probes = np.zeros((len(some), rows, columns, channels), np.float32)
        probes[np.arange(len(some)), :, :, some] = 1.0
        answers = network.tail(probes)
        if answers is None or not np.isfinite(answers).all():
            return None
        kernel.append(answers - nothing)
    found = np.concatenate(kernel).astype(np.float32)
    made = np.abs(np.random.default_rng(1).standard_normal((3, rows, columns, channels)))
    for tried in (maps, made.astype(np.float32)):
        given = network.tail(tried)
        expected = tried.mean(axis=(1, 2), dtype=np.float64) @ found + nothing
        size = max(1.0, float(np.abs(expected).max()))
        if given is None or not np.abs(given - expected).max() <= _LINEAR * size:
            return None
    return found


def measure_maps(network: Network) -> Maps:
    """What class activation maps can be made of."""
    height, width = network.image.size
    noise = np.random.default_rng(0).random((1, height, width, network.image.channels), np.float32)
    maps = network.run(noise).maps
    if maps is None:
        return "none"
    return "maps" if head_kernel(network, maps) is None else "exact"


def uniform_images(image: ImageInput) -> FloatArray:
    """One image of each of ``PROBE_VALUES``."""
    images = np.empty((len(PROBE_VALUES), *image.size, image.channels), np.float32)
    images[:] = np.asarray(PROBE_VALUES, np.float32)[:, np.newaxis, np.newaxis, np.newaxis]
    return images


def _middle(images: FloatArray) -> NDArray[np.float64]:
    """(N, C) of the pixel in the middle, where no padding reaches."""
    if images.ndim != 4:
        return images.reshape(len(images), -1).astype(np.float64)
    rows, columns = images.shape[1:3]
    return images[:, rows // 2, columns // 2].astype(np.float64)


def _as(reached: NDArray[np.float64], gray: NDArray[np.float64]) -> NDArray[np.float64]:
    """The gray values with as many channels as arrive, or with one."""
    return gray if gray.shape == reached.shape else gray[:, :1]


def _channels(values: NDArray[np.floating]) -> Channels:
    return tuple(map(float, np.ravel(values)))
