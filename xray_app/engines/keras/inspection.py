"""One saved model, loaded safely and measured.

``examine`` is made to be called through ``call_in_child``: it imports Keras and loads a file that
a stranger brought. It returns figures alone; what they mean is said in the room ``inspection``.
"""

import hashlib
from pathlib import Path
from typing import Any

from xray_app.cards import ModelCard
from xray_app.core import UnsupportedFile
from xray_app.engines.facts import ModelFacts, OutputKind, channel_order
from xray_app.engines.keras.bounds import images_at_once
from xray_app.engines.keras.fingerprints import recognise
from xray_app.engines.keras.measuring import (
    head_parts,
    image_shape,
    measure_affine,
    measure_behind_mixing,
    measure_blank_ratios,
    measure_exchange,
    measure_layers,
    measure_ranges,
)
from xray_app.engines.keras.preprocessing import all_layers
from xray_app.engines.keras.saved_model import load_saved_model, read_saved_model

_HEADS = {"Dense", "Activation", "Softmax"}


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
    affine = measure_affine(model)
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
        affine=affine,
        ranges=measure_ranges(model, statistics),
        blank_ratios=measure_blank_ratios(model),
        behind_mixing=measure_behind_mixing(model),
        other_outputs=others,
        channel_order="gray"
        if shape[2] == 1
        else channel_order(affine, exchanged=measure_exchange(model)),
        output_kind=_output_kind(layers[-1]),
        maps=head_parts(model)[1],
        producer=f"Keras {saved.keras_version}" if saved.keras_version else None,
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
    classifies = type(last).__name__ in _HEADS
    return shape[-1] if classifies and len(shape) == 2 else None


def _computes(layer: Any) -> bool:
    return hasattr(layer, "compute_dtype") and type(layer).__name__ != "InputLayer"


def _activation(layer: Any) -> str | None:
    return getattr(getattr(layer, "activation", None), "__name__", None)


def _output_kind(layer: Any) -> OutputKind | None:
    kinds: dict[str | None, OutputKind] = {
        "linear": "logits", "softmax": "softmax", "sigmoid": "sigmoid"
    }  # fmt: skip
    if type(layer).__name__ == "Softmax":
        return "softmax"
    return kinds.get(_activation(layer)) if type(layer).__name__ in _HEADS else None
