"""The model card: what a model is, what it was trained with, and what is known of it.

A card is a JSON file beside the weights. Every field is checked when it is read, and a wrong one
is named. Nothing in it is believed about the pixels: what the layers really apply is measured.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, ValidationError, field_validator

from xray_app.cards.card_parts import (
    Brought,
    Calibration,
    CardRecord,
    ClassLabel,
    Conformal,
    Contract,
    GateEntry,
    InputSize,
    Metric,
    Published,
    Threshold,
    TrainingData,
    Weights,
)
from xray_app.core import CardError, UnknownChoice, models_directory, read_record, wrong_fields


class ModelCard(CardRecord):
    """Everything the app knows about one model.

    ``version`` counts the weights that have been given out under this name. ``serving`` is the
    graph that ``export`` wrote, if it did; it refers into the weights file. ``outputs`` tells
    whether the classes exclude each other (softmax) or each has a probability of its own
    (sigmoid). ``lungs`` tells how lungs of this population are drawn: with the lung behind the
    heart, or beside it.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_\-]*$")]
    version: Annotated[int, Field(ge=1)] = 1
    title: str
    architecture: str
    dropout: Annotated[float, Field(ge=0.0, lt=1.0)]
    classes: Annotated[tuple[ClassLabel, ...], Field(min_length=2)]
    input: InputSize
    contract: Contract
    weights: Weights
    serving: Weights | None = None
    training_data: TrainingData
    metrics: tuple[Metric, ...]
    limitations: tuple[str, ...]
    versions: dict[str, str]
    calibration: Calibration | None = None
    threshold: Threshold | None = None
    conformal: Conformal | None = None
    gate: GateEntry | None = None
    lungs: Literal["behind_heart", "beside_heart"] | None = None
    published: Published | None = None
    outputs: Literal["softmax", "sigmoid"] = "softmax"
    brought: Brought | None = None
    _folder: Path | None = PrivateAttr(None)

    @field_validator("classes")
    @classmethod
    def _by_a_name_of_their_own(cls, classes: tuple[ClassLabel, ...]) -> tuple[ClassLabel, ...]:
        names = [c.name for c in classes]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"expected each name once, received {', '.join(twice)} again")
        return classes

    @property
    def folder(self) -> Path:
        """Of the files that it names: where it was read, else its own among the models."""
        return self._folder or models_directory() / self.name

    def beside(self, folder: Path) -> "ModelCard":
        """The same card, whose files lie in ``folder``."""
        card = self.model_copy()
        card._folder = folder.resolve()
        return card

    @property
    def short_hash(self) -> str:
        """The beginning of the weights' SHA-256, by which a link names them."""
        return self.weights.sha256[:8]

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes in the order of the model's outputs."""
        return tuple(c.name for c in self.classes)

    def label(self, name: str) -> str:
        """The label of the class ``name`` for people."""
        return next(c.label for c in self.classes if c.name == name)

    def target_label(self, target: str) -> str:
        """The label of a class, or of two as ``A:B``."""
        first, against = self.require_target(target)
        if against is None:
            return self.label(first)
        return f"{self.label(first)} rather than {self.label(against).lower()}"

    def require_target(self, target: str) -> tuple[str, str | None]:
        """Take apart what is to be explained: a class, or why A rather than B, as ``A:B``.

        Raises:
            UnknownChoice: one of them is no class of the model, or both are the same.
        """
        if target in self.class_names:
            return target, None
        first, colon, against = target.partition(":")
        if not colon:
            self.require_class(target)
        rest = [name for name in self.class_names if name != self.require_class(first)]
        if against not in rest:
            raise UnknownChoice.of("class to compare with", against, rest)
        return first, against

    def require_class(self, name: str) -> str:
        """Return ``name`` if it is one of the classes.

        Raises:
            UnknownChoice: it is not.
        """
        if name not in self.class_names:
            raise UnknownChoice.of("class", name, self.class_names)
        return name


def read_card(path: Path) -> ModelCard:
    """Read and check the card at ``path``.

    Raises:
        CardError: the file can't be read, is not JSON, or a field is missing or wrong.
    """
    return read_record(path, ModelCard, what="model card").beside(path.parent)


def parse_card(content: object, name: str) -> ModelCard:
    """Check a card's decoded JSON; ``name`` says in errors where it came from.

    Raises:
        CardError: naming each wrong field, what was expected and what came.
    """
    try:
        return ModelCard.model_validate(content)
    except ValidationError as error:
        raise CardError(f"Model card {name} is wrong in {wrong_fields(error)}.") from error
