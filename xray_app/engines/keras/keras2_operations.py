"""TensorFlow's operations in the graph of a Keras 2 model, as layers and operations of Keras 3."""

from collections.abc import Callable
from typing import Any

from xray_app.core import UnsupportedFile

# What stands in for an operation: class, arguments, module, and the places of its inputs.
Layer = tuple[str, dict[str, Any], str, list[list[Any]]]

_LAYERS, _OPERATIONS = "keras.layers", "keras.src.ops.numpy"
_CONSTANT = "_CONSTANT_VALUE"
_REVERSED = [{"class_name": "__ellipsis__"}, {"start": None, "stop": None, "step": -1}]


def as_layer(function: str, node: list[Any]) -> Layer:
    """What does the same as ``tf.<function>`` at this node of the graph.

    Args:
        function: such as "math.truediv".
        node: [layer, node, tensor, keywords], or ["_CONSTANT_VALUE", -1, value, keywords]; a
            keyword's value may be such a place as well.

    Raises:
        UnsupportedFile: none is known.
    """
    found = _KNOWN[function](node) if function in _KNOWN else None
    if found is None:
        raise UnsupportedFile(
            f"it calls TensorFlow's tf.{function}, for which no layer is known here; put a layer "
            "of Keras, such as Rescaling, in its place"
        )
    return found


def _arithmetic(
    both: str | None, scale: Callable[[float], float], offset: Callable[[float], float]
) -> Callable[[list[Any]], Layer | None]:
    """An operation on two tensors, which is ``both``, or on one and a constant c.

    Then it multiplies by ``scale(c)`` and adds ``offset(c)``.
    """

    def convert(node: list[Any]) -> Layer | None:
        second = node[3].get("y", node[3].get("bias"))
        if _is_place(second):
            return (both, {}, _LAYERS, [node[:3], second[:3]]) if both else None
        if second is None:
            return None
        arguments = {"scale": _each(scale, second), "offset": _each(offset, second)}
        return "Rescaling", arguments, _LAYERS, [node[:3]]

    def convert_any(node: list[Any]) -> Layer | None:
        if node[0] != _CONSTANT:
            return convert(node)
        turned = [*node[3]["y"][:3], {"y": node[2]}] if _is_place(node[3].get("y")) else None
        # c + x and c x are x + c and x c; of c - x and c / x nothing is made here.
        return convert(turned) if turned and both in ("Add", "Multiply") else None

    return convert_any


def _is_place(value: Any) -> bool:
    return isinstance(value, list) and len(value) >= 3 and isinstance(value[0], str)


def _each(function: Callable[[float], float], value: Any) -> Any:
    if isinstance(value, list):
        return [_each(function, item) for item in value]
    return function(float(value))


def _one_input(
    kind: str, module: str = _LAYERS, **arguments: Any
) -> Callable[[list[Any]], Layer | None]:
    def convert(node: list[Any]) -> Layer:
        return kind, arguments, module, [node[:3]]

    return convert


def _cast(node: list[Any]) -> Layer | None:
    kind = node[3].get("dtype")
    return ("Identity", {}, _LAYERS, [node[:3]]) if kind == "float32" else None


def _clip(node: list[Any]) -> Layer | None:
    ends = {"x_min": node[3]["clip_value_min"], "x_max": node[3]["clip_value_max"]}
    return "Clip", ends, _OPERATIONS, [node[:3]]


def _reduce(kind: str) -> Callable[[list[Any]], Layer | None]:
    def convert(node: list[Any]) -> Layer:
        keywords = node[3]
        arguments = {"axis": keywords.get("axis"), "keepdims": bool(keywords.get("keepdims"))}
        return kind, arguments, _OPERATIONS, [node[:3]]

    return convert


def _resize(node: list[Any]) -> Layer | None:
    keywords = node[3]
    plain = keywords.get("method", "bilinear") == "bilinear" and not keywords.get("antialias")
    if not plain or keywords.get("preserve_aspect_ratio") or _is_place(keywords["size"]):
        return None
    height, width = keywords["size"]
    return "Resizing", {"height": height, "width": width}, _LAYERS, [node[:3]]


def _channels_turned_if(holds: Callable[[dict[str, Any]], bool]) -> Callable[..., Layer | None]:
    """RGB to BGR and back, where the keywords say just that; nothing else of the kind is known."""

    def convert(node: list[Any]) -> Layer | None:
        return ("Flip", {"axis": -1}, _OPERATIONS, [node[:3]]) if holds(node[3]) else None

    return convert


_sliced = _channels_turned_if(lambda keywords: keywords.get("slice_spec") == _REVERSED)
_reversed = _channels_turned_if(lambda keywords: keywords.get("axis") in ([-1], [3]))
_gathered = _channels_turned_if(
    lambda keywords: keywords.get("indices") == [2, 1, 0] and keywords.get("axis") in (-1, 3)
)
_ADD = _arithmetic("Add", lambda _: 1.0, lambda c: c)
_SUBTRACT = _arithmetic("Subtract", lambda _: 1.0, lambda c: -c)
_MULTIPLY = _arithmetic("Multiply", lambda c: c, lambda _: 0.0)
_DIVIDE = _arithmetic(None, lambda c: 1.0 / c, lambda _: 0.0)
_SIGMOID = _one_input("Activation", activation="sigmoid")
_SILU = _one_input("Activation", activation="silu")
_MEAN, _IDENTITY = _reduce("Mean"), _one_input("Identity")

_KNOWN: dict[str, Callable[[list[Any]], Layer | None]] = {
    "__operators__.add": _ADD,
    "__operators__.getitem": _sliced,
    "__operators__.sub": _SUBTRACT,
    "cast": _cast,
    "clip_by_value": _clip,
    "gather": _gathered,
    "identity": _IDENTITY,
    "image.grayscale_to_rgb": _one_input("Repeat", _OPERATIONS, repeats=3, axis=-1),
    "image.resize": _resize,
    "math.add": _ADD,
    "math.divide": _DIVIDE,
    "math.multiply": _MULTIPLY,
    "math.reduce_max": _reduce("Max"),
    "math.reduce_mean": _MEAN,
    "math.sigmoid": _SIGMOID,
    "math.subtract": _SUBTRACT,
    "math.tanh": _one_input("Activation", activation="tanh"),
    "math.truediv": _DIVIDE,
    "nn.bias_add": _ADD,
    "nn.relu": _one_input("ReLU"),
    "nn.relu6": _one_input("ReLU", max_value=6.0),
    "nn.sigmoid": _SIGMOID,
    "nn.silu": _SILU,
    "nn.softmax": _one_input("Softmax"),
    "nn.swish": _SILU,
    "reduce_mean": _MEAN,
    "reverse": _reversed,
    "stop_gradient": _IDENTITY,
}
