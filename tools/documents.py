"""Write the documents that are made from the bundled model's records alone.

    python -m tools.documents

docs/gate.md comes from the gate's file, docs/faithfulness.md from the record of the heatmaps. A
test compares them.
"""

from collections.abc import Mapping
from pathlib import Path

from tools.faithfulness_document import faithfulness_document
from tools.gate_document import gate_document
from xray_app.cards import FAITHFULNESS_FILE, read_faithfulness
from xray_app.core import write_text
from xray_app.engines import default_model, find_card, verified_gate

COMMAND = "python -m tools.documents"
ROOT = Path(__file__).parents[1]


def documents() -> Mapping[str, str]:
    """Each document's name in ``docs/`` and its Markdown.

    Raises:
        CardError: a record of the bundled model is missing or wrong.
    """
    card = find_card(default_model())
    gate = verified_gate(card)
    record = read_faithfulness(card.folder / FAITHFULNESS_FILE)
    assert gate is not None and record is not None  # both ship with the bundled model
    return {
        "gate.md": gate_document(gate, COMMAND),
        "faithfulness.md": faithfulness_document(record, COMMAND),
    }


def main() -> None:
    """Write them."""
    for name, text in documents().items():
        write_text(ROOT / "docs" / name, text)


if __name__ == "__main__":
    main()
