"""A model card with everything filled in that can be measured.

What only a person knows is marked "fill in". Such a card is not accepted yet: reading it names each
field that is still open where a number or a name from a list is needed.
"""

import re
from pathlib import PurePath
from typing import Any

from xray_app.cards import ModelCard
from xray_app.core.images import FITS, KERNELS
from xray_app.engines import ModelFacts
from xray_app.engines.keras import ARCHITECTURES
from xray_app.inspection.expectation import Expectation, input_range

FILL_IN = "fill in"


def card_skeleton(
    facts: ModelFacts, expectation: Expectation, card: ModelCard | None = None
) -> dict[str, Any]:
    """Return a card in the shape of ``core.card.ModelCard``, as plain values for JSON.

    What ``card`` says of the model is kept, but what was measured takes its place.
    """
    measured = _from_measurement(facts, expectation)
    if card is None:
        return measured
    kept = card.model_dump(mode="json")
    taken = ("contract", "weights") if expectation.measured else ("weights",)
    return kept | {field: measured[field] for field in taken}


def _from_measurement(facts: ModelFacts, expectation: Expectation) -> dict[str, Any]:
    stem = PurePath(facts.file).name.split(".")[0].lower()
    name = re.sub(r"[^a-z0-9_\-]+", "_", stem).strip("_-") or "model"
    height, width, _ = facts.input_shape
    return {
        "name": name,
        "title": f"{FILL_IN}: a few words that people read",
        "architecture": facts.architecture or f"{FILL_IN}: one of {', '.join(ARCHITECTURES)}",
        "dropout": facts.dropout,
        "classes": [
            {"name": f"class_{n}", "label": f"{FILL_IN}: what output {n} means, and its name"}
            for n in range(max(2, facts.outputs or 2))
        ],
        "input": {
            "height": height or f"{FILL_IN}: pixels",
            "width": width or f"{FILL_IN}: pixels",
            "fit": f"{FILL_IN}: how training fitted images: {', '.join(FITS)}",
            "kernel": f"{FILL_IN}: {', '.join(KERNELS)}",
            "antialias": f"{FILL_IN}: true or false",
        },
        "contract": contract_of(facts, expectation),
        "weights": {"file": PurePath(facts.file).name, "sha256": facts.sha256},
        "training_data": {
            "name": FILL_IN,
            "source": FILL_IN,
            "licence": FILL_IN,
            "population": f"{FILL_IN}: whose radiographs, of what age, from where",
            "images": f"{FILL_IN}: how many",
            "recipe": FILL_IN,
        },
        "metrics": [],
        "limitations": [f"{FILL_IN}: what the model must not be used for"],
        "versions": {"keras": facts.keras_version or FILL_IN},
    }


def open_fields(card: Any, path: str = "") -> tuple[str, ...]:
    """Where a person still has to fill in something, such as "training_data.name"."""
    if isinstance(card, str):
        return (path,) if card.startswith(FILL_IN) else ()
    items = (
        card.items()
        if isinstance(card, dict)
        else enumerate(card)
        if isinstance(card, list)
        else ()
    )
    return tuple(
        found
        for key, value in items
        for found in open_fields(value, f"{path}.{key}" if path else str(key))
    )


def contract_of(facts: ModelFacts, expectation: Expectation) -> dict[str, Any]:
    """The card's part that was measured, as plain values for JSON."""
    scheme = expectation.scheme
    contract: dict[str, Any] = {
        "scheme": scheme or f"{FILL_IN}: the scheme that training used",
        "range": list(input_range(scheme)) if scheme else [f"{FILL_IN}: low", f"{FILL_IN}: high"],
        "layers": [layer.kind for layer in facts.layers],
    }
    if scheme and any(layer.kind == "Normalization" for layer in facts.layers):
        contract |= _statistics(facts, input_range(scheme))
    return contract


def _statistics(facts: ModelFacts, ends: tuple[float, float]) -> dict[str, list[float]]:
    """Mean and variance in display units that make the layers a standardisation of [0, 1].

    ``gain (a x + b) + offset = (x - mean) / std`` with ``a x + b`` the scheme, from black ``b``.
    """
    scale, start = ends[1] - ends[0], ends[0]
    pairs = list(zip(facts.affine.gain, facts.affine.offset, strict=True))
    return {
        "mean": [round(-(g * start + o) / (g * scale), 6) for g, o in pairs],
        "variance": [round(1.0 / (g * scale) ** 2, 6) for g, o in pairs],
    }
