"""Telling an architecture by the shapes of its convolutions, whatever the model is called."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from xray_app.engines.keras.preprocessing import all_layers

MEASURED = Path(__file__).with_name("keras_families.json")


def fingerprint(model: Any) -> str:
    """Sixteen hexadecimal digits of the shapes of all convolutions; input size does not matter.

    Whether they have a bias is part of it: ResNet50 and ResNet50V2 differ in nothing else.
    """
    shapes = sorted(
        (*map(int, layer.kernel.shape), int(layer.use_bias))
        for _, layer in all_layers(model)
        if type(layer).__name__ in {"Conv2D", "DepthwiseConv2D"}
    )
    return hashlib.sha256(json.dumps(shapes).encode()).hexdigest()[:16]


def recognise(model: Any) -> str | None:
    """The name of the architecture in Keras Applications, or None if it is none of those here."""
    return _known().get(fingerprint(model))


@cache
def _known() -> dict[str, str]:
    measured = json.loads(MEASURED.read_text(encoding="utf-8"))
    return {digest: name for name, digest in measured["fingerprints"].items()}
