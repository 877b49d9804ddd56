"""How each kind of Keras layer is written as ONNX operations.

To export another kind, write one function and one row of ``WRITERS``.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from xray_app.core import EngineError
from xray_app.engines.onnx.graph import GraphWriter

_TO_CHANNELS_FIRST = [0, 3, 1, 2]
# Keras keeps kernels as (h, w, in, out) and depthwise ones as (h, w, channels, 1).
_CONVOLUTION, _DEPTHWISE = [3, 2, 0, 1], [2, 3, 0, 1]

Writer = Callable[[GraphWriter, Any, list[str]], str]


def _rescaling(graph: GraphWriter, layer: Any, inputs: list[str]) -> str:
    scale, offset = (graph.constant(_by_channel(v)) for v in (layer.scale, layer.offset))
    return graph.node("Add", graph.node("Mul", inputs[0], scale), offset)


def _normalization(graph: GraphWriter, layer: Any, inputs: list[str]) -> str:
    shape = graph.constant([-1, 1, 1], np.int64)
    mean, variance = (
        graph.node("Reshape", graph.weight(v), shape)
        for v in (layer.adapt_mean, layer.adapt_variance)
    )
    deviation = graph.node("Max", graph.node("Sqrt", variance), graph.constant(1e-7))
    return graph.node("Div", graph.node("Sub", inputs[0], mean), deviation)


def _by_channel(values: Any) -> Any:
    """A number as it is; one number a channel as (C, 1, 1)."""
    array = np.asarray(values, np.float32)
    return array.reshape(-1, 1, 1) if array.ndim else array


def _padding(graph: GraphWriter, layer: Any, inputs: list[str]) -> str:
    """Zeros around the image, which a convolution right behind adds faster by itself."""
    if _left_to_convolutions(layer):
        return inputs[0]
    top, left, bottom, right = _pads(layer)
    pads = graph.constant([0, 0, top, left, 0, 0, bottom, right], np.int64)
    return graph.node("Pad", inputs[0], pads)


def _left_to_convolutions(padding: Any) -> bool:
    return all(
        type(node.operation).__name__ in {"Conv2D", "DepthwiseConv2D"}
        and node.operation.padding == "valid"
        for node in padding._outbound_nodes
    )


def _pads(layer: Any) -> list[int]:
    (top, bottom), (left, right) = layer.padding
    return [top, left, bottom, right]


def _convolution(graph: GraphWriter, layer: Any, inputs: list[str]) -> str:
    depthwise = type(layer).__name__ == "DepthwiseConv2D"
    kernel = graph.weight(layer.kernel, _DEPTHWISE if depthwise else _CONVOLUTION)
    bias = [graph.weight(layer.bias)] if layer.use_bias else []
    output = graph.node(
        "Conv", inputs[0], kernel, *bias,
        strides=list(layer.strides),
        group=layer.kernel.shape[2] if depthwise else 1,
        **_padding_of(layer),
    )  # fmt: skip
    return _activated(graph, layer.activation, output)


def _padding_of(layer: Any) -> dict[str, Any]:
    (before,) = layer._inbound_nodes[0].parent_nodes
    ahead = before.operation
    if type(ahead).__name__ == "ZeroPadding2D" and _left_to_convolutions(ahead):
        return {"pads": _pads(ahead)}
    return {"auto_pad": {"same": "SAME_UPPER", "valid": "VALID"}[layer.padding]}


def _max_pooling(graph: GraphWriter, layer: Any, inputs: list[str]) -> str:
    padding = {"same": "SAME_UPPER", "valid": "VALID"}[layer.padding]
    size, strides = list(layer.pool_size), list(layer.strides)
    return graph.node("MaxPool", *inputs, kernel_shape=size, strides=strides, auto_pad=padding)


def _relu(graph: GraphWriter, layer: Any, inputs: list[str]) -> str:
    if layer.negative_slope or layer.threshold:
        raise EngineError(f"Layer {layer.name}: only a plain or a capped ReLU can be exported.")
    if layer.max_value is None:
        return graph.node("Relu", *inputs)
    return graph.node("Clip", *inputs, graph.constant(0.0), graph.constant(layer.max_value))


def _batch_normalization(graph: GraphWriter, layer: Any, inputs: list[str]) -> str:
    parts = (layer.gamma, layer.beta, layer.moving_mean, layer.moving_variance)
    weights = [graph.weight(part) for part in parts]
    return graph.node("BatchNormalization", inputs[0], *weights, epsilon=layer.epsilon)


def _dense(graph: GraphWriter, layer: Any, inputs: list[str]) -> str:
    flat = graph.node("Flatten", inputs[0])
    product = graph.node("MatMul", flat, graph.weight(layer.kernel))
    if layer.use_bias:
        product = graph.node("Add", product, graph.weight(layer.bias))
    return _activated(graph, layer.activation, product)


def _average(graph: GraphWriter, _: Any, inputs: list[str]) -> str:
    """Keeps (N, C, 1, 1), which the reshape of a squeeze-and-excitation block asks for anyway."""
    return graph.node("GlobalAveragePool", inputs[0])


def _reshape(_: GraphWriter, layer: Any, inputs: list[str]) -> str:
    if layer.target_shape[:2] != (1, 1):
        raise EngineError(f"Layer {layer.name}: only a reshape to (1, 1, C) can be exported.")
    return inputs[0]


def _activated(graph: GraphWriter, activation: Any, tensor: str) -> str:
    name = getattr(activation, "__name__", str(activation))
    if name == "linear":
        return tensor
    if name in {"silu", "swish"}:
        return graph.node("Mul", tensor, graph.node("Sigmoid", tensor))
    if name in {"relu", "sigmoid"}:
        return graph.node(name.capitalize(), tensor)
    raise EngineError(f"Activation {name} can't be exported; expected linear, relu, sigmoid, silu.")


WRITERS: dict[str, Writer] = {
    "Rescaling": _rescaling,
    "Normalization": _normalization,
    "ZeroPadding2D": _padding,
    "Conv2D": _convolution,
    "DepthwiseConv2D": _convolution,
    "BatchNormalization": _batch_normalization,
    "Activation": lambda graph, layer, inputs: _activated(graph, layer.activation, inputs[0]),
    "ReLU": _relu,
    "MaxPooling2D": _max_pooling,
    "GlobalAveragePooling2D": _average,
    "Reshape": _reshape,
    "Multiply": lambda graph, _, inputs: graph.node("Mul", *inputs),
    "Add": lambda graph, _, inputs: graph.node("Add", *inputs),
    "Dropout": lambda graph, _, inputs: inputs[0],
    "Dense": _dense,
}


def write_layers(graph: GraphWriter, model: Any, image: str) -> dict[str, str]:
    """Write every layer of a flat functional model; return each layer's output tensor by name.

    Args:
        graph: takes the nodes.
        model: a flat functional ``keras.Model``.
        image: name of the graph's input, (N, H, W, 3); all other tensors are (N, C, H, W).

    Raises:
        EngineError: a layer is of a kind that can't be exported.
    """
    tensors: dict[str, str] = {}
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "InputLayer":
            tensors[layer.name] = graph.node("Transpose", image, perm=_TO_CHANNELS_FIRST)
            continue
        if kind not in WRITERS:
            raise EngineError(
                f"Layer {layer.name} of kind {kind} can't be exported; expected one of "
                f"{', '.join(WRITERS)}."
            )
        sources = [parent.operation.name for parent in layer._inbound_nodes[0].parent_nodes]
        tensors[layer.name] = WRITERS[kind](graph, layer, [tensors[s] for s in sources])
    return tensors
