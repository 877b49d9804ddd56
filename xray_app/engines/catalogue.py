"""The models that are there: cards and weights in ``models/``, checked before they are loaded.

A model is a folder with two files, ``card.json`` and the weights that it names. Dropping such a
folder in is all it takes to add one.
"""

import hashlib
import os
from pathlib import Path

from xray_app.core.card import ModelCard, read_card
from xray_app.core.errors import CardError, ModelError, UnknownChoice, WeightsError
from xray_app.engines.protocol import Engine

CARD_FILE = "card.json"


def models_directory() -> Path:
    """The folder of models: ``XRAY_APP_MODELS`` if set, else ``models/`` beside the package."""
    configured = os.environ.get("XRAY_APP_MODELS")
    return Path(configured) if configured else Path(__file__).parents[2] / "models"


def list_models(directory: Path | None = None) -> tuple[str, ...]:
    """Names of all models that have a card, in alphabetical order.

    Raises:
        ModelError: there is none.
    """
    root = directory or models_directory()
    names = tuple(sorted(card.parent.name for card in root.glob(f"*/{CARD_FILE}")))
    if not names:
        raise ModelError(
            f"Expected at least one model (a folder with {CARD_FILE} and its weights) in "
            f"{root.name}/, found none."
        )
    return names


def find_card(name: str, directory: Path | None = None) -> ModelCard:
    """Read the card of the model ``name``.

    Raises:
        UnknownChoice: there is no such model.
        CardError: the card is wrong, or belongs to a folder of another name.
    """
    root = directory or models_directory()
    names = list_models(root)
    if name not in names:
        raise UnknownChoice.of("model", name, names)
    card = read_card(root / name / CARD_FILE)
    if card.name != name:
        raise CardError(
            f"Model card {name}/{CARD_FILE} is wrong in field name: expected {name!r}, the name "
            f"of its folder, received {card.name!r}."
        )
    return card


def verified_weights(card: ModelCard, directory: Path | None = None) -> Path:
    """Return the path of the card's weights after comparing their SHA-256.

    Raises:
        WeightsError: the file is missing or is not the one that the card describes.
    """
    path = (directory or models_directory()) / card.name / card.weights.file
    if not path.is_file():
        raise WeightsError(
            f"Model card {card.name}, field weights.file: expected {card.weights.file} beside the "
            "card, found no such file."
        )
    with path.open("rb") as file:
        received = hashlib.file_digest(file, "sha256").hexdigest()
    if received != card.weights.sha256:
        raise WeightsError(
            f"Model card {card.name}, field weights.sha256: expected {card.weights.sha256}, but "
            f"{path.name} has {received}; restore the file, or correct the card if the change "
            "was meant."
        )
    return path


def open_engine(name: str, directory: Path | None = None, *, isolated: bool = False) -> Engine:
    """Load the model ``name`` after checking its card and its weights.

    Args:
        name: one of ``list_models``.
        directory: where the models are, if not in ``models_directory()``.
        isolated: in a process of its own, which starts loading and returns at once.

    Raises:
        UnknownChoice, CardError, WeightsError: as the parts above.
    """
    card = find_card(name, directory)
    weights = verified_weights(card, directory)
    if isolated:
        from xray_app.engines.worker import WorkerEngine

        return WorkerEngine(card, weights)
    from xray_app.engines.tensorflow_engine import TensorFlowEngine

    return TensorFlowEngine.load(card, weights)
