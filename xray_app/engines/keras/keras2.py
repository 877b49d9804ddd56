"""Descriptions of models that Keras 2 wrote, in the terms of Keras 3.

Keras 3 reads few of them: arguments have other names or are gone, modules have moved, and plain
operations such as ``x / 255`` stand in the graph as layers that call TensorFlow by name. Only the
description is rewritten, from plain values to plain values; nothing of it is trusted here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from xray_app.core import UnsupportedFile
from xray_app.engines.keras.keras2_operations import as_layer

Node = dict[str, Any]

_MODELS = {  # class and module of Keras 3
    "Functional": ("Functional", "keras.src.models.functional"),
    "Model": ("Functional", "keras.src.models.functional"),
    "Sequential": ("Sequential", "keras"),
}
TENSORFLOW_CALLS = ("TFOpLambda", "SlicingOpLambda")

_KERNEL = ("kernel_initializer", "kernel_regularizer", "kernel_constraint")
# Arguments that Keras 3 has no more; without effect at these values, which are the usual ones.
_GONE: dict[str, tuple[str, ...]] = {
    "DepthwiseConv2D": ("groups", *_KERNEL),
    "SeparableConv2D": ("groups", *_KERNEL),
    "Conv2DTranspose": ("groups",),
    "BatchNormalization": ("renorm", "fused", "virtual_batch_size", "adjustment"),
}
_RENAMED = {
    "InputLayer": {"batch_input_shape": "batch_shape"},
    "LeakyReLU": {"alpha": "negative_slope"},
}
_EVERYWHERE_GONE = ("batch_input_shape", "input_dtype")


def modernized(description: Node) -> Node:
    """Rewrite the description of a whole model.

    Raises:
        UnsupportedFile: it names an operation of TensorFlow that is not known here.
        KeyError, TypeError, IndexError, ValueError: it is no description that Keras 2 writes.
    """
    kind = description.get("class_name")
    if kind not in _MODELS:
        return description
    config = description["config"]
    if kind == "Sequential":
        layers = config if isinstance(config, list) else config["layers"]
        name = "sequential" if isinstance(config, list) else config.get("name", "sequential")
        described = {"name": name, "layers": _in_sequence(layers)}
    else:
        described = _graph(config)
    name, module = _MODELS[kind]
    return _as(name, described, module)


def _in_sequence(layers: list[Node]) -> list[Node]:
    """The layers of a ``Sequential``, an ``InputLayer`` the first of them where a shape is told."""
    converted = [_layer(layer) for layer in layers]
    first = layers[0]["config"]
    shape = first.get("batch_input_shape") if isinstance(first, dict) else None
    if layers[0]["class_name"] != "InputLayer" and shape is not None:
        name = f"{converted[0]['config'].get('name', 'first')}_input"
        config = {"batch_shape": shape, "name": name}
        converted.insert(0, _as("InputLayer", config))
    return converted


def _graph(config: Node) -> Node:
    """The layers of a functional model, each with the places from where its input comes."""
    layers = config["layers"]
    calls = {layer["name"]: len(layer.get("inbound_nodes", ())) for layer in layers}

    def source(place: list[Any]) -> list[Any]:
        name, node, tensor = place[:3]
        # A nested model's own input counts as a call of it, in Keras 2 alone.
        return [_name(name), node - 1 if node >= max(1, calls[name]) else node, tensor]

    return {
        "name": config.get("name", "model"),
        "trainable": config.get("trainable", True),
        "layers": [_with_sources(layer, source) for layer in layers],
        "input_layers": _ends(config["input_layers"], source),
        "output_layers": _ends(config["output_layers"], source),
    }


def _ends(places: list[Any], source: Callable[[list[Any]], list[Any]]) -> list[Any]:
    """Where the graph begins or ends; a single place stands for itself, not for a list of one."""
    if isinstance(places[0], str):
        return source(places)
    found = [source(place) for place in places]
    return found if len(found) > 1 else found[0]


def _with_sources(layer: Node, source: Callable[[list[Any]], list[Any]]) -> Node:
    nodes = layer.get("inbound_nodes", [])
    if layer["class_name"] in TENSORFLOW_CALLS:
        kind, config, module, places = as_layer(layer["config"]["function"], nodes[0])
        config = {"name": _name(layer["name"]), **config}
        converted = _as(kind, config, module)
        inbound = [[[*source(place), {}] for place in places]]
    else:
        converted = _layer(layer)
        inbound = [
            [[*source(place), place[3] if len(place) > 3 else {}] for place in node]
            for node in nodes
        ]
    return converted | {"name": _name(layer["name"]), "inbound_nodes": inbound}


def _layer(layer: Node) -> Node:
    kind = layer["class_name"]
    if kind in _MODELS:
        return modernized(layer)
    return _as(kind, _arguments(kind, layer["config"]))


def _as(kind: str, config: Node, module: str = "keras.layers") -> Node:
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}


def _arguments(kind: str, config: Mapping[str, Any]) -> Node:
    renamed = _RENAMED.get(kind, {})
    gone = _GONE.get(kind, ())
    arguments = {}
    for name, value in config.items():
        if name in gone:
            _check_without_effect(kind, name, value)
        elif name in renamed or name not in _EVERYWHERE_GONE:
            arguments[renamed.get(name, name)] = value
    if "name" in arguments:
        arguments["name"] = _name(arguments["name"])
    if isinstance(arguments.get("dtype"), dict):
        arguments["dtype"] = arguments["dtype"]["config"]["name"]
    axis = arguments.get("axis")
    if kind in ("BatchNormalization", "LayerNormalization") and isinstance(axis, list):
        arguments["axis"] = axis[0] if len(axis) == 1 else axis
    return arguments


def _check_without_effect(kind: str, name: str, value: Any) -> None:
    if (name == "groups" and value not in (1, None)) or (name == "renorm" and value):
        raise UnsupportedFile(f"it holds a {kind} with {name}={value}, which Keras 3 has no more")


def _name(name: str) -> str:
    return name.replace("/", "_")
