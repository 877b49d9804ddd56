"""Small ONNX networks, written by hand, and some that mean harm."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CHANNELS = 4


def weight(name: str, values: Any, kind: type[np.generic] = np.float32) -> onnx.TensorProto:
    return numpy_helper.from_array(np.asarray(values, kind), name)


class Written:
    """Collects nodes and weights; ``save`` writes the file."""

    def __init__(self, kind: type[np.generic] = np.float32) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.kind = kind
        self.last = "image"

    def add(self, operation: str, *others: Any, **attributes: Any) -> "Written":
        """One operator on what came last; arrays among the others become weights."""
        place = len(self.nodes)
        names = [self.last]
        for number, other in enumerate(others):
            if isinstance(other, str):
                names.append(other)
                continue
            name = f"weight_{place}_{number}"
            kind = np.int64 if np.asarray(other).dtype == np.int64 else self.kind
            self.weights.append(weight(name, other, kind))
            names.append(name)
        self.last = f"tensor_{place}"
        node = helper.make_node(operation, names, [self.last], f"node_{place}", **attributes)
        self.nodes.append(node)
        return self

    def model(self, shape: list[Any], opset: int = 17, kind: int | None = None) -> onnx.ModelProto:
        own = helper.np_dtype_to_tensor_dtype(np.dtype(self.kind))
        graph = helper.make_graph(
            self.nodes,
            "network",
            [helper.make_tensor_value_info("image", own if kind is None else kind, shape)],
            [helper.make_tensor_value_info(self.last, own, None)],
            self.weights,
        )
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8,
            producer_name="by hand",
        )  # fmt: skip

    def body(self, channels: int = 3, kernel: int = 3) -> "Written":
        """Two convolutions to ``CHANNELS`` feature maps of half the size."""
        rng = np.random.default_rng(3)
        first = rng.standard_normal((CHANNELS, channels, kernel, kernel))
        second = rng.standard_normal((CHANNELS, CHANNELS, 3, 3))
        self.add("Conv", first, pads=[1] * 4, strides=[2, 2]).add("Relu")
        return self.add("Conv", second, pads=[1] * 4).add("Relu")

    def pooled(self, kernel: Any) -> "Written":
        """Global average pooling and a dense layer (C, K)."""
        kernel = np.asarray(kernel)
        self.add("GlobalAveragePool").add("Flatten")
        return self.add("Gemm", kernel, np.linspace(-1, 1, kernel.shape[1]))


def kernel(classes: int) -> np.ndarray:
    return np.random.default_rng(5).standard_normal((CHANNELS, classes)).astype(np.float32)


def standardised(written: Written, channels: int = 3) -> Written:
    """(x - mean) / std of [0, 1], channels first."""
    mean, std = (np.reshape(v[:channels], (1, channels, 1, 1)) for v in (MEAN, STD))
    return written.add("Sub", mean).add("Div", std)


def classifier(classes: int = 3, size: Any = 32, **changes: Any) -> onnx.ModelProto:
    """Standardises, convolves, pools, classifies; (N, 3, size, size)."""
    channels = changes.pop("channels", 3)
    ending = changes.pop("ending", None)
    written = standardised(Written(changes.pop("dtype", np.float32)), channels)
    written.body(channels).pooled(kernel(classes))
    if ending:
        written.add(ending)
    return written.model(["N", channels, size, size], **changes)


def saved(model: onnx.ModelProto, folder: Path, name: str = "model.onnx") -> Path:
    path = folder / name
    path.write_bytes(model.SerializeToString())
    return path


def endless() -> onnx.ModelProto:
    """A Loop whose condition stays true: 2**62 times round."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["go_on"]),
         helper.make_node("Identity", ["state"], ["state_on"])],
        "body",
        [helper.make_tensor_value_info("n", TensorProto.INT64, []),
         helper.make_tensor_value_info("go", TensorProto.BOOL, []),
         helper.make_tensor_value_info("state", TensorProto.FLOAT, None)],
        [helper.make_tensor_value_info("go_on", TensorProto.BOOL, []),
         helper.make_tensor_value_info("state_on", TensorProto.FLOAT, None)],
    )  # fmt: skip
    written = Written()
    written.weights += [weight("most", 2**62, np.int64), weight("true", True, np.bool_)]
    written.nodes.append(helper.make_node("Loop", ["most", "true", "image"], ["round"], body=body))
    written.last = "round"
    return written.body().pooled(kernel(3)).model(["N", 3, 32, 32])


def external(location: str, length: int = 36) -> onnx.ModelProto:
    """A classifier whose first weight lies in another file."""
    model = classifier()
    first = model.graph.initializer[0]
    first.ClearField("raw_data")
    first.data_location = TensorProto.EXTERNAL
    place = {"location": location, "offset": 0, "length": length}
    for key, value in place.items():
        first.external_data.add(key=key, value=str(value))
    return model


def enormous() -> onnx.ModelProto:
    """1 KB that declares a weight of 4 GB."""
    model = classifier()
    big = model.graph.initializer.add()
    big.name, big.data_type = "big", TensorProto.FLOAT
    big.dims.extend([1024, 1024, 1024])
    return model


def growing() -> onnx.ModelProto:
    """1 KB whose constant folding would take 400 GB."""
    written = Written()
    fill = weight("fill", [1024, 1024, 1024, 100], np.int64)
    written.weights.append(fill)
    written.nodes.append(helper.make_node("ConstantOfShape", ["fill"], ["huge"]))
    written.nodes.append(helper.make_node("ReduceSum", ["huge"], ["sum"], keepdims=0))
    return written.add("Add", "sum").body().pooled(kernel(3)).model(["N", 3, 32, 32])


def long(nodes: int = 100_000) -> onnx.ModelProto:
    written = Written()
    for _ in range(nodes):
        written.add("Relu")
    return written.body().pooled(kernel(3)).model(["N", 3, 32, 32])


def transformer(side: int = 32, patch: int = 8, width: int = 4) -> onnx.ModelProto:
    """Patches, self-attention with a residual, the mean of all tokens, three classes."""
    rng = np.random.default_rng(7)
    written = Written()
    patches = rng.standard_normal((width, 3, patch, patch)) / patch
    written.add("Conv", patches, strides=[patch, patch])
    tokens = np.array([0, width, (side // patch) ** 2], np.int64)
    written.add("Reshape", tokens).add("Transpose", perm=[0, 2, 1])
    image = written.last
    query, key, value = (
        _from(written, image).add("MatMul", rng.standard_normal((width, width))).last
        for _ in range(3)
    )
    turned = _from(written, key).add("Transpose", perm=[0, 2, 1]).last
    _from(written, query).add("MatMul", turned).add("Softmax", axis=-1).add("MatMul", value)
    written.add("Add", image).add("LayerNormalization", np.ones(width), np.zeros(width))
    written.add("ReduceMean", axes=[1], keepdims=0)
    written.add("Gemm", rng.standard_normal((width, 3)), np.zeros(3))
    return written.model(["N", 3, side, side])


def _from(written: Written, tensor: str) -> Written:
    written.last = tensor
    return written
