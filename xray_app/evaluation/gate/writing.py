"""Write a gate beside its model's card."""

import hashlib
from pathlib import Path

from xray_app.cards import GateFile, update_card
from xray_app.core import write_text
from xray_app.engines import CARD_FILE


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
