"""How much of a model's evidence lies in the lungs, as it lies beside its weights in JSON."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from xray_app.cards.card import ModelCard
from xray_app.cards.card_parts import CardRecord
from xray_app.core import Interval, read_record

ANATOMY_FILE = "anatomy.json"


class MethodAnatomy(CardRecord):
    """One method's maps of the predicted class.

    Attributes:
        evidence: fraction of the positive evidence that lies in the lungs.
        gain: that less the lungs' fraction of the image's area: what a map that is the same
            everywhere would have. Both are means over the images, with 95 % intervals by patient.
        images: how many the figures are of; empty maps are left out.
    """

    method: str
    evidence: Interval
    gain: Interval
    images: Annotated[int, Field(gt=0)]


class AnatomySet(CardRecord):
    """Every method, on one set of test images.

    Attributes:
        area: the lungs' fraction of the image's area, a mean over the images.
        images: how many were looked at; without_lungs: of how many no lungs could be drawn.
    """

    data: str
    images: Annotated[int, Field(gt=0)]
    without_lungs: Annotated[int, Field(ge=0)]
    area: float
    methods: tuple[MethodAnatomy, ...]


class AnatomyRecord(CardRecord):
    """What was measured of a model's maps, a set of test images at a time."""

    format: Literal[2]
    model: str
    weights_sha256: str
    lungs_sha256: str
    command: str
    sets: Annotated[tuple[AnatomySet, ...], Field(min_length=1)]


def anatomy_of(card: ModelCard) -> AnatomyRecord | None:
    """The record beside the card, if it is of the card's weights.

    Raises:
        CardError: it can't be read, or is not such a record.
    """
    path: Path = card.folder / ANATOMY_FILE
    if not path.is_file():
        return None
    advice = "run python -m xray_app anatomy DATA --model NAME"
    record = read_record(path, AnatomyRecord, what="record of anatomy", advice=advice)
    return record if record.weights_sha256 == card.weights.sha256 else None
