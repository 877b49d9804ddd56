"""The one image input of an ONNX classifier: its size, its channels, and how they are laid out."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from xray_app.core import UnsupportedFile
from xray_app.engines.facts import Layout
from xray_app.engines.networks.network import ImageInput
from xray_app.engines.networks.onnx_file import check_sides
from xray_app.engines.networks.onnx_nodes import Nodes, attribute, reads

TO_FIRST, TO_LAST = [0, 3, 1, 2], [0, 2, 3, 1]


def image_input(nodes: Nodes) -> Any:
    """The input that something reads.

    Raises:
        UnsupportedFile: there is not just one, or it doesn't say what it takes.
    """
    used = {name for node in nodes.model.graph.node for name in reads(node)}
    inputs = [
        value
        for value in nodes.model.graph.input
        if value.name not in nodes.weights and value.name in used
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


def describe_input(nodes: Nodes, value: Any, convolution: Any) -> ImageInput:
    """What an input takes.

    Args:
        nodes: of the model.
        value: the input.
        convolution: the first one.

    Raises:
        UnsupportedFile: it takes no image.
    """
    import onnx

    kind = value.type.tensor_type
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
    layout = _layout(sides, lambda: _is_turned(nodes, value.name, convolution))
    if layout is None:
        raise UnsupportedFile(
            "Expected an image of 1 or 3 channels, (N, C, H, W) or (N, H, W, C), received an "
            f"input of {shown}; export an image classifier."
        )
    batch, *rest = sides
    height, width = (rest[1], rest[2]) if layout == "NCHW" else (rest[0], rest[1])
    channels = (rest[0] if layout == "NCHW" else rest[2]) or _channels_of(nodes, convolution)
    check_sides((height, width))
    if channels not in (1, 3):
        raise UnsupportedFile(
            f"Expected an image of 1 or 3 channels, received an input of {channels}; export a "
            "model of gray or coloured images."
        )
    return ImageInput(height, width, channels, layout, names[kind.elem_type], batch)


def _layout(sides: list[int | None], is_turned: Callable[[], bool]) -> Layout | None:
    first, last = sides[1] in (1, 3), sides[3] in (1, 3)
    if first and not last:
        return "NCHW"
    if last and not first:
        return "NHWC"
    if not first and not last and sides[1] is not None and sides[3] is not None:
        return None
    # Convolutions of ONNX take channels first; what turns the image on its way tells the rest.
    return "NHWC" if is_turned() else "NCHW"


def _is_turned(nodes: Nodes, image: str, convolution: Any) -> bool:
    turned = 0
    for node in nodes.way_to(convolution.input[0], nodes.dependent(image)):
        if node.op_type == "Transpose":
            order = attribute(node, "perm")
            turned += (order == TO_FIRST) - (order == TO_LAST)
    return turned > 0


def _channels_of(nodes: Nodes, convolution: Any) -> int:
    weight = nodes.kernel(convolution)
    groups = attribute(convolution, "group") or 1
    return int(weight.shape[1]) * groups if weight is not None and weight.ndim == 4 else 3


def with_size(image: ImageInput, height: int, width: int) -> ImageInput:
    """The same input, of images of that size."""
    return replace(image, height=height, width=width)
