"""The structure of an ONNX classifier: its image, its first convolution, its last maps, its end."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from xray_app.core import UnsupportedFile
from xray_app.engines.facts import Layout, OutputKind
from xray_app.engines.networks.network import StepName
from xray_app.engines.networks.onnx_input import (
    TO_FIRST,
    TO_LAST,
    describe_input,
    image_input,
)
from xray_app.engines.networks.onnx_nodes import Nodes, attribute, reads

_CONVOLUTIONS = {"Conv", "ConvTranspose", "FusedConv", "QLinearConv", "ConvInteger"}
# These place values elsewhere, or store them otherwise, and leave them as they are.
_GEOMETRY = {
    "Transpose", "Pad", "Identity", "Cast", "CastLike", "Reshape", "Squeeze", "Unsqueeze", "Shape",
    "Dropout", "Resize", "Upsample", "Constant", "QuantizeLinear", "DynamicQuantizeLinear",
}  # fmt: skip
# What reaches a convolution is told from in front of these: without margins, as real numbers.
_LEFT_OUT = {"Pad", "QuantizeLinear", "DynamicQuantizeLinear"}
_ENDINGS: dict[str, OutputKind] = {"Softmax": "softmax", "Sigmoid": "sigmoid"}
_PASSING = {"Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Dropout"}
_HEAD_NAMES = {"logits", "output", "probabilities", "predictions", "scores"}
_ATTENTION = {"Attention", "MultiHeadAttention", "GroupQueryAttention"}
_PRODUCTS = {"MatMul", "MatMulInteger", "Einsum"}
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
        self._nodes = Nodes(model)
        self._producer = self._nodes.producer
        self.input = image_input(self._nodes)
        self._depends = self._nodes.dependent(self.input.name)
        self.convolution = self._first_convolution()
        self.image = describe_input(self._nodes, self.input, self.convolution)
        self.first, self.steps = self._front()
        self.output, self.other_outputs = self._classifier()
        self.logits, self.ending = self._ending()

    # The front

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
        weight = None if node.op_type == "ConvTranspose" else self._nodes.kernel(node)
        return (
            weight is not None
            and weight.ndim == 4
            and weight.shape[2:] == (1, 1)
            and weight.shape[0] in (1, 3)
            and (attribute(node, "strides") or [1, 1]) == [1, 1]
        )

    def _front(self) -> tuple[Place, tuple[tuple[StepName, Place], ...]]:
        """What reaches the first convolution, and the operators on the way that change values."""
        layouts: dict[str, Layout] = {self.input.name: self.image.layout}
        steps = []
        for node in self._nodes.way_to(self.convolution.input[0], self._depends):
            source = next((name for name in reads(node) if name in layouts), None)
            if source is None:
                continue
            layout = layouts[source]
            if node.op_type == "Transpose":
                order = attribute(node, "perm")
                layout = "NCHW" if order == TO_FIRST else "NHWC" if order == TO_LAST else layout
            layouts.update(dict.fromkeys(node.output, layout))
            if node.op_type not in _GEOMETRY:
                name = node.name or node.output[0]
                step = StepName(name[:80], node.op_type, self._nodes.constants_of(node))
                steps.append((step, Place(node.output[0], layout)))
        name = self._before(self.convolution.input[0])
        return Place(name, layouts.get(name, self.image.layout)), tuple(steps)

    def _before(self, name: str) -> str:
        """The tensor in front of padding and of storing as whole numbers, however it is turned."""
        found = name
        while name in self._producer:
            node = self._producer[name]
            if node.op_type not in {*_LEFT_OUT, "Transpose"}:
                break
            name = node.input[0]
            found = name if node.op_type in _LEFT_OUT else found
        return found

    @property
    def takes_one(self) -> bool:
        """Whether images beside it change an answer: all of them then share one scale."""
        return any("DynamicQuantize" in node.op_type for node in self.model.graph.node)

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
        """From the end on, tensors that everything which the image tells must pass through.

        None in front of attention: what its maps say of a place is not what the end is made of.
        """
        order = {id(node): place for place, node in enumerate(self.model.graph.node)}
        features = self._nodes.dependent(self.convolution.output[0])
        frontier = {self.logits}
        for _ in range(_MOST_STEPS):
            made = [name for name in frontier if name in self._producer]
            if not made:
                return
            latest = max(made, key=lambda n: order[id(self._producer[n])])
            node = self._producer[latest]
            if self._is_attention(node):
                return
            frontier -= set(node.output)
            frontier |= {name for name in reads(node) if name in self._depends}
            if len(frontier) == 1 and frontier <= features:
                (name,) = frontier
                yield Place(name, self._layout_at(name))

    def _is_attention(self, node: Any) -> bool:
        """Whether two tensors of the image are multiplied with each other as matrices."""
        if node.op_type in _ATTENTION:
            return True
        return node.op_type in _PRODUCTS and all(n in self._depends for n in node.input[:2])

    def _layout_at(self, name: str) -> Layout:
        """How feature maps lie there: the nearest convolution or turn in front tells."""
        for _ in range(50):
            node = self._producer.get(name)
            if node is None or node.op_type in _CONVOLUTIONS or "Pool" in node.op_type:
                return "NCHW"
            if node.op_type == "Transpose":
                return "NHWC" if attribute(node, "perm") == TO_LAST else "NCHW"
            following = [n for n in reads(node) if n in self._depends]
            if not following:
                return "NCHW"
            name = following[0]
        return "NCHW"

    def part(self, start: str, ends: tuple[str, ...], kind: int, sides: list[Any]) -> Any:
        """A model of its own from one tensor to others, as ``Nodes.part``."""
        return self._nodes.part(start, ends, kind, sides, self._depends)


def _is_vector(value: Any) -> bool:
    kind = value.type
    if not kind.HasField("tensor_type"):
        return False
    dims = kind.tensor_type.shape.dim
    return len(dims) == 2 and not (dims[1].HasField("dim_value") and dims[1].dim_value < 2)
