"""Export a model for serving and note it in the model's card."""

from pathlib import Path

import numpy as np

from xray_app.cards import Weights, update_card
from xray_app.core import FloatArray, models_directory, sha256_of
from xray_app.core.images import resize
from xray_app.core.normalization import normalize, parse_scheme
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
    root = directory or models_directory()
    card = find_card(name, root)
    weights = verified_weights(card, root).resolve()
    batch = _comparison_batch(card.contract.scheme, card.input.height, card.input.width)
    graph, difference = call_in_child(export_graph, card, weights, batch)
    serving = Weights(file=graph.name, sha256=sha256_of(graph))
    update_card(root / name / CARD_FILE, {"serving": serving.model_dump()})
    return graph, difference


def _comparison_batch(trained: str, height: int, width: int) -> FloatArray:
    displays = [read_radiograph(read_sample(name)).display for name in list_samples()]
    return np.stack(
        [
            normalize(resize(display, height, width), parse_scheme(scheme)).array
            for scheme in (trained if trained != "dataset" else "raw", "rescale")
            for display in displays
        ]
    )
