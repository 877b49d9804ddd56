"""What a stranger's model may take: told from its description, before anything is built or run.

A description of some kilobytes can ask for an input of 6000 x 6000 pixels or for a layer of a
billion weights. Inputs are bounded by their description, weights by what the file can hold, and
activations by the shapes that Keras finds without computing any.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from xray_app.core import UnsupportedFile
from xray_app.engines.facts import LARGEST_SIDE
from xray_app.engines.keras.preprocessing import all_layers

LARGEST_ACTIVATIONS = 5 * 2**30  # bytes for one image; EfficientNetB7 has 3.9 GiB
FREE_SIDE = 96  # pixels that an image is given where a model takes any size
_AT_ONCE = 2**30  # bytes of activations at a time
_SPARE_WEIGHTS = 10_000  # states of random layers, which some files leave out


def check_inputs(description: Any) -> None:
    """Refuse a description with an input larger than any image network's.

    Raises:
        UnsupportedFile: a side is longer than ``LARGEST_SIDE``.
    """
    if isinstance(description, list):
        for part in description:
            check_inputs(part)
    if not isinstance(description, dict):
        return
    config = description.get("config")
    if description.get("class_name") == "InputLayer" and isinstance(config, dict):
        _check_shape(config.get("batch_shape") or config.get("shape"))
    for part in description.values():
        check_inputs(part)


def _check_shape(shape: Any) -> None:
    sides = [side for side in (shape or ())[1:] if isinstance(side, int)]
    is_image = len(shape or ()) == 4
    most = LARGEST_SIDE if is_image else LARGEST_SIDE**2
    if any(side > most for side in sides):
        raise UnsupportedFile(
            f"Expected an input of at most {LARGEST_SIDE} pixels a side, received "
            f"{' × '.join(map(str, sides))}; build the model for smaller images."
        )


@contextmanager
def weights_within(file_bytes: int) -> Iterator[None]:
    """Let Keras build no more weights than a file of that length can hold.

    Raises:
        UnsupportedFile: the description asks for more.
    """
    import keras

    build = keras.layers.Layer.add_weight
    most, count = file_bytes + _SPARE_WEIGHTS, 0

    def counted(layer: Any, shape: Any = None, *arguments: Any, **keywords: Any) -> Any:
        nonlocal count
        count += math.prod(shape or ())
        if count > most:
            raise UnsupportedFile(
                f"Expected a file that holds all weights, received one of {file_bytes / 1e6:.1f} "
                f"MB whose description asks for more than {count / 1e6:.1f} million of them."
            )
        return build(layer, shape, *arguments, **keywords)

    keras.layers.Layer.add_weight = counted
    try:
        yield
    finally:
        keras.layers.Layer.add_weight = build


def images_at_once(model: Any) -> int:
    """How many images, 16 at most, the model can be run on at a time.

    Raises:
        UnsupportedFile: even one takes more than ``LARGEST_ACTIVATIONS``.
    """
    one = activation_bytes(model)
    if one > LARGEST_ACTIVATIONS:
        raise UnsupportedFile(
            f"Expected a model whose layers give at most {LARGEST_ACTIVATIONS / 2**30:.0f} GiB for "
            f"one image, received one with {one / 2**30:.1f} GiB; build it for smaller images."
        )
    return max(1, min(16, _AT_ONCE // max(one, 1)))


def activation_bytes(model: Any) -> int:
    """What all layers give for one image, float32; Keras keeps it until the last is done."""
    return sum(4 * _elements(part) for _, part in all_layers(model))


def _elements(part: Any) -> int:
    """Of all that it gives: a layer that is called again and again gives each time."""
    shapes = [t.shape for node in part._inbound_nodes for t in node.output_tensors]
    return sum(math.prod(side or FREE_SIDE for side in shape[1:]) for shape in shapes)
