"""Export a model for serving and note it in the model's card."""

from pathlib import Path

import numpy as np

from xray_app.cards import (
    ModelCard,
    Weights,
    model_inputs,
    to_model_size,
    trained_scheme,
    update_card,
)
from xray_app.core import FloatArray, sha256_of
from xray_app.core.normalization import parse_scheme
from xray_app.engines import CARD_FILE, call_in_child, find_card, verified_weights
from xray_app.engines.onnx import export_graph
from xray_app.readers import read_radiograph
from xray_app.samples import list_samples, read_sample


def export_model(name: str, directory: Path | None = None) -> tuple[Path, float]:
    """Write the model's graph beside its weights, compare it with Keras, and complete the card.

    The two are compared on the samples as trained and divided by 255.

    Returns:
        The path of the graph and the largest difference of a probability.

    Raises:
        UnknownChoice, CardError, WeightsError: as ``open_engine``.
        EngineError: the model can't be exported, or the graph answers otherwise than Keras.
        InputError: the card can't be written.
    """
    card = find_card(name, directory)
    weights, batch = verified_weights(card), _comparison_batch(card)
    graph, difference = call_in_child(
        export_graph, card, weights, batch, returns=tuple[Path, float]
    )
    serving = Weights(file=graph.name, sha256=sha256_of(graph))
    update_card(card.folder / CARD_FILE, {"serving": serving.model_dump()})
    return graph, difference


def _comparison_batch(card: ModelCard) -> FloatArray:
    """The samples under the card's scheme, then divided by 255: (N, H, W, 3) float32."""
    samples = [to_model_size(card, read_radiograph(read_sample(name))) for name in list_samples()]
    return np.concatenate(
        [
            model_inputs(card, samples, scheme)
            for scheme in (trained_scheme(card), parse_scheme("rescale"))
        ]
    )
