"""Write the documents that are made from docstrings, the models' records and the studies.

    python -m tools.documents

docs/api.md comes from the docstrings of what ``import xray_app as xa`` offers.
docs/evaluation.md, docs/faithfulness.md and docs/register.md come from the records beside the
weights and from those of the first weights, docs/gate.md from the gate's file, docs/weights.md from
the card and the runs of the fine-tuning, docs/anatomy.md from the lungs' record and the models',
docs/models.md from all cards. In documents that a person wrote, a study's answer is put in anew.
A test compares them.
"""

from collections.abc import Mapping
from pathlib import Path

from tools.anatomy_document import anatomy_document
from tools.api_document import api_document
from tools.evaluation_document import evaluation_document
from tools.faithfulness_document import faithfulness_document
from tools.gate_document import gate_document
from tools.models_document import models_document
from tools.register_document import register_document
from tools.study_documents import study_documents
from tools.weights_document import weights_document
from xray_app.cards import (
    ARTEFACTS_FILE,
    EVALUATION_FILE,
    FAITHFULNESS_FILE,
    AnatomyRecord,
    GateFile,
    ModelCard,
    ModelEvaluation,
    anatomy_of,
    read_artefacts,
    read_evaluation,
    read_faithfulness,
    read_lungs,
)
from xray_app.core import models_directory, write_text
from xray_app.engines import default_model, find_card, list_models, verified_gate

COMMAND = "python -m tools.documents"
TOOLS = Path(__file__).parent
ROOT = TOOLS.parent


def documents() -> Mapping[str, str]:
    """Each document's name in ``docs/`` and its Markdown.

    Raises:
        CardError: a record of the bundled model is missing or wrong.
    """
    card = find_card(default_model())
    gate = verified_gate(card)
    record = read_faithfulness(card.folder / FAITHFULNESS_FILE)
    evaluation = read_evaluation(card.folder / EVALUATION_FILE)
    artefacts = read_artefacts(card.folder / ARTEFACTS_FILE)
    lungs = read_lungs(models_directory() / "lungs")
    first = read_evaluation(TOOLS / "first_evaluation.json")
    first_artefacts = read_artefacts(TOOLS / "first_artefacts.json")
    assert (
        gate and record and evaluation and artefacts and lungs
    )  # they ship with the bundled model
    assert first and first_artefacts
    return {
        "evaluation.md": evaluation_document(first, evaluation, card),
        "register.md": register_document(first_artefacts, artefacts, COMMAND),
        "api.md": api_document(COMMAND),
        "weights.md": weights_document(card, COMMAND),
        "gate.md": gate_document(gate, COMMAND),
        "faithfulness.md": faithfulness_document(record, COMMAND),
        "anatomy.md": anatomy_document(lungs, _anatomies(), COMMAND),
        "models.md": models_document(_models(), COMMAND),
        **study_documents(ROOT / "docs"),
    }


def _anatomies() -> list[tuple[ModelCard, AnatomyRecord]]:
    cards = [find_card(name) for name in list_models()]
    return [(card, found) for card in cards if (found := anatomy_of(card)) is not None]


def _models() -> list[tuple[ModelCard, ModelEvaluation | None, GateFile | None]]:
    cards = [find_card(name) for name in list_models()]
    return [(c, read_evaluation(c.folder / EVALUATION_FILE), verified_gate(c)) for c in cards]


def main() -> None:
    """Write them."""
    for name, text in documents().items():
        write_text(ROOT / "docs" / name, text)


if __name__ == "__main__":
    main()
