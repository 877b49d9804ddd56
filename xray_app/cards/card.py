"""The model card: what a model is, what it was trained with, and what is known of it.

A card is a JSON file beside the weights. Every field is checked when it is read, and a wrong one
is named. Nothing in it is believed about the pixels: what the layers really apply is measured.
"""

from pathlib import Path, PurePath
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    model_validator,
)

from xray_app.core import (
    CALIBRATIONS,
    CardError,
    InputError,
    UnknownChoice,
    models_directory,
    read_record,
    wrong_fields,
)
from xray_app.core.images import FITS, KERNELS, Geometry
from xray_app.core.normalization import DatasetStatistics, parse_scheme


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


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


class ClassLabel(_Record):
    """One class: its name in results, its label on the page, its folders in labelled data."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    label: str
    folders: tuple[str, ...] = ()


class InputSize(_Record):
    """The model's input, and how training fitted a radiograph of another size into it.

    The fields are those of ``core.images.Geometry``. A card of an earlier format has the one word
    ``resize``.
    """

    height: Annotated[int, Field(ge=32, le=2048)]
    width: Annotated[int, Field(ge=32, le=2048)]
    fit: Literal[tuple(FITS)]  # type: ignore[valid-type]
    kernel: Literal[tuple(KERNELS)]  # type: ignore[valid-type]
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
            self.pad_value, self.resize_to or 0,
        )  # fmt: skip


class Contract(_Record):
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


class Weights(_Record):
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


class TrainingData(_Record):
    """What the model has seen.

    ``ages`` (youngest and oldest in whole years), ``body_parts`` and ``views`` are compared with
    what a DICOM file says of itself, in DICOM's terms; what is not given is not compared.
    """

    name: str
    source: str
    licence: str
    population: str
    images: Annotated[int, Field(gt=0)]
    recipe: str
    ages: tuple[float, float] | None = None
    body_parts: tuple[str, ...] = ()
    views: tuple[str, ...] = ()


class Metric(_Record):
    """One measured figure, the images it was measured on and the command that gives it.

    ``low`` and ``high`` are the ends of its 95 % interval, where there is one.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    test_set: str
    command: str


class Calibration(_Record):
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


class Conformal(_Record):
    """Which classes are named together: those with a probability of at least 1 - ``quantile``.

    Such a set holds the true class for a fraction ``coverage`` of images like the validation ones.
    """

    coverage: Annotated[float, Field(gt=0.0, lt=1.0)]
    quantile: Annotated[float, Field(ge=0.0, le=1.0)]
    fitted_on: str
    command: str


class Threshold(_Record):
    """From which probability of any positive class on an image counts as positive."""

    value: Annotated[float, Field(gt=0.0, lt=1.0)]
    criterion: str
    fitted_on: str
    command: str


class Published(_Record):
    """Figures of others on the same test images, and what differs in how they were obtained."""

    source: str
    figures: dict[str, float]
    differences: tuple[str, ...]


class ModelCard(_Record):
    """Everything the app knows about one model.

    ``version`` counts the weights that have been given out under this name. ``serving`` is the
    graph that ``export`` wrote, if it did; it refers into the weights file. ``lungs``
    tells how lungs of this population are drawn: with the lung behind the heart, or beside it.
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
    _folder: Path | None = PrivateAttr(None)

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
