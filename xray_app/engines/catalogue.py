"""The models that are there: cards and weights in ``models/``, checked before they are loaded.

A model is a folder with two files, ``card.json`` and the weights that it names. Dropping such a
folder in is all it takes to add one.
"""

from pathlib import Path

from xray_app.cards import GateFile, ModelCard, Weights, read_card, read_gate
from xray_app.core import (
    CardError,
    ModelError,
    UnknownChoice,
    WeightsError,
    models_directory,
    sha256_of,
)
from xray_app.engines.protocol import Engine

CARD_FILE = "card.json"


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


def default_model(directory: Path | None = None) -> str:
    """The model that is used where nobody named one: the first in alphabetical order.

    Raises:
        ModelError: there is none.
    """
    return list_models(directory)[0]


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


def models_of_others(card: ModelCard, directory: Path | None = None) -> tuple[ModelCard, ...]:
    """Installed models with a gate that know other people than ``card``'s; one for each people.

    Of several that were trained on the same people the first is given. Those of the model's own
    people are left out: that such an image is of another population is what its gate found.
    """
    found: dict[str, ModelCard] = {}
    for name in list_models(directory):
        other = find_card(name, directory)
        people = other.training_data.population
        if other.gate is not None and people != card.training_data.population:
            found.setdefault(people, other)
    return tuple(found.values())


def verified_weights(card: ModelCard) -> Path:
    """Return the path of the card's weights after comparing their SHA-256.

    Raises:
        WeightsError: the file is missing or is not the one that the card describes.
    """
    return _verified(card, "weights", card.weights)


def verified_gate(card: ModelCard) -> GateFile | None:
    """Return the card's gate after comparing its file's SHA-256; None if the card has no gate.

    Raises:
        WeightsError: the file is missing or is not the one that the card describes.
        CardError: a field of it is wrong, or it was fitted on other layers than the card says.
    """
    if card.gate is None:
        return None
    gate = read_gate(_verified(card, "gate", card.gate))
    if gate.layers != card.gate.layers:
        raise CardError(
            f"Model card {card.name}, field gate.layers: expected {', '.join(gate.layers)}, which "
            f"{card.gate.file} was fitted on, received {', '.join(card.gate.layers)}."
        )
    return gate


def _verified(card: ModelCard, field: str, described: Weights) -> Path:
    path = card.folder / described.file
    if not path.is_file():
        raise WeightsError(
            f"Model card {card.name}, field {field}.file: expected {described.file} beside the "
            "card, found no such file."
        )
    received = sha256_of(path)
    if received != described.sha256:
        raise WeightsError(
            f"Model card {card.name}, field {field}.sha256: expected {described.sha256}, but "
            f"{path.name} has {received}; the card and the file are of different versions. Restore "
            "the file, or correct the card if the change was meant."
        )
    return path


def open_engine(
    name: str, directory: Path | None = None, *, reference: bool = False, one_core: bool = False
) -> Engine:
    """Load the model ``name`` after checking its card and its files.

    A model that was exported for serving runs on ONNX Runtime, and TensorFlow starts only for what
    it alone can do. Others, and all with ``reference``, run on TensorFlow, in a process of its own
    that starts loading and returns at once. With ``one_core``, ONNX Runtime keeps a pass to its
    caller's thread: slower for one image, faster for many by as many threads as there are cores.

    Raises:
        UnknownChoice, CardError, WeightsError: as the parts above.
        EngineError: the exported graph can't be loaded.
    """
    from xray_app.engines.keras.worker import WorkerEngine

    card = find_card(name, directory)
    weights = verified_weights(card)
    if card.serving is None or reference:
        return WorkerEngine(card, weights)
    graph = _verified(card, "serving", card.serving)
    from xray_app.engines.onnx.engine import OnnxEngine

    return OnnxEngine(card, graph, lambda: WorkerEngine(card, weights), one_core=one_core)
