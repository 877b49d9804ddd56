"""What a gate's file holds, and writing it beside its model's card."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from xray_app.cards import Bound, GateFile, Numbers, Source, update_card
from xray_app.core import GateRule, write_text
from xray_app.engines import CARD_FILE
from xray_app.evaluation.gate.image_sets import Group


def write_gate(gate: GateFile, folder: Path) -> Path:
    """Write the gate into the model's folder, and name it in the card there.

    The file has a name of its own for each content, so that the gate before stays until the card
    names this one.

    Returns:
        The gate's file.

    Raises:
        InputError: something can't be written. CardError: the card is wrong.
    """
    text = gate.model_dump_json(indent=1) + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    path, card = folder / f"gate-{digest[:8]}.json", folder / CARD_FILE
    if card.is_file():
        entry = {"file": path.name, "sha256": digest, "layers": gate.layers}
        update_card(card, {"gate": entry}, {path.name: text})
    else:
        write_text(path, text)
    return path


def encoded(rule: GateRule) -> dict[str, object]:
    """The rule's numbers as the fields of the file."""
    return {
        "layers": rule.layers,
        "mean": Numbers.of(rule.mean),
        "deviation": Numbers.of(rule.deviation),
        "weights": Numbers.of(rule.weights),
        "bias": Numbers.of(rule.bias),
        "components": Numbers.of(rule.components, "float16"),
        "variances": Numbers.of(rule.variances),
        "reach": Numbers.of(rule.reach),
        "remainder": rule.remainder,
        "log_odds": Bound(limit=rule.log_odds.limit, spread=rule.log_odds.spread),
        "distance": Bound(limit=rule.distance.limit, spread=rule.distance.spread),
    }


def sources_of(groups: Mapping[str, Group], purpose: str) -> list[Source]:
    """How many images and units each group has; ``purpose`` is what they were used for."""
    return [
        Source.model_validate(
            {
                "name": name,
                "purpose": purpose,
                "images": len(group.units),
                "units": len(set(group.units)),
                "unit": "sources" if group.kind == "no_chest" else "patients",
            }
        )
        for name, group in groups.items()
    ]
