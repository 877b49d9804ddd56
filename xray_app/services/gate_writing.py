"""Write a gate beside its model's card, and what it says into the documentation."""

import hashlib
import json
import re
from pathlib import Path

from xray_app.core.errors import CardError, UnreadableFile, first_line
from xray_app.core.gate_file import GateFile
from xray_app.engines.catalogue import CARD_FILE
from xray_app.services.gate_document import gate_document

GATE_FILE = "gate.json"


def write_gate(gate: GateFile, folder: Path, document: Path | None = None) -> Path:
    """Write ``gate.json`` into the model's folder, name it in the card there, write the document.

    Returns:
        The gate's file.

    Raises:
        UnreadableFile: something can't be written. CardError: the card has no place for it.
    """
    path, card = folder / GATE_FILE, folder / CARD_FILE
    text = gate.model_dump_json(indent=1) + "\n"
    entry = {
        "file": GATE_FILE,
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "layer": gate.layer,
    }
    try:
        # All texts before any file: a card without a place for the gate leaves all as it was.
        files = {path: text}
        if card.is_file():
            files[card] = _name_in_card(card.read_text(encoding="utf-8"), json.dumps(entry))
        if document is not None:
            files[document] = gate_document(gate)
        for file, content in files.items():
            file.write_text(content, encoding="utf-8")
    except OSError as error:
        raise UnreadableFile(f"Can't write {error.filename}: {first_line(error)}.") from error
    return path


def _name_in_card(text: str, entry: str) -> str:
    """Put the gate's entry into a card's text and leave everything else as it is laid out."""
    replaced, count = re.subn(r'"gate":\s*(?:\{[^{}]*\}|null)', lambda _: f'"gate": {entry}', text)
    if count == 0:
        replaced, count = re.subn(
            r'(\s*)"training_data":', lambda m: f'{m[1]}"gate": {entry},{m[0]}', text
        )
    if count != 1:
        raise CardError("Model card: expected one place for field gate, before training_data.")
    return replaced
