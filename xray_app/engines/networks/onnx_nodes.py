"""The nodes of an ONNX model: what reads what, constants, and parts that are cut out of it."""

from typing import Any

import numpy as np

from xray_app.core import UnreadableFile
from xray_app.core.normalization import Channels

_MOST_CONSTANTS = 4  # numbers that are told of an operator
_CONSTANTS = {"BatchNormalization": ("", "scale", "offset", "mean", "variance")}


class Nodes:
    """The nodes of an ``onnx.ModelProto`` that was checked.

    Attributes:
        model: the model.
        producer: the node that makes a tensor, by the tensor's name.
        weights: initializers by name.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        graph = model.graph
        self.producer = {name: node for node in graph.node for name in node.output if name}
        self.weights = {tensor.name: tensor for tensor in graph.initializer}
        self._constants = {
            node.output[0]: node for node in graph.node if node.op_type == "Constant"
        }

    def dependent(self, source: str) -> set[str]:
        """Names of all tensors that follow from ``source``, that one among them."""
        found = {source}
        for node in self.model.graph.node:
            if found.intersection(reads(node)):
                found.update(name for name in node.output if name)
        return found

    def way_to(self, tensor: str, depends: set[str]) -> list[Any]:
        """Nodes that read one of ``depends`` and that ``tensor`` follows from, in order."""
        needed = {tensor}
        found = []
        for node in reversed(self.model.graph.node):
            if needed.intersection(node.output) and depends.intersection(reads(node)):
                found.append(node)
                needed.update(reads(node))
        return found[::-1]

    def constants_of(self, node: Any) -> dict[str, Channels]:
        """The few numbers that an operator applies, by what they are."""
        found = {}
        for place, name in enumerate(node.input):
            values = self.constant(name)
            if values is None or not 1 <= values.size <= _MOST_CONSTANTS:
                continue
            known = _CONSTANTS.get(node.op_type, ())
            said = known[place] if place < len(known) else "by"
            found[said] = tuple(float(v) for v in np.ravel(values))
        return found

    def constant(self, name: str) -> np.ndarray | None:
        """The values of a weight or constant; None if it is none, or lies in another file."""
        from onnx import TensorProto, numpy_helper

        if name in self.weights:
            tensor = self.weights[name]
        elif name in self._constants:
            tensor = next((a.t for a in self._constants[name].attribute if a.name == "value"), None)
        else:
            return None
        if tensor is None or tensor.data_location == TensorProto.EXTERNAL:
            return None
        return np.asarray(numpy_helper.to_array(tensor))

    def kernel(self, convolution: Any) -> np.ndarray | None:
        """The values of a convolution's kernel, as ``constant`` gives them."""
        return self.constant(convolution.input[3 if convolution.op_type == "QLinearConv" else 1])

    def part(
        self, start: str, ends: tuple[str, ...], kind: int, sides: list[Any], depends: set[str]
    ) -> Any:
        """A model of its own from one tensor to others; the rest is left out.

        Args:
            start: the tensor that becomes the input.
            ends: those that become outputs, in this order.
            kind: the type of the input's numbers, of ``onnx.TensorProto``.
            sides: the input's shape; a string or None for any length.
            depends: tensors that follow from the image, which can't be left out.

        Raises:
            UnreadableFile: what is asked for does not follow from ``start`` alone.
        """
        import onnx
        from onnx import helper

        needed, nodes = set(ends), []
        for node in reversed(self.model.graph.node):
            if start not in node.output and needed.intersection(node.output):
                nodes.append(node)
                needed.update(reads(node))
        values = {tensor.name for tensor in self.model.graph.initializer}
        made = {name for node in nodes for name in node.output}
        missing = needed - values - made - {start, ""}
        if missing & depends:
            raise UnreadableFile("The network's parts can't be told from each other.")
        proto = helper.make_graph(
            nodes[::-1],
            "part",
            [helper.make_tensor_value_info(start, kind, sides)],
            [onnx.ValueInfoProto(name=name) for name in ends],
            [tensor for tensor in self.model.graph.initializer if tensor.name in needed],
        )
        return helper.make_model(
            proto, opset_imports=self.model.opset_import, ir_version=self.model.ir_version
        )


def reads(node: Any) -> list[str]:
    """What a node reads, also within its branches."""
    names = [name for name in node.input if name]
    for one in node.attribute:
        for graph in (*([one.g] if one.HasField("g") else ()), *one.graphs):
            for inner in graph.node:
                names += reads(inner)
            names += [value.name for value in graph.output]
    return names


def attribute(node: Any, name: str) -> Any:
    """The value of an attribute; None if the node has none of that name."""
    from onnx import helper

    for found in node.attribute:
        if found.name == name:
            return helper.get_attribute_value(found)
    return None
