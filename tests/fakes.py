"""An engine small enough to work out by hand, and a card to go with it."""

from typing import Any

import numpy as np

from xray_app.cards.card import ModelCard, parse_card
from xray_app.core.errors import UnknownChoice
from xray_app.core.records import FloatArray
from xray_app.engines.protocol import Forward, LayerGradients, LayerOutput
from xray_app.gate.rule import channel_statistics

SIZE = 32
CELLS = 4
STRETCHED = {"fit": "stretch", "kernel": "bilinear", "antialias": True}
MEAN, VARIANCE = 0.5, 0.0625
# One row a channel, one column a class: dark speaks for normal, bright for bacterial.
HEAD = np.array([[2.0, -1.0, 0.0], [-1.0, 2.0, 0.5]], np.float32)


def card_content(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "name": "fake",
        "title": "A fake",
        "architecture": "EfficientNetB0",
        "dropout": 0.0,
        "classes": [
            {"name": "normal", "label": "Normal"},
            {"name": "bacterial_pneumonia", "label": "Bacterial pneumonia"},
            {"name": "viral_pneumonia", "label": "Viral pneumonia"},
        ],
        "input": {"height": SIZE, "width": SIZE, **STRETCHED},
        "contract": {
            "scheme": "raw",
            "range": [0, 255],
            "layers": ["Rescaling", "Normalization"],
            "mean": [MEAN],
            "variance": [VARIANCE],
        },
        "weights": {"file": "fake.weights.h5", "sha256": "0" * 64},
        "training_data": {
            "name": "none",
            "source": "none",
            "licence": "none",
            "population": "nobody",
            "images": 1,
            "recipe": "none",
        },
        "metrics": [],
        "limitations": [],
        "versions": {},
    }
    return content | changes


def fake_card(**changes: Any) -> ModelCard:
    return parse_card(card_content(**changes), "fake")


class FakeEngine:
    """Divides by 255, standardises, averages over 4 x 4 cells, splits dark from bright, adds up."""

    layers = ("cells",)

    def __init__(self, card: ModelCard | None = None) -> None:
        self.card = card or fake_card()
        self.calls = 0
        self.head = HEAD
        self.closed = False

    def forward(self, batch: FloatArray) -> Forward:
        self.calls += 1
        first = self.trace(batch)[-1].output
        activations = self._activations(first)
        logits = activations.mean(axis=(1, 2)) @ self.head
        read_by_gate = channel_statistics(activations) if self.card.gate is not None else None
        return Forward(logits, activations, first, read_by_gate)

    def gradients(self, batch: FloatArray, layer: str, targets: tuple[int, ...]) -> LayerGradients:
        if layer not in self.layers:
            raise UnknownChoice.of("layer", layer, self.layers)
        activations = self.forward(batch).activations
        return LayerGradients(activations, self.head_gradients(activations, targets))

    def head_gradients(self, activations: FloatArray, targets: tuple[int, ...]) -> FloatArray:
        columns = self.head[:, list(targets)].T[:, np.newaxis, np.newaxis, :]
        return np.broadcast_to(columns / CELLS**2, activations.shape).astype(np.float32)

    def input_gradients(self, batch: FloatArray, targets: tuple[int, ...]) -> FloatArray:
        """A dark cell's pixels move the head's first row, a bright one's the second."""
        activations = self.forward(batch).activations
        signed = self.head[:, list(targets)].T[:, np.newaxis, np.newaxis, :] * np.array([-1.0, 1.0])
        slopes = np.where(activations > 0, signed, 0.0).sum(axis=-1)
        step = SIZE // CELLS
        pixels = np.repeat(np.repeat(slopes, step, axis=1), step, axis=2)[..., np.newaxis]
        scale = 1.0 / (255.0 * VARIANCE**0.5 * SIZE * SIZE * 3)
        return np.broadcast_to(pixels * scale, batch.shape).astype(np.float32)

    def trace(self, batch: FloatArray) -> tuple[LayerOutput, ...]:
        unit = (batch / 255.0).astype(np.float32)
        standard = ((unit - MEAN) / VARIANCE**0.5).astype(np.float32)
        return (
            LayerOutput("rescaling", "Rescaling", {"scale": (1 / 255,), "offset": (0.0,)}, unit),
            LayerOutput(
                "normalization",
                "Normalization",
                {"mean": (MEAN,), "variance": (VARIANCE,)},
                standard,
            ),
        )

    @property
    def stages(self) -> tuple[str, ...]:
        return ("head",)

    def randomize(self, stage: str, seed: int) -> None:
        """Exchange what dark and bright speak for."""
        self.head = self.head[::-1]

    def close(self) -> None:
        self.closed = True

    def _activations(self, first: FloatArray) -> FloatArray:
        step = SIZE // CELLS
        cells = first.reshape(len(first), CELLS, step, CELLS, step, 3).mean(axis=(2, 4, 5))
        return np.stack([np.maximum(-cells, 0), np.maximum(cells, 0)], axis=-1).astype(np.float32)
