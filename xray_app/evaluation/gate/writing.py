"""Write a gate beside its model's card, and what it says into the documentation."""

import hashlib
from pathlib import Path

from xray_app.cards import GateFile, update_card
from xray_app.core import write_text
from xray_app.engines import CARD_FILE
from xray_app.evaluation.gate.document import gate_document


def write_gate(gate: GateFile, folder: Path, document: Path | None = None) -> Path:
    """Write the gate into the model's folder, name it in the card there, write the document.

    The file has a name of its own for each content, so that the gate before stays until the card
    names this one.

    Returns:
        The gate's file.

    Raises:
        InputError: something can't be written. CardError: the card is wrong.
    """
    text = gate.model_dump_json(indent=1) + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    page = gate_document(gate) if document is not None else ""
    path, card = folder / f"gate-{digest[:8]}.json", folder / CARD_FILE
    if card.is_file():
        entry = {"file": path.name, "sha256": digest, "layer": gate.layer}
        update_card(card, {"gate": entry}, {path.name: text})
    else:
        write_text(path, text)
    if document is not None:
        write_text(document, page)
    return path
