"""The parts of a model card, each checked when it is read."""

from pathlib import PurePath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from xray_app.core import CALIBRATIONS, InputError, UnknownChoice
from xray_app.core.images import FITS, KERNELS, Geometry
from xray_app.core.normalization import DatasetStatistics, parse_scheme


class CardRecord(BaseModel):
    """A part of a card, or a record beside it.

    A field that it does not know is an error, and so is a number that is not finite.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False, allow_inf_nan=False)


def _known_scheme(name: str) -> str:
    try:
        return parse_scheme(name).name
    except UnknownChoice as error:
        raise ValueError(str(error)) from error


def _plain_file_name(name: str) -> str:
    if PurePath(name).name != name or name in {"", ".", ".."}:
        raise ValueError(f"expected a file name without folders, received {name!r}")
    return name


def with_layers(content: object) -> object:
    """A gate's record whose one ``layer`` is named in ``layers``, as it is written now."""
    if isinstance(content, dict) and isinstance(content.get("layer"), str):
        rest = {name: value for name, value in content.items() if name != "layer"}
        return {"layers": (content["layer"],)} | rest
    return content


_EARLIER_RESIZE = "bilinear-antialiased-stretch"
FileName = Annotated[str, AfterValidator(_plain_file_name)]
SchemeName = Annotated[str, AfterValidator(_known_scheme)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Positive = Annotated[float, Field(gt=0.0)]


class ClassLabel(CardRecord):
    """One class: its name in results, its label on the page, its folders in labelled data."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: str
    folders: tuple[str, ...] = ()


class InputSize(CardRecord):
    """The model's input, and how training fitted a radiograph of another size into it.

    The fields are those of ``core.images.Geometry``. A card of an earlier format has the one word
    ``resize``.
    """

    height: Annotated[int, Field(ge=32, le=2048)]
    width: Annotated[int, Field(ge=32, le=2048)]
    fit: Annotated[str, Field(pattern=f"^({'|'.join(FITS)})$")]
    kernel: Annotated[str, Field(pattern=f"^({'|'.join(KERNELS)})$")]
    antialias: bool
    pad_value: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    resize_to: Annotated[int, Field(ge=32, le=8192)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_word(cls, content: object) -> object:
        if isinstance(content, dict) and content.get("resize") == _EARLIER_RESIZE:
            rest = {name: value for name, value in content.items() if name != "resize"}
            return {"fit": "stretch", "kernel": "bilinear", "antialias": True} | rest
        return content

    @model_validator(mode="after")
    def _is_a_geometry(self) -> "InputSize":
        try:
            _ = self.geometry
        except InputError as error:
            raise ValueError(str(error)) from error
        return self

    @property
    def geometry(self) -> Geometry:
        """The size and the fit."""
        return Geometry(
            self.height, self.width, self.fit, self.kernel, self.antialias,
            self.pad_value, self.resize_to,
        )  # fmt: skip


class Contract(CardRecord):
    """What the model was trained with.

    ``range`` is the model input's range under ``scheme``; ``layers`` are the preprocessing layers
    inside the model in order; ``mean`` and ``variance`` (each one number, or one a channel) are the
    training pixels' in display units [0, 1].
    """

    scheme: SchemeName
    range: tuple[float, float]
    layers: tuple[str, ...]
    mean: tuple[float, ...] = ()
    variance: tuple[Positive, ...] = ()

    @property
    def statistics(self) -> DatasetStatistics | None:
        """Gray mean and standard deviation of the training pixels, if the card states them."""
        if not self.mean or not self.variance:
            return None
        mean = sum(self.mean) / len(self.mean)
        variance = sum(self.variance) / len(self.variance)
        return DatasetStatistics(mean, variance**0.5)


class Weights(CardRecord):
    """A file beside the card."""

    file: FileName
    sha256: Sha256


class GateEntry(Weights):
    """The gate's file beside the card, and the layers whose channel statistics it reads.

    A card of an earlier format names one, in the field ``layer``.
    """

    layers: Annotated[tuple[str, ...], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _one_layer(cls, content: object) -> object:
        return with_layers(content)


class Brought(CardRecord):
    """A model that a person brought for one session or one command, and that is not installed.

    Nobody measured how well it does: no gate, no calibration. ``explanations`` are those that its
    file allows, the quick ones first. ``channels``, ``layout``, ``input_dtype`` and
    ``channel_order`` (None where nothing tells it) are what the file itself takes; ``named`` is
    whether anybody named its classes, or they are numbered; ``scheme_known``, whether its layers or
    a person tell its scheme, or it is inferred from what such networks expect.
    """

    file: str
    explanations: tuple[str, ...]
    channels: int = 3
    layout: Literal["NHWC", "NCHW"] = "NHWC"
    input_dtype: str = "float32"
    channel_order: Literal["RGB", "BGR", "gray"] | None = None
    named: bool = True
    scheme_known: bool = True


class TrainingData(CardRecord):
    """What the model has seen; ``images`` is how many, None where nobody knows.

    ``ages`` (youngest and oldest in whole years), ``body_parts`` and ``views`` are compared with
    what a DICOM file says of itself, in DICOM's terms; what is not given is not compared.
    """

    name: str
    source: str
    licence: str
    population: str
    images: Annotated[int, Field(gt=0)] | None
    recipe: str
    ages: tuple[float, float] | None = None
    body_parts: tuple[str, ...] = ()
    views: tuple[str, ...] = ()


class Metric(CardRecord):
    """One measured figure, the images it was measured on and the command that gives it.

    ``low`` and ``high`` are the ends of its 95 % interval, where there is one.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    test_set: str
    command: str


class Calibration(CardRecord):
    """The temperatures that make the model's probabilities mean how often it is right.

    ``label_noise`` are the fractions of the second class's validation labels that name the third,
    and the other way round, where they were fitted together with the temperature.
    """

    method: Annotated[str, Field(pattern=f"^({'|'.join(CALIBRATIONS)})$")]
    temperatures: tuple[Positive, ...]
    fitted_on: str
    command: str
    label_noise: tuple[float, float] | None = None

    @model_validator(mode="after")
    def _as_many_as_the_method_takes(self) -> "Calibration":
        count = CALIBRATIONS[self.method].count
        if len(self.temperatures) != count:
            raise ValueError(f"expected {count} temperatures for {self.method}")
        return self


class Conformal(CardRecord):
    """Which classes are named together: those with a probability of at least 1 - ``quantile``.

    Such a set holds the true class for a fraction ``coverage`` of images like the validation ones.
    """

    coverage: Annotated[float, Field(gt=0.0, lt=1.0)]
    quantile: Annotated[float, Field(ge=0.0, le=1.0)]
    fitted_on: str
    command: str


class Threshold(CardRecord):
    """From which probability of any positive class on an image counts as positive."""

    value: Annotated[float, Field(gt=0.0, lt=1.0)]
    criterion: str
    fitted_on: str
    command: str


class Published(CardRecord):
    """Figures of others on the same test images, and what differs in how they were obtained."""

    source: str
    figures: dict[str, float]
    differences: tuple[str, ...]
