"""TFLite files whose weights are stored in half precision and widened as the network runs."""

import copy
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.testing import assert_allclose

from xray_app.engines.networks.examining import examine_network
from xray_app.engines.networks.lite_network import LiteNetwork

CODES = schema.BuiltinOperator
MEAN = (0.5, 0.25, 0.125)  # exact in half precision


class Rewritten:
    """The classifier of ``lite_models.npz``, to be changed operator by operator."""

    def __init__(self, data: bytes) -> None:
        self.model: Any = schema.ModelT.InitFromObj(schema.Model.GetRootAs(bytearray(data), 0))
        self.model.metadata = []
        self.graph = self.model.subgraphs[0]

    def code(self, number: int, version: int = 1) -> int:
        made = schema.OperatorCodeT()
        made.builtinCode = made.deprecatedBuiltinCode = number
        made.version = version
        self.model.operatorCodes.append(made)
        return len(self.model.operatorCodes) - 1

    def named(self, operator: Any) -> int:
        code = self.model.operatorCodes[operator.opcodeIndex]
        return max(code.builtinCode, code.deprecatedBuiltinCode)

    def values(self, tensor: Any) -> np.ndarray:
        stored = np.asarray(self.model.buffers[tensor.buffer].data, np.uint8)
        return stored.view(np.float32).reshape(tensor.shape)

    def tensor(self, like: Any, name: bytes, shape: Any, values: np.ndarray | None = None) -> int:
        made = copy.deepcopy(like)
        made.name, made.shape, made.shapeSignature, made.buffer = name, list(shape), None, 0
        if values is not None:
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(values.tobytes(), np.uint8)
            self.model.buffers.append(buffer)
            made.buffer = len(self.model.buffers) - 1
            if values.dtype == np.float16:
                made.type = schema.TensorType.FLOAT16
        self.graph.tensors.append(made)
        return len(self.graph.tensors) - 1

    def operator(self, code: int, inputs: list[int], outputs: list[int], place: int = 0) -> None:
        made = schema.OperatorT()
        made.opcodeIndex, made.inputs, made.outputs = code, inputs, outputs
        self.graph.operators.insert(place, made)

    def halve(self, place: int, code: int) -> None:
        """Store a weight in half precision, with a DEQUANTIZE that makes it what it was."""
        weight = self.graph.tensors[place]
        values = self.values(weight).astype(np.float16)
        half = self.tensor(weight, (weight.name or b"") + b"_half", weight.shape, values)
        weight.buffer = 0
        self.operator(code, [half], [place])

    def save(self, folder: Path) -> Path:
        builder = flatbuffers.Builder(1 << 16)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        path = folder / "model.tflite"
        path.write_bytes(bytes(builder.Output()))
        return path


def halved(data: bytes) -> Rewritten:
    """As TensorFlow's converter writes it with ``supported_types = [tf.float16]``."""
    made = Rewritten(data)
    code = made.code(CODES.DEQUANTIZE, 3)
    weights = [
        op.inputs[1] for op in made.graph.operators
        if made.named(op) in (CODES.CONV_2D, CODES.FULLY_CONNECTED)
    ]  # fmt: skip
    for place in weights:
        made.halve(place, code)
    return made


def test_the_dense_kernel_is_that_of_the_file(converted: dict[str, bytes], tmp_path: Path) -> None:
    """Read in front of the first pass, when nothing has widened it yet."""
    path = halved(converted["float"]).save(tmp_path)
    assert examine_network(path).maps == "exact"
    network = LiteNetwork(path)
    kernel = np.frombuffer(converted["kernel"], np.float32).reshape(8, 3)
    assert network.dense is not None
    assert_allclose(network.dense, kernel, rtol=1e-3)  # half precision keeps eleven bits
    image = np.frombuffer(converted["image"], np.float32).reshape(1, 32, 32, 3)
    logits = network.run(image).outputs
    answer = np.exp(logits) / np.exp(logits).sum()
    assert_allclose(answer[0], np.frombuffer(converted["answer"], np.float32), atol=2e-3)


def test_a_kernel_that_is_worked_out_is_not_told(
    converted: dict[str, bytes], tmp_path: Path
) -> None:
    """Its values are there only once the network runs: maps without weights, not noise."""
    made = Rewritten(converted["float"])
    (dense,) = (op for op in made.graph.operators if made.named(op) == CODES.FULLY_CONNECTED)
    place = dense.inputs[1]
    weight = made.graph.tensors[place]
    stored = made.tensor(weight, b"stored", weight.shape, made.values(weight))
    weight.buffer = 0
    made.operator(made.code(CODES.ABS), [stored], [place])
    path = made.save(tmp_path)
    assert LiteNetwork(path).dense is None
    assert examine_network(path).maps == "maps"


def test_what_a_step_applies_is_that_of_the_file(
    converted: dict[str, bytes], tmp_path: Path
) -> None:
    made = Rewritten(converted["float"])
    (source,) = made.graph.inputs
    first = made.graph.operators[0]
    assert made.named(first) == CODES.CONV_2D
    image = made.graph.tensors[source]
    mean = made.tensor(image, b"mean", [3], np.array(MEAN, np.float32))
    less = made.tensor(image, b"less", image.shape)
    first.inputs = [less, *first.inputs[1:]]
    made.operator(made.code(CODES.SUB), [source, mean], [less])
    made.halve(mean, made.code(CODES.DEQUANTIZE, 3))
    facts = examine_network(made.save(tmp_path))
    assert [layer.kind for layer in facts.layers] == ["SUB"]
    assert facts.layers[0].constants == {"by": MEAN}
    assert_allclose(facts.affine.offset, np.negative(MEAN))
