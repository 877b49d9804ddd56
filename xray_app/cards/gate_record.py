"""The gate's file: its numbers and what was measured with them, as JSON beside the card."""

import base64
import math
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from xray_app.cards.card_parts import with_layers
from xray_app.core import (
    FloatArray,
    GateRule,
    Kind,
    Limit,
    first_line,
    read_only,
    read_record,
)

# The fraction of other people from a place that it never saw that may open a gate which says "yes".
UNSEEN_OPEN = 0.05
Positive = Annotated[float, Field(gt=0.0)]
Count = Annotated[int, Field(ge=0)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Numbers(_Record):
    """An array: its shape, its little-endian type, and its bytes in base64."""

    shape: Annotated[tuple[Annotated[int, Field(gt=0)], ...], Field(min_length=1)]
    type: Literal["float16", "float32"]
    base64: str

    @model_validator(mode="after")
    def _whole(self) -> "Numbers":
        try:
            data = base64.b64decode(self.base64, validate=True)
        except ValueError as error:
            raise ValueError(f"expected base64 ({first_line(error)})") from error
        expected = math.prod(self.shape) * np.dtype(self.type).itemsize
        if len(data) != expected:
            raise ValueError(
                f"expected {expected} bytes for shape {self.shape} of {self.type}, received "
                f"{len(data)}"
            )
        if not np.isfinite(np.frombuffer(data, np.dtype(self.type).newbyteorder("<"))).all():
            raise ValueError("expected finite numbers")
        return self

    @classmethod
    def of(cls, array: FloatArray, kind: Literal["float16", "float32"] = "float32") -> "Numbers":
        """Encode ``array``."""
        data = np.ascontiguousarray(array, np.dtype(kind).newbyteorder("<")).tobytes()
        return cls(shape=array.shape, type=kind, base64=base64.b64encode(data).decode())

    def to_array(self) -> FloatArray:
        """The numbers as float32, read-only."""
        data = base64.b64decode(self.base64)
        stored = np.frombuffer(data, np.dtype(self.type).newbyteorder("<"))
        return read_only(stored.astype(np.float32).reshape(self.shape))


class Bound(_Record):
    """A score closes the gate above ``limit``; ``spread`` is its deviation on validation images."""

    limit: float
    spread: Positive


class Figure(_Record):
    """One measured figure with its 95 % interval, and what was counted."""

    name: str
    value: float
    low: float
    high: float
    images: Count
    units: Count
    unit: str


class HandlingRow(_Record):
    """What one way of handling does to radiographs of the known population: fractions in [0, 1]."""

    handling: str
    images: Count
    adult_score: float
    called_adult: float
    closed: float


class Source(_Record):
    """Where images came from: what they were used for, and how many there were."""

    name: str
    purpose: Literal["fit", "limits", "report"]
    images: Count
    units: Count
    unit: str


class LeftOut(_Record):
    """What a gate fitted without ``sources`` does to them: how many it stops, [0, 1].

    ``known`` is whether these are people as the model knows them, whom it should let through.
    ``low`` and ``high`` are the ends of the 95 % interval over patients, ``units``.
    """

    sources: tuple[str, ...]
    stopped: float
    low: float
    high: float
    images: Count
    units: Count
    known: bool = False


class GateFile(_Record):
    """Everything in the file.

    ``left_out`` says how the same fit does on sources of other people that it never saw; a file of
    an earlier format, with one ``layer``, has none. ``other`` is what the other population is.
    """

    model: str
    layers: Annotated[tuple[str, ...], Field(min_length=1)]
    kinds: Annotated[tuple[Kind, ...], Field(min_length=2)]
    mean: Numbers
    deviation: Numbers
    weights: Numbers
    bias: Numbers
    components: Numbers
    variances: Numbers
    reach: Numbers
    remainder: Positive
    log_odds: Bound
    distance: Bound
    sources: tuple[Source, ...]
    figures: tuple[Figure, ...]
    handling: tuple[HandlingRow, ...]
    left_out: tuple[LeftOut, ...] = ()
    other: str = "an adult's chest"
    command: str

    @model_validator(mode="before")
    @classmethod
    def _one_layer(cls, content: object) -> object:
        return with_layers(content)

    @model_validator(mode="after")
    def _fits_together(self) -> "GateFile":
        if self.kinds[0] != "known" or len(set(self.kinds)) < len(self.kinds):
            raise ValueError(f"field kinds: expected 'known' first, each once, not {self.kinds}")
        width, kinds, parts = self.mean.shape[0], len(self.kinds), self.variances.shape[0]
        expected = {
            "mean": (width,),
            "deviation": (width,),
            "weights": (kinds, width),
            "bias": (kinds,),
            "components": (parts, width),
            "variances": (parts,),
            "reach": (kinds,),
        }
        for name, shape in expected.items():
            received = getattr(self, name).shape
            if received != shape:
                raise ValueError(f"field {name}: expected shape {shape}, received {received}")
        for name in ("deviation", "variances"):
            if not (getattr(self, name).to_array() > 0.0).all():
                raise ValueError(f"field {name}: expected positive numbers")
        return self

    @property
    def tells_sources(self) -> bool:
        """Whether of every other source left out surely no more than ``UNSEEN_OPEN`` open it."""
        others = [row for row in self.left_out if not row.known]
        return bool(others) and all(map(_surely_opens_seldom, others))

    @property
    def rule(self) -> GateRule:
        """The numbers that judge."""
        return GateRule(
            layers=self.layers,
            kinds=self.kinds,
            tells_sources=self.tells_sources,
            mean=self.mean.to_array(),
            deviation=self.deviation.to_array(),
            weights=self.weights.to_array(),
            bias=self.bias.to_array(),
            components=self.components.to_array(),
            variances=self.variances.to_array(),
            remainder=self.remainder,
            log_odds=Limit(self.log_odds.limit, self.log_odds.spread),
            distance=Limit(self.distance.limit, self.distance.spread),
            reach=self.reach.to_array(),
            other=self.other,
        )


def read_gate(path: Path) -> GateFile:
    """Read and check the gate's file.

    Raises:
        CardError: it can't be read, is not JSON, or a field is missing or wrong; it is named.
    """
    return read_record(path, GateFile, what="gate file")


def _surely_opens_seldom(row: LeftOut) -> bool:
    """Whether so few patients would open it by a chance of 2.5 % at most if more than few did.

    Counted, not resampled: of few or none that open it resamples show hardly any spread.
    """
    n, logs = row.units, (math.log(UNSEEN_OPEN), math.log(1.0 - UNSEEN_OPEN))
    # The fraction is written with four digits, and one image of several may open it.
    opening = math.ceil((1.0 - row.stopped) * n - 1e-4 * n)
    chance = (
        math.exp(
            math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
            + k * logs[0] + (n - k) * logs[1]
        )
        for k in range(opening + 1)
    )  # fmt: skip
    return sum(chance) <= 0.025
