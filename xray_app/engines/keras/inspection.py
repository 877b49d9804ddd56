"""One saved model, loaded safely and measured.

``examine`` is made to be called through ``call_in_child``: it imports Keras and loads a file that
a stranger brought. It returns figures alone; what they mean is said in the room ``inspection``.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xray_app.cards import ModelCard
from xray_app.core import UnsupportedFile
from xray_app.core.normalization import Affine, Channels
from xray_app.engines.keras.bounds import images_at_once
from xray_app.engines.keras.fingerprints import recognise
from xray_app.engines.keras.measuring import (
    LayerFacts,
    image_shape,
    measure_affine,
    measure_behind_mixing,
    measure_blank_ratios,
    measure_layers,
    measure_ranges,
)
from xray_app.engines.keras.preprocessing import all_layers
from xray_app.engines.keras.saved_model import load_saved_model, read_saved_model


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What was measured of a model; nothing in it comes from a card.

    Attributes:
        input_shape: (height, width, channels), None where any size goes.
        outputs: length of the output vector; None for a backbone without a head.
        dtypes: what its layers compute in.
        affine: from the model's input to the first convolution.
        blank_ratios: on uniform images, the largest cell norm over the median's; empty if the model
            gives no maps.
        behind_mixing: behind a learned 1 x 1 convolution that stands in front; None without one.
        other_outputs: those that were left out, beside the one that classifies.
        ranges: by preset, lowest and highest value a channel at the first convolution for a
            black-to-white ramp.
    """

    file: str
    file_format: str
    sha256: str
    keras_version: str | None
    architecture: str | None
    input_shape: tuple[int | None, int | None, int]
    outputs: int | None
    activation: str | None
    dropout: float
    dtypes: tuple[str, ...]
    layers: tuple[LayerFacts, ...]
    affine: Affine
    ranges: dict[str, tuple[Channels, Channels]]
    blank_ratios: tuple[float, ...] = ()
    behind_mixing: Affine | None = None
    other_outputs: tuple[str, ...] = ()


def examine(path: Path, card: ModelCard | None) -> ModelFacts:
    """Load the model in ``path`` without running code from it, and measure.

    Args:
        path: .keras, legacy .h5, or weights alone.
        card: names the architecture of weights alone, and the training statistics.

    Raises:
        UnreadableFile, UnsupportedFile, CardError, WeightsError: as the parts below.
    """
    saved = read_saved_model(path)
    loaded = load_saved_model(saved, card)
    images_at_once(loaded)
    model, others = with_one_head(loaded)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    shape = image_shape(model)
    statistics = card.contract.statistics if card else None
    layers = [layer for _, layer in all_layers(model)]
    dropouts = [layer.rate for layer in layers if type(layer).__name__ == "Dropout"]
    return ModelFacts(
        file=path.name,
        file_format=saved.file_format,
        sha256=digest,
        keras_version=saved.keras_version,
        architecture=card.architecture if saved.config is None and card else recognise(model),
        input_shape=shape,
        outputs=_classes(layers[-1], model.output_shape),
        activation=_activation(layers[-1]),
        dropout=float(dropouts[-1]) if dropouts else 0.0,
        dtypes=tuple(sorted({layer.compute_dtype for layer in layers if _computes(layer)})),
        layers=measure_layers(model),
        affine=measure_affine(model),
        ranges=measure_ranges(model, statistics),
        blank_ratios=measure_blank_ratios(model),
        behind_mixing=measure_behind_mixing(model),
        other_outputs=others,
    )


def with_one_head(model: Any) -> tuple[Any, tuple[str, ...]]:
    """The model with its one classifying output, and the names of the others.

    Raises:
        UnsupportedFile: it has several outputs, and not exactly one of them classifies.
    """
    import keras

    outputs = list(model.outputs)
    if len(outputs) == 1:
        return model, ()
    names = [str(name) for name in model.output_names]
    shapes = [tuple(output.shape) for output in outputs]
    heads = [i for i, shape in enumerate(shapes) if len(shape) == 2 and (shape[1] or 0) > 1]
    if len(heads) != 1:
        listed = ", ".join(f"{name} {shape[1:]}" for name, shape in zip(names, shapes, strict=True))
        raise UnsupportedFile(
            f"Expected a model with one output that has a figure a class, received {len(outputs)} "
            f"outputs: {listed}. Save a model that ends with the one to be measured."
        )
    inputs = model.inputs[0] if len(model.inputs) == 1 else model.inputs
    chosen = keras.Model(inputs, outputs[heads[0]])
    return chosen, tuple(name for i, name in enumerate(names) if i != heads[0])


def _classes(last: Any, shape: Any) -> int | None:
    """Length of the output vector, if the model ends with a classifier, not with features."""
    classifies = type(last).__name__ in {"Dense", "Activation", "Softmax"}
    return shape[-1] if classifies and len(shape) == 2 else None


def _computes(layer: Any) -> bool:
    return hasattr(layer, "compute_dtype") and type(layer).__name__ != "InputLayer"


def _activation(layer: Any) -> str | None:
    return getattr(getattr(layer, "activation", None), "__name__", None)
