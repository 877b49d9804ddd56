"""What is known of the network that draws the lungs, as it lies beside its graph in JSON."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from xray_app.cards.card_parts import CardRecord, FileName, Sha256
from xray_app.core import Interval, read_record

LUNGS_FILE = "lungs.json"
Drawing = Literal["behind_heart", "beside_heart"]
DRAWINGS: tuple[Drawing, ...] = ("behind_heart", "beside_heart")


class LungsTest(CardRecord):
    """Dice with masks that the network never saw, a mean over images, by patient."""

    test_set: str
    drawing: Drawing
    images: Annotated[int, Field(gt=0)]
    dice: Interval
    refused: Annotated[float, Field(ge=0.0, le=1.0)]


class Plausible(CardRecord):
    """Bounds of what lungs look like, from the masks that the network was fitted to.

    Attributes:
        area: of one lung, in fractions of the image; low and high.
        ratio: of the smaller lung's area to the larger one's, at least.
        centre_rows: of a lung's middle, in fractions of the height; low and high.
        unsure: of the pixels that are neither surely lung nor surely not, at most, as a fraction of
            the lungs' area.
    """

    area: tuple[float, float]
    ratio: float
    centre_rows: tuple[float, float]
    unsure: float


class LungsRecord(CardRecord):
    """The network, what it was fitted to, and what it did on what it never saw."""

    format: Literal[1]
    file: FileName
    sha256: Sha256
    side: Annotated[int, Field(ge=32, le=512)]
    parameters: Annotated[int, Field(gt=0)]
    fitted_on: tuple[str, ...]
    plausible: dict[Drawing, Plausible]
    tests: tuple[LungsTest, ...]
    command: str


def read_lungs(folder: Path) -> LungsRecord | None:
    """Read the record in ``folder``; None if there is none.

    Raises:
        CardError: it can't be read, or is not such a record.
    """
    path = folder / LUNGS_FILE
    if not path.is_file():
        return None
    advice = "restore it, or remove it to go without lungs"
    return read_record(path, LungsRecord, what="record of the lungs", advice=advice)
