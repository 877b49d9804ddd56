"""The structure of an ONNX classifier: its image, its first convolution, its last maps, its end."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from xray_app.core import UnreadableFile, UnsupportedFile
from xray_app.core.normalization import Channels
from xray_app.engines.facts import Layout, OutputKind
from xray_app.engines.networks.network import ImageInput, StepName
from xray_app.engines.networks.onnx_file import check_sides

_CONVOLUTIONS = {"Conv", "ConvTranspose", "FusedConv", "QLinearConv", "ConvInteger"}
# These place values elsewhere, or store them otherwise, and leave them as they are.
_GEOMETRY = {
    "Transpose", "Pad", "Identity", "Cast", "CastLike", "Reshape", "Squeeze", "Unsqueeze", "Shape",
    "Dropout", "Resize", "Upsample", "Constant", "QuantizeLinear",
}  # fmt: skip
_ENDINGS: dict[str, OutputKind] = {"Softmax": "softmax", "Sigmoid": "sigmoid"}
_PASSING = {"Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Dropout"}
_TO_FIRST, _TO_LAST = [0, 3, 1, 2], [0, 2, 3, 1]
_HEAD_NAMES = {"logits", "output", "probabilities", "predictions", "scores"}
_MOST_CONSTANTS = 4  # numbers that are told of an operator
_MOST_STEPS = 500  # operators from the end on, among which the feature maps are looked for


@dataclass(frozen=True, slots=True)
class Place:
    """A tensor of the graph, and how an image lies in it."""

    name: str
    layout: Layout


class Graph:
    """An ``onnx.ModelProto`` that was checked, with one image input.

    Raises:
        UnsupportedFile: it does not take one image, or has no convolution, or does not classify.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        graph = model.graph
        self._producer = {name: node for node in graph.node for name in node.output if name}
        self._weights = {tensor.name: tensor for tensor in graph.initializer}
        self._constants = {
            node.output[0]: node for node in graph.node if node.op_type == "Constant"
        }
        self.input = self._image_input()
        self._depends = self._dependent(self.input.name)
        self.convolution = self._first_convolution()
        self.image = self._describe_input()
        self.first, self.steps = self._front()
        self.output, self.other_outputs = self._classifier()
        self.logits, self.ending = self._ending()

    # The input

    def _image_input(self) -> Any:
        used = {name for node in self.model.graph.node for name in _reads(node)}
        inputs = [
            value
            for value in self.model.graph.input
            if value.name not in self._weights and value.name in used
        ]
        if len(inputs) != 1:
            names = ", ".join(value.name[:40] for value in inputs[:4]) or "none"
            raise UnsupportedFile(
                f"Expected a model with one image input, received {len(inputs)} inputs ({names}); "
                "export the part that takes the image."
            )
        kind = inputs[0].type
        if not kind.HasField("tensor_type") or not kind.tensor_type.HasField("shape"):
            raise UnsupportedFile(
                "Expected a model with one image input of four axes, received one that does not "
                "say what it takes; export it with the shape of its input."
            )
        return inputs[0]

    def _describe_input(self) -> ImageInput:
        import onnx

        kind = self.input.type.tensor_type
        sides = [d.dim_value if d.HasField("dim_value") and d.dim_value > 0 else None
                 for d in kind.shape.dim]  # fmt: skip
        names = {
            onnx.TensorProto.FLOAT: "float32",
            onnx.TensorProto.FLOAT16: "float16",
            onnx.TensorProto.UINT8: "uint8",
            onnx.TensorProto.INT8: "int8",
            onnx.TensorProto.DOUBLE: "float64",
        }
        shown = " × ".join("any" if side is None else str(side) for side in sides)
        if len(sides) != 4 or kind.elem_type not in names:
            raise UnsupportedFile(
                "Expected a model with one image input of four axes, numbers or bytes, received "
                f"one of {shown or 'no size'} and type "
                f"{onnx.TensorProto.DataType.Name(kind.elem_type)}; export an image classifier."
            )
        layout = self._layout_of_input(sides)
        if layout is None:
            raise UnsupportedFile(
                "Expected an image of 1 or 3 channels, (N, C, H, W) or (N, H, W, C), received an "
                f"input of {shown}; export an image classifier."
            )
        batch, *rest = sides
        height, width = (rest[1], rest[2]) if layout == "NCHW" else (rest[0], rest[1])
        channels = (rest[0] if layout == "NCHW" else rest[2]) or self._channels_of_convolution()
        check_sides((height, width))
        if channels not in (1, 3):
            raise UnsupportedFile(
                f"Expected an image of 1 or 3 channels, received an input of {channels}; export a "
                "model of gray or coloured images."
            )
        return ImageInput(height, width, channels, layout, names[kind.elem_type], batch)

    def _layout_of_input(self, sides: list[int | None]) -> Layout | None:
        first, last = sides[1] in (1, 3), sides[3] in (1, 3)
        if first and not last:
            return "NCHW"
        if last and not first:
            return "NHWC"
        if not first and not last and sides[1] is not None and sides[3] is not None:
            return None
        # Convolutions of ONNX take channels first; what turns the image on its way tells the rest.
        return "NHWC" if self._is_turned() else "NCHW"

    def _is_turned(self) -> bool:
        turned = 0
        for node in self._way_to(self.convolution.input[0]):
            if node.op_type == "Transpose":
                order = _attribute(node, "perm")
                turned += (order == _TO_FIRST) - (order == _TO_LAST)
        return turned > 0

    def _channels_of_convolution(self) -> int:
        weight = self.constant(self.convolution.input[1])
        groups = _attribute(self.convolution, "group") or 1
        return int(weight.shape[1]) * groups if weight is not None and weight.ndim == 4 else 3

    # The front

    def _dependent(self, source: str) -> set[str]:
        found = {source}
        for node in self.model.graph.node:
            if found.intersection(_reads(node)):
                found.update(name for name in node.output if name)
        return found

    def _first_convolution(self) -> Any:
        for node in self.model.graph.node:
            if node.op_type not in _CONVOLUTIONS or node.input[0] not in self._depends:
                continue
            if self._mixes_channels(node):
                continue
            return node
        raise UnsupportedFile(
            "Expected an image model with a convolution, received one without: what its layers "
            "expect can't be told from what reaches the first convolution."
        )

    def _mixes_channels(self, node: Any) -> bool:
        """A 1 x 1 convolution to 1 or 3 channels makes an image, no feature yet."""
        weight = self.constant(node.input[1]) if node.op_type == "Conv" else None
        return (
            weight is not None
            and weight.ndim == 4
            and weight.shape[2:] == (1, 1)
            and weight.shape[0] in (1, 3)
            and (_attribute(node, "strides") or [1, 1]) == [1, 1]
        )

    def _front(self) -> tuple[Place, tuple[tuple[StepName, Place], ...]]:
        """What reaches the first convolution, and the operators on the way that change values."""
        layouts: dict[str, Layout] = {self.input.name: self.image.layout}
        steps = []
        for node in self._way_to(self.convolution.input[0]):
            source = next((name for name in _reads(node) if name in layouts), None)
            if source is None:
                continue
            layout = layouts[source]
            if node.op_type == "Transpose":
                order = _attribute(node, "perm")
                layout = "NCHW" if order == _TO_FIRST else "NHWC" if order == _TO_LAST else layout
            layouts.update(dict.fromkeys(node.output, layout))
            if node.op_type not in _GEOMETRY:
                name = node.name or node.output[0]
                step = StepName(name[:80], node.op_type, self._constants_of(node))
                steps.append((step, Place(node.output[0], layout)))
        name = self.convolution.input[0]
        while name in self._producer and self._producer[name].op_type in {"Pad", "Transpose"}:
            before = self._producer[name].input[0]
            if self._producer[name].op_type == "Transpose" and not self._is_padded(before):
                break
            name = before
        return Place(name, layouts.get(name, self.image.layout)), tuple(steps)

    def _is_padded(self, name: str) -> bool:
        return name in self._producer and self._producer[name].op_type == "Pad"

    def _way_to(self, tensor: str) -> list[Any]:
        """Nodes that depend on the image and that ``tensor`` depends on, in order."""
        needed = {tensor}
        found = []
        for node in reversed(self.model.graph.node):
            if needed.intersection(node.output) and self._depends.intersection(_reads(node)):
                found.append(node)
                needed.update(_reads(node))
        return found[::-1]

    def _constants_of(self, node: Any) -> dict[str, Channels]:
        names = {"BatchNormalization": ("", "scale", "offset", "mean", "variance")}
        found = {}
        for place, name in enumerate(node.input):
            values = self.constant(name)
            if values is None or not 1 <= values.size <= _MOST_CONSTANTS:
                continue
            known = names.get(node.op_type, ())
            said = known[place] if place < len(known) else "by"
            found[said] = tuple(float(v) for v in np.ravel(values))
        return found

    def constant(self, name: str) -> np.ndarray | None:
        """The values of a weight or constant; None if it is none, or lies in another file."""
        from onnx import TensorProto, numpy_helper

        if name in self._weights:
            tensor = self._weights[name]
        elif name in self._constants:
            tensor = next((a.t for a in self._constants[name].attribute if a.name == "value"), None)
        else:
            return None
        if tensor is None or tensor.data_location == TensorProto.EXTERNAL:
            return None
        return np.asarray(numpy_helper.to_array(tensor))

    # The end

    def _classifier(self) -> tuple[str, tuple[str, ...]]:
        """The output with a figure a class, and the names of the others."""
        outputs = [v for v in self.model.graph.output if v.name in self._depends]
        if len(outputs) == 1:
            return outputs[0].name, ()
        heads = [v for v in outputs if _is_vector(v)]
        if len(heads) > 1:
            heads = [v for v in heads if v.name.lower() in _HEAD_NAMES] or heads
        if len(heads) != 1:
            names = ", ".join(value.name[:40] for value in outputs[:6]) or "none"
            raise UnsupportedFile(
                "Expected a model with one output that has a figure a class, received "
                f"{len(outputs)} outputs ({names}); export the one to be used."
            )
        rest = tuple(v.name[:80] for v in outputs if v.name != heads[0].name)
        return heads[0].name, rest

    def _ending(self) -> tuple[str, OutputKind | None]:
        name = self.output
        while name in self._producer:
            node = self._producer[name]
            if node.op_type in _ENDINGS:
                return node.input[0], _ENDINGS[node.op_type]
            if node.op_type == "LogSoftmax":
                return node.input[0], "softmax"
            if node.op_type not in _PASSING:
                break
            name = node.input[0]
        return self.output, None

    def cuts(self) -> Iterator[Place]:
        """From the end on, tensors that everything which the image tells must pass through."""
        order = {id(node): place for place, node in enumerate(self.model.graph.node)}
        features = self._dependent(self.convolution.output[0])
        frontier = {self.logits}
        for _ in range(_MOST_STEPS):
            made = [name for name in frontier if name in self._producer]
            if not made:
                return
            latest = max(made, key=lambda n: order[id(self._producer[n])])
            node = self._producer[latest]
            frontier -= set(node.output)
            frontier |= {name for name in _reads(node) if name in self._depends}
            if len(frontier) == 1 and frontier <= features:
                (name,) = frontier
                yield Place(name, self._layout_at(name))

    def _layout_at(self, name: str) -> Layout:
        """How feature maps lie there: the nearest convolution or turn in front tells."""
        for _ in range(50):
            node = self._producer.get(name)
            if node is None or node.op_type in _CONVOLUTIONS or "Pool" in node.op_type:
                return "NCHW"
            if node.op_type == "Transpose":
                return "NHWC" if _attribute(node, "perm") == _TO_LAST else "NCHW"
            following = [n for n in _reads(node) if n in self._depends]
            if not following:
                return "NCHW"
            name = following[0]
        return "NCHW"

    def part(self, start: str, ends: tuple[str, ...], kind: int, sides: list[Any]) -> Any:
        """A model of its own from one tensor to others; the rest is left out.

        Args:
            start: the tensor that becomes the input.
            ends: those that become outputs, in this order.
            kind: the type of the input's numbers, of ``onnx.TensorProto``.
            sides: the input's shape; a string or None for any length.

        Raises:
            UnreadableFile: what is asked for does not follow from ``start`` alone.
        """
        import onnx
        from onnx import helper

        needed, nodes = set(ends), []
        for node in reversed(self.model.graph.node):
            if start not in node.output and needed.intersection(node.output):
                nodes.append(node)
                needed.update(_reads(node))
        values = {tensor.name for tensor in self.model.graph.initializer}
        made = {name for node in nodes for name in node.output}
        missing = needed - values - made - {start, ""}
        inner = {n for n in missing if n in self._depends or n == self.input.name}
        if inner:
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


def _reads(node: Any) -> list[str]:
    """What a node reads, also within its branches."""
    names = [name for name in node.input if name]
    for attribute in node.attribute:
        for graph in (*([attribute.g] if attribute.HasField("g") else ()), *attribute.graphs):
            for inner in graph.node:
                names += _reads(inner)
            names += [value.name for value in graph.output]
    return names


def _attribute(node: Any, name: str) -> Any:
    from onnx import helper

    for attribute in node.attribute:
        if attribute.name == name:
            return helper.get_attribute_value(attribute)
    return None


def _is_vector(value: Any) -> bool:
    kind = value.type
    if not kind.HasField("tensor_type"):
        return False
    dims = kind.tensor_type.shape.dim
    return len(dims) == 2 and not (dims[1].HasField("dim_value") and dims[1].dim_value < 2)


def with_size(image: ImageInput, height: int, width: int) -> ImageInput:
    """The same input, of images of that size."""
    return replace(image, height=height, width=width)
