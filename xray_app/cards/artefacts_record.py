"""What was measured of a model's habits, as it lies beside its weights in JSON."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from xray_app.cards.card import ModelCard
from xray_app.cards.card_parts import CardRecord
from xray_app.core import Interval, read_record

ARTEFACTS_FILE = "artefacts.json"
ArtefactName = Literal["mirror", "blank", "norms", "cover", "swap"]
HABITS: tuple[ArtefactName, ...] = ("mirror", "blank", "norms")


class ArtefactTest(CardRecord):
    """One test.

    Attributes:
        figure: with its 95 % interval; None where it is undefined for this model.
        threshold: that the figure is compared with.
        passes: whether the figure is on the good side of it; None if undefined, or not shown since
            the interval reaches to both sides.
        images: how many the figure is of; left_out: of how many nothing can be told.
        sentence: what it means, for people.
    """

    name: ArtefactName
    figure: Interval | None
    threshold: float
    passes: bool | None
    images: Annotated[int, Field(ge=0)]
    left_out: Annotated[int, Field(ge=0)] = 0
    sentence: str


class ArtefactRecord(CardRecord):
    """All tests of one model's weights."""

    format: Literal[1]
    model: str
    weights_sha256: str
    data: str
    command: str
    tests: tuple[ArtefactTest, ...]

    @property
    def has_habit(self) -> bool:
        """Whether the maps look at a place of their own, whatever the image."""
        return any(test.passes is False for test in self.tests if test.name in HABITS)


def artefacts_of(card: ModelCard) -> ArtefactRecord | None:
    """The record beside the card, if it is of the card's weights.

    Raises:
        CardError: it can't be read, or is not such a record.
    """
    record = read_artefacts(card.folder / ARTEFACTS_FILE)
    return record if record and record.weights_sha256 == card.weights.sha256 else None


def read_artefacts(path: Path) -> ArtefactRecord | None:
    """Read the record at ``path``; None if there is none.

    Raises:
        CardError: it can't be read, or is not such a record.
    """
    if not path.is_file():
        return None
    advice = "run python -m xray_app artefacts DATA"
    return read_record(path, ArtefactRecord, what="record of artefacts", advice=advice)
