"""Write the network as an ONNX graph of its own: convolutions with BatchNorm folded in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tools.lungs.network import OUTPUTS, SIDE

_OPSET, _IR = 21, 10


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = attributes.pop("name", f"{kind.lower()}_{len(self.nodes)}")
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return str(name)

    def constant(self, values: Any) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, np.float32), name))
        return name

    def convolution(self, tensor: str, layer: Any, norm: Any) -> str:
        kernel = np.asarray(layer.kernel).transpose(3, 2, 0, 1)
        bias = np.asarray(layer.bias) if layer.use_bias else np.zeros(len(kernel), np.float32)
        if norm is not None:
            gain = np.asarray(norm.gamma) / np.sqrt(np.asarray(norm.moving_variance) + norm.epsilon)
            bias = np.asarray(norm.beta) + gain * (bias - np.asarray(norm.moving_mean))
            kernel = kernel * gain[:, np.newaxis, np.newaxis, np.newaxis]
        arrays = self.constant(kernel), self.constant(bias)
        return self.node("Conv", tensor, *arrays, **_geometry(layer))

    def transposed(self, tensor: str, layer: Any) -> str:
        kernel = np.asarray(layer.kernel).transpose(3, 2, 0, 1)
        arrays = self.constant(kernel), self.constant(np.asarray(layer.bias))
        return self.node("ConvTranspose", tensor, *arrays, **_geometry(layer))


def _geometry(layer: Any) -> dict[str, list[int]]:
    """Strides, and the padding of ``same``, which is even on both sides for these sizes."""
    pad = (layer.kernel_size[0] - layer.strides[0] + 1) // 2
    return {"strides": list(layer.strides), "pads": [pad] * 4}


def write_graph(model: Any, path: Path) -> None:
    """Write ``image`` (N, 1, SIDE, SIDE) in [0, 1] to ``lungs`` (N, 2, SIDE, SIDE) in [0, 1]."""
    graph, found = _Graph(), {}
    layers = list(model.operations)
    norms = {_input_of(layer): layer for layer in layers if _kind(layer) == "BatchNormalization"}
    for layer in layers:
        tensors = [found.get(name, "") for name in _inputs_of(layer)]
        found[layer.name] = _written(graph, layer, tensors, norms.get(layer.name))
    graph.node("Sigmoid", found[layers[-1].name], name="lungs")
    value = helper.make_tensor_value_info
    proto = helper.make_graph(
        graph.nodes,
        "lungs",
        [value("image", TensorProto.FLOAT, ["N", 1, SIDE, SIDE])],
        [value("lungs", TensorProto.FLOAT, ["N", OUTPUTS, SIDE, SIDE])],
        graph.constants,
    )
    whole = helper.make_model(
        proto, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR
    )
    onnx.checker.check_model(whole)
    path.write_bytes(whole.SerializeToString(deterministic=True))


def _written(graph: _Graph, layer: Any, tensors: list[str], norm: Any) -> str:
    writers: dict[str, Callable[[], str]] = {
        "InputLayer": lambda: "image",
        "Subtract": lambda: graph.node("Sub", tensors[0], graph.constant(0.5)),
        "Conv2D": lambda: graph.convolution(tensors[0], layer, norm),
        "BatchNormalization": lambda: tensors[0],  # folded into the convolution before it
        "Activation": lambda: graph.node("Relu", tensors[0]),
        "MaxPooling2D": lambda: graph.node(
            "MaxPool", tensors[0], kernel_shape=[2, 2], strides=[2, 2]
        ),
        "Conv2DTranspose": lambda: graph.transposed(tensors[0], layer),
        "Concatenate": lambda: graph.node("Concat", *tensors, axis=1),
    }
    return writers[_kind(layer)]()


def _kind(layer: Any) -> str:
    return type(layer).__name__


def _inputs_of(layer: Any) -> list[str]:
    nodes = layer._inbound_nodes
    return [parent.operation.name for parent in nodes[0].parent_nodes] if nodes else []


def _input_of(layer: Any) -> str:
    return _inputs_of(layer)[0]
