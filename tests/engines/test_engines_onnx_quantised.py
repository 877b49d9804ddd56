"""ONNX networks of whole numbers, as ``onnxruntime.quantization`` writes them."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.testing import assert_allclose
from onnx import TensorProto, helper

from tests.engines.onnx_models import MEAN, STD, saved, weight
from xray_app.engines.networks.examining import examine_network
from xray_app.engines.networks.onnx_network import OnnxNetwork

RNG = np.random.default_rng(0)
KERNEL = RNG.integers(-127, 127, (8, 3, 3, 3))
HEAD = RNG.normal(size=(8, 3))
SHARED = [
    weight("mean", np.reshape(MEAN, (1, 3, 1, 1))),
    weight("std", np.reshape(STD, (1, 3, 1, 1))),
    weight("kernel", KERNEL, np.int8),
    weight("head", HEAD),
    weight("none", 0, np.int8),
]


def node(kind: str, inputs: str, outputs: str, **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(kind, inputs.split(), outputs.split(), **attributes)


def model(nodes: list[onnx.NodeProto], weights: list[onnx.TensorProto]) -> onnx.ModelProto:
    """Standardises in real numbers, then ``nodes`` from "standard" to "maps", then a head."""
    front = [node("Sub", "image mean", "less"), node("Div", "less std", "standard")]
    end = [
        node("GlobalAveragePool", "maps", "pooled"),
        node("Flatten", "pooled", "flat"),
        node("MatMul", "flat head", "answer"),
    ]
    graph = helper.make_graph(
        [*front, *nodes, *end],
        "network",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, 32, 32])],
        [helper.make_tensor_value_info("answer", TensorProto.FLOAT, ["N", 3])],
        [*SHARED, *weights],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made)
    return made


def dynamic() -> onnx.ModelProto:
    """A scale from the values that arrive, as ``quantize_dynamic`` writes it."""
    nodes = [
        node("DynamicQuantizeLinear", "standard", "whole scale zero"),
        node("ConvInteger", "whole kernel zero none", "sum", pads=[1] * 4, strides=[2, 2]),
        node("Cast", "sum", "real", to=TensorProto.FLOAT),
        node("Mul", "scale kernel_scale", "both"),
        node("Mul", "real both", "features"),
        node("Relu", "features", "maps"),
    ]
    return model(nodes, [weight("kernel_scale", 0.01)])


def static(way: str) -> onnx.ModelProto:
    """A scale that calibration chose; ``way`` is what lies between it and the convolution."""
    turned = [node("Transpose", "whole", "last", perm=[0, 2, 3, 1]),
              node("Transpose", "last", "back", perm=[0, 3, 1, 2])]  # fmt: skip
    between = turned if way == "turned" else [node("Pad", "whole margins zero", "back")]
    nodes = [
        node("QuantizeLinear", "standard scale zero", "whole"),
        *between,
        node("QLinearConv", "back scale zero kernel kernel_scale none after half", "sum",
             strides=[2, 2]),
        node("DequantizeLinear", "sum after half", "maps"),
    ]  # fmt: skip
    weights = [
        weight("scale", 4.8 / 255), weight("zero", 114, np.uint8), weight("kernel_scale", 0.01),
        weight("after", 0.5), weight("half", 128, np.uint8),
        weight("margins", [0, 0, 1, 1, 0, 0, 1, 1], np.int64),
    ]  # fmt: skip
    return model(nodes, weights)


@pytest.mark.parametrize("made", [dynamic(), static("turned"), static("padded")])
def test_what_reaches_the_first_convolution_is_told_in_real_numbers(
    made: onnx.ModelProto, tmp_path: Path
) -> None:
    facts = examine_network(saved(made, tmp_path))
    assert [layer.kind for layer in facts.layers] == ["Sub", "Div"]
    assert_allclose(facts.affine.gain, 1 / np.array(STD), rtol=1e-5)
    assert_allclose(facts.affine.offset, -np.array(MEAN) / STD, rtol=1e-4)
    low, high = facts.ranges["rescale"]
    assert_allclose(low, -np.array(MEAN) / STD, rtol=1e-4)
    assert_allclose(high, (1 - np.array(MEAN)) / STD, rtol=1e-4)


def test_images_beside_it_change_no_answer(tmp_path: Path) -> None:
    """Nor what the tail says of maps: one scale is taken from all that a pass is given."""
    network = OnnxNetwork(saved(dynamic(), tmp_path))
    images = np.random.default_rng(1).random((2, 32, 32, 3), np.float32)
    images[1] *= 255.0
    together = network.run(images).outputs
    for place in range(2):
        assert_allclose(network.run(images[place : place + 1]).outputs[0], together[place])
