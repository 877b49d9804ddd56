"""Write a Keras model as an ONNX graph that holds no weights of its own.

Every weight is a reference into the Keras weights file beside the graph (ONNX external data: a file
name, an offset, a length), so both runtimes read one file. What the runtimes store differently,
float16 and the order of a kernel's axes, is undone by Cast and Transpose nodes, which ONNX Runtime
folds once while it loads.

Image and outputs are (N, H, W, C), as Keras has them; all tensors between are (N, C, H, W).
"""

import json
import re
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import onnx
from onnx import TensorProto, helper

from xray_app.core import WeightsError, write_atomically

OPSET = 21
_TYPES = {"float16": TensorProto.FLOAT16, "float32": TensorProto.FLOAT}


class GraphWriter:
    """Collects the nodes of one graph; tensors are referred to by name."""

    def __init__(self, model: Any, weights: Path) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self._file = weights.name
        self._weights_read: dict[str, str] = {}
        self._places = _places_of(model, weights)
        self._count = 0

    def node(self, operation: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """Add one operation and return the name of its output."""
        self._count += 1
        output = name or f"{operation.lower()}_{self._count}"
        self.nodes.append(helper.make_node(operation, list(inputs), [output], **attributes))
        return output

    def constant(self, values: Any, kind: type[np.generic] = np.float32) -> str:
        """Add a small tensor that stands in the graph itself."""
        self._count += 1
        name = f"constant_{self._count}"
        self.initializers.append(onnx.numpy_helper.from_array(np.asarray(values, kind), name))
        return name

    def weight(self, variable: Any, axes: list[int] | None = None) -> str:
        """Refer to a variable in the weights file, as float32 and with its axes in this order."""
        path, shape, kind, offset = self._places[variable.path]
        if path not in self._weights_read:
            self._weights_read[path] = self._reference(path, shape, kind, offset)
        name = self._weights_read[path]
        return self.node("Transpose", name, perm=axes) if axes else name

    def _reference(self, path: str, shape: list[int], kind: str, offset: int) -> str:
        tensor = TensorProto(
            name=path, dims=shape, data_type=_TYPES[kind], data_location=TensorProto.EXTERNAL
        )
        length = int(np.prod(shape)) * np.dtype(kind).itemsize
        place = {"location": self._file, "offset": offset, "length": length}
        for key, value in place.items():
            tensor.external_data.add(key=key, value=str(value))
        self.initializers.append(tensor)
        return path if kind == "float32" else self.node("Cast", path, to=TensorProto.FLOAT)


def channels_last(graph: GraphWriter, tensor: str, name: str) -> str:
    """Add an output of the graph that gives (N, C, H, W) as (N, H, W, C)."""
    return graph.node("Transpose", tensor, perm=[0, 2, 3, 1], name=name)


def channel_statistics(graph: GraphWriter, tensor: str) -> str:
    """Add what gives the means, then the standard deviations, of (N, C, H, W): (N, 2 C).

    The deviation is that of the differences from the mean: in float32 the difference of two mean
    squares would lose it.
    """
    mean = graph.node("GlobalAveragePool", tensor)
    apart = graph.node("Sub", tensor, mean)
    variance = graph.node("GlobalAveragePool", graph.node("Mul", apart, apart))
    parts = (graph.node("Flatten", part) for part in (mean, graph.node("Sqrt", variance)))
    return graph.node("Concat", *parts, axis=1)


def save_graph(
    graph: GraphWriter,
    path: Path,
    shape: tuple[int, int],
    outputs: dict[str, int],
    facts: dict[str, Any],
) -> None:
    """Check the graph and write it with ``facts`` (JSON) among its metadata.

    Args:
        graph: what was collected.
        path: where to write.
        shape: height and width of the input.
        outputs: name of each output and its number of axes.
        facts: what else the engine must know.
    """
    value = helper.make_tensor_value_info
    proto = helper.make_graph(
        graph.nodes,
        path.stem,
        [value("image", TensorProto.FLOAT, ["N", *shape, 3])],
        [value(name, TensorProto.FLOAT, [None] * axes) for name, axes in outputs.items()],
        graph.initializers,
    )
    model = helper.make_model(proto, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    helper.set_model_props(model, {"xray_app": json.dumps(facts)})
    data = model.SerializeToString(deterministic=True)
    write_atomically(path, lambda place: place.write_bytes(data))
    onnx.checker.check_model(str(path))


def _places_of(model: Any, weights: Path) -> dict[str, tuple[str, list[int], str, int]]:
    """Where each variable's bytes lie: Keras path -> dataset, shape, dtype, offset.

    Keras names a layer's group by its class and its number among that class. Each array is compared
    with the variable's value, so a wrong guess can't go unseen.
    """
    counts: dict[str, int] = {}
    places = {}
    with h5py.File(weights) as file:
        for layer in model.layers:
            kind = _snake_case(type(layer).__name__)
            number = counts[kind] = counts.get(kind, -1) + 1
            group = f"layers/{kind}{f'_{number}' if number else ''}/vars"
            variables = [*layer._trainable_variables, *layer._non_trainable_variables]
            for i, variable in enumerate(variables):
                dataset = file[f"{group}/{i}"]
                same = np.array_equal(dataset[()], np.asarray(variable).astype(dataset.dtype))
                if dataset.id.get_offset() is None or not same:
                    raise WeightsError(
                        f"Weights {weights.name}: {dataset.name} is not stored as one plain block "
                        f"that equals {variable.path}; save the weights again, uncompressed."
                    )
                places[variable.path] = (
                    dataset.name, list(dataset.shape), str(dataset.dtype), dataset.id.get_offset()
                )  # fmt: skip
    return places


def _snake_case(name: str) -> str:
    """As Keras' saving does it: "BatchNormalization" is "batch_normalization"."""
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
