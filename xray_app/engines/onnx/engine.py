"""The serving engine: ONNX Runtime, with TensorFlow only for what it alone can do.

The head is average pooling and one dense layer, so the gradient of a logit with respect to the last
activations is the head's kernel over the area, everywhere: class activation maps there follow from
one forward pass. Finer layers and pixels need real gradients; the reference engine gives them, and
is started when they are first asked for.
"""

import json
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from xray_app.cards import ModelCard
from xray_app.core import EngineError, FloatArray, UnknownChoice, first_line
from xray_app.engines.onnx.providers import providers
from xray_app.engines.protocol import CLOSED, Engine, Forward, LayerGradients, LayerOutput

# More calls at once give no more throughput where each has all cores, only more memory.
_AT_ONCE = 2
# The activations of more images than this do not fit a core's cache: 64 together take half as long
# again for each image (python -m benchmarks.speed).
_TOGETHER = 4
# Of the graph's outputs: goes up when one of them changes its meaning.
LAYOUT = 2


class OnnxEngine:
    """An ``Engine`` over an exported graph."""

    def __init__(
        self,
        card: ModelCard,
        graph: Path,
        reference: Callable[[], Engine] | None = None,
        *,
        one_core: bool = False,
    ) -> None:
        """Load the graph.

        Args:
            card: the model's card.
            graph: written by ``onnx_export``; its weights lie in a file beside it.
            reference: starts the engine that differentiates finer layers.
            one_core: whether a pass keeps to its caller's thread, so that as many run at a time as
                there are callers; else each has all cores.

        Raises:
            EngineError: the graph can't be loaded.
        """
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = 1 if one_core else 0  # 0: as many as there are cores
        # Threads spin for work within a pass, which makes it a quarter faster, but not after it:
        # then they would burn what other visitors' work needs.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        try:
            self._session = ort.InferenceSession(graph, options, providers=providers())
            facts = json.loads(self._session.get_modelmeta().custom_metadata_map["xray_app"])
            (self._kernel,) = self._session.run(["head_kernel"], self._blank(card))
        except Exception as error:  # ONNX Runtime raises its own untyped errors
            raise EngineError(
                f"Graph {graph.name} of model {card.name} can't be loaded: {first_line(error)}"
            ) from error
        if facts.get("layout") != LAYOUT:
            raise EngineError(
                f"Graph {graph.name} of model {card.name} was exported by another version; export "
                f"it again: python -m xray_app export --model {card.name}"
            )
        self._card = card
        self._layers: tuple[str, ...] = tuple(facts["layers"])
        self._trace: list[dict[str, Any]] = facts["trace"]
        self._turns: AbstractContextManager[Any] = (
            nullcontext() if one_core else threading.BoundedSemaphore(_AT_ONCE)
        )
        self._start_reference = reference
        self._reference: Engine | None = None
        self._is_closed = False
        self._reference_lock = threading.Lock()

    @property
    def card(self) -> ModelCard:
        """The card of the model."""
        return self._card

    @property
    def layers(self) -> tuple[str, ...]:
        """Layers that can be explained: the last of each resolution, the coarsest first."""
        return self._layers

    def forward(self, batch: FloatArray) -> Forward:
        """Run the model on (N, H, W, 3) float32."""
        asked = self._asked()
        found = dict(zip(asked, self.run_graph(batch), strict=True))
        first = np.moveaxis(found["first"], 1, -1) if "first" in found else batch
        return Forward(found["logits"], found["activations"], first, found.get("gate"))

    def run_graph(self, batch: FloatArray) -> list[FloatArray]:
        """The bare pass: what ``forward`` asks of the graph, as it comes out of it."""
        return self._run(list(self._asked().values()), batch)

    def head_gradients(self, activations: FloatArray, targets: tuple[int, ...]) -> FloatArray:
        """Differentiate the logits ``targets`` with respect to ``layers[0]``, as the protocol."""
        _, height, width, _ = activations.shape
        columns = self._kernel[:, list(targets)].T[:, np.newaxis, np.newaxis, :]
        return np.broadcast_to(columns / np.float32(height * width), activations.shape)

    def gradients(self, batch: FloatArray, layer: str, targets: tuple[int, ...]) -> LayerGradients:
        """Differentiate, for each image n, the logit ``targets[n]`` with respect to ``layer``.

        Raises:
            UnknownChoice: the layer is not one of ``layers``.
            EngineError: it is a finer layer and there is no reference engine.
        """
        if layer not in self._layers:
            raise UnknownChoice.of("layer", layer, self._layers)
        if layer == self._layers[0]:
            activations = self.forward(batch).activations
            return LayerGradients(activations, self.head_gradients(activations, targets))
        return self._reference_engine().gradients(batch, layer, targets)

    def input_gradients(self, batch: FloatArray, targets: tuple[int, ...]) -> FloatArray:
        """Differentiate the logits ``targets`` with respect to the pixels, as the protocol.

        Raises:
            EngineError: there is no reference engine.
        """
        return self._reference_engine().input_gradients(batch, targets)

    def trace(self, batch: FloatArray) -> tuple[LayerOutput, ...]:
        """Return what each layer in front of the first convolution gives, in order."""
        outputs = self._run(self._trace_names(), batch) if self._trace else []
        return tuple(
            LayerOutput(
                layer["name"],
                layer["kind"],
                {name: tuple(values) for name, values in layer["constants"].items()},
                np.moveaxis(output, 1, -1),
            )
            for layer, output in zip(self._trace, outputs, strict=True)
        )

    def close(self) -> None:
        """End the reference engine, if it was started; none is started afterwards."""
        with self._reference_lock:
            self._is_closed = True
            if self._reference is not None:
                self._reference.close()
                self._reference = None

    def _asked(self) -> dict[str, str]:
        """Outputs of the graph by what they are for."""
        asked = {"logits": "logits", "activations": "activations"}
        if self._trace:
            asked["first"] = self._trace_names()[-1]
        if self._card.gate is not None:
            asked["gate"] = "gate_statistics"
        return asked

    def _trace_names(self) -> list[str]:
        return [f"trace/{layer['name']}" for layer in self._trace]

    def _run(self, outputs: list[str], batch: FloatArray) -> list[FloatArray]:
        parts = [batch[i : i + _TOGETHER] for i in range(0, max(1, len(batch)), _TOGETHER)]
        with self._turns:
            try:
                found = [self._session.run(outputs, {"image": part}) for part in parts]
            except Exception as error:  # ONNX Runtime raises its own untyped errors
                raise EngineError(f"The model failed: {first_line(error)}") from error
        if len(found) == 1:
            return list(found[0])
        return [np.concatenate(column) for column in zip(*found, strict=True)]

    def _reference_engine(self) -> Engine:
        with self._reference_lock:
            if self._is_closed:
                raise EngineError(CLOSED)
            if self._reference is None:
                if self._start_reference is None:
                    raise EngineError(
                        "This explanation needs TensorFlow, which is not there; choose Grad-CAM at "
                        "the last layer."
                    )
                self._reference = self._start_reference()
            return self._reference

    @staticmethod
    def _blank(card: ModelCard) -> dict[str, FloatArray]:
        return {"image": np.zeros((1, card.input.height, card.input.width, 3), np.float32)}
