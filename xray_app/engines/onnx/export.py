"""Export a model for serving, and check that it answers as Keras does.

The graph has these outputs, each computed only when asked for: ``logits``; ``activations`` of the
last convolutional layer, (N, h, w, C); ``head_kernel``, (C, K); ``gate_statistics``, (N, D), of
the gate's layers, if the card names them; ``trace/NAME`` for each layer in front of the first
convolution, (N, 3, H, W): channels last, they would cost a twentieth of the whole pass.
"""

from pathlib import Path
from typing import Any

import numpy as np

from xray_app.cards import ModelCard
from xray_app.core import EngineError, FloatArray, sha256_of, softmax
from xray_app.engines.keras.engine import TensorFlowEngine
from xray_app.engines.onnx.engine import LAYOUT, OnnxEngine
from xray_app.engines.onnx.graph import GraphWriter, channel_statistics, channels_last, save_graph
from xray_app.engines.onnx.layers import write_layers

TOLERANCE = 1e-3


def export_graph(card: ModelCard, weights: Path, batch: FloatArray) -> tuple[Path, float]:
    """Write the graph beside the weights and compare it with Keras on ``batch``.

    Args:
        card: the model's card.
        weights: its weights, checked; the graph refers into this file.
        batch: (N, H, W, 3) float32 model inputs to compare on.

    Returns:
        The path of the graph and the largest difference of a probability.

    Raises:
        EngineError: the head is not average pooling and one dense layer, a layer is of a kind that
            can't be exported, or the answers differ by more than ``TOLERANCE``.
    """
    reference = TensorFlowEngine.load(card, weights)
    temporary = weights.with_name(".graph.onnx")
    try:
        _write(reference, weights, temporary)
        difference = _compare(reference, OnnxEngine(card, temporary), batch)
        if difference > TOLERANCE:
            raise EngineError(
                f"The exported graph is wrong: expected probabilities within {TOLERANCE} of those "
                f"of Keras, received a difference of {difference:.2g}."
            )
        # A name of its own for each content: until the card names this graph, the one before stays.
        path = weights.with_name(f"graph-{sha256_of(temporary)[:8]}.onnx")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path, difference


def _write(reference: TensorFlowEngine, weights: Path, path: Path) -> None:
    model, card = reference.model, reference.card
    last, head = reference.layers[0], _head_of(model, reference.layers[0])
    before = reference.preprocessing
    graph = GraphWriter(model, weights)
    tensors = write_layers(graph, model, "image")
    graph.node("Identity", tensors[head.name], name="logits")
    channels_last(graph, tensors[last], "activations")
    graph.node("Identity", graph.weight(head.kernel), name="head_kernel")
    outputs = {"logits": 2, "activations": 4, "head_kernel": 2}
    if card.gate is not None:
        parts = [channel_statistics(graph, tensors[layer]) for layer in card.gate.layers]
        outputs[graph.node("Concat", *parts, name="gate_statistics", axis=1)] = 2
    for name in before:
        outputs[graph.node("Identity", tensors[name], name=f"trace/{name}")] = 4
    probe = np.zeros((1, card.input.height, card.input.width, 3), np.float32)
    trace = [
        {"name": t.name, "kind": t.kind, "constants": {k: list(v) for k, v in t.constants.items()}}
        for t in reference.trace(probe)
    ]
    facts = {"layout": LAYOUT, "layers": list(reference.layers), "trace": trace}
    save_graph(graph, path, (card.input.height, card.input.width), outputs, facts)


def _head_of(model: Any, last: str) -> Any:
    """The dense head; Grad-CAM's gradient is its kernel over the area only behind mean pooling."""
    names = [layer.name for layer in model.layers]
    behind = [
        layer
        for layer in model.layers[names.index(last) + 1 :]
        if type(layer).__name__ != "Dropout"
    ]
    kinds = [type(layer).__name__ for layer in behind]
    if kinds != ["GlobalAveragePooling2D", "Dense"]:
        raise EngineError(
            f"Expected global average pooling and one dense layer behind {last}, received "
            f"{', '.join(kinds) or 'nothing'}."
        )
    return behind[-1]


def _compare(reference: TensorFlowEngine, exported: OnnxEngine, batch: FloatArray) -> float:
    expected, received = reference.forward(batch), exported.forward(batch)
    return float(np.abs(softmax(expected.logits) - softmax(received.logits)).max())
