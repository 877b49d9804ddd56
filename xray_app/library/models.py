"""Opening a model, and asking it."""

from collections.abc import Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from types import TracebackType

from xray_app.cards import ModelCard, named_schemes, read_card
from xray_app.core import AnyArray, ModelError, UnknownChoice
from xray_app.core import Radiograph as PlainRadiograph
from xray_app.diagnosis import (
    DEFAULT_EXPLANATION,
    Choices,
    Diagnosis,
    ReferencePass,
    blank_answers,
    compare_with,
    diagnose_with,
    feed_as_trained,
    grid_for,
    require_two,
    schemes_of_both,
    side_with,
)
from xray_app.documents.html import Markup
from xray_app.engines import CARD_FILE, Engine, default_model, list_models, open_engine
from xray_app.inspection import inspect_model, look_inside
from xray_app.library.contracts import Contract, contract_of_file, contract_of_model
from xray_app.library.radiographs import read
from xray_app.library.result import NEUTRAL, box, headline, paragraph
from xray_app.library.results import Comparison, Explanation, Prediction
from xray_app.library.two_models import ModelComparison
from xray_app.samples import list_samples

Image = PlainRadiograph | AnyArray | bytes | str | PathLike[str]


class Model:
    """A model: what it must be fed, and what it says of a radiograph.

    Made by ``open_model``; a context manager that closes it. Safe with threads.

    >>> import xray_app as xa
    >>> with xa.open_model("cxr_efficientnetb4") as model:
    ...     model.predict("sample:normal_1").predicted
    'normal'
    """

    def __init__(self, name: str, engine: Engine | None, file: Path | None = None) -> None:
        self.name = name
        self._engine = engine
        self._file = file
        self._fed: tuple[str, ReferencePass] | None = None

    @property
    def card(self) -> ModelCard:
        """What lies beside the weights: classes, contract, training data, measured figures.

        Raises:
            ModelError: the model is a file without a card.
        """
        return self._opened.card

    @cached_property
    def contract(self) -> Contract:
        """What the model must be fed: declared by its card, measured on its layers."""
        if self._engine is None and self._file is not None:
            return contract_of_file(inspect_model(self._file))
        sample = read(f"sample:{list_samples()[0]}")
        return contract_of_model(self.card, look_inside(self._opened, sample))

    def predict(
        self,
        image: Image,
        scheme: str | None = None,
        *,
        fit: str | None = None,
        kernel: str | None = None,
        antialias: bool | None = None,
    ) -> Prediction:
        """Say what the model makes of one radiograph.

        Args:
            image: as for ``read``.
            scheme: a preset or ``"contrast+scale"``; by default the one of training.
            fit: ``"stretch"``, ``"pad"``, ``"crop"`` or ``"resize-crop"``; default: as in training.
            kernel: ``"nearest"``, ``"bilinear"``, ``"bicubic"``, ``"area"`` or ``"lanczos"``.
            antialias: whether the kernel widens with the reduction.

        Raises:
            InputError: the image can't be read, or a name does not exist.
            ModelError: the model failed, or is a file without a card.

        >>> import xray_app as xa
        >>> xa.open_model("cxr_efficientnetb4").predict("sample:normal_1", "rescale").is_meaningful
        False
        """
        choices = Choices(scheme, fit=fit, kernel=kernel, antialias=antialias)
        radiograph = read(image)
        return Prediction(self.card, radiograph, self._diagnosed(radiograph, choices))

    def explain(
        self,
        image: Image,
        target: str | None = None,
        *,
        method: str = DEFAULT_EXPLANATION,
        layer: str | None = None,
        scheme: str | None = None,
    ) -> Explanation:
        """Show what in a radiograph speaks for a class.

        Args:
            image: as for ``read``.
            target: the class, or ``"A:B"`` for why A rather than B; by default the predicted one.
            method: ``"gradcam"``, ``"gradcam++"``, ``"layercam"``, ``"hirescam"``; or
                ``"scorecam"``, ``"integrated-gradients"``, ``"occlusion"``, ``"rise"``, which
                run the model many times.
            layer: ``"last"``, ``"finer"``, ``"finest"`` or a layer's name.
            scheme: as for ``predict``.

        Raises:
            InputError: the image can't be read, or a name does not exist.
            ModelError: the model failed, or is a file without a card.

        >>> import xray_app as xa
        >>> xa.open_model("cxr_efficientnetb4").explain("sample:bacterial_pneumonia_1").map.shape
        (8, 8)
        """
        radiograph = read(image)
        diagnosis = self._diagnosed(radiograph, Choices(scheme, method, target, layer))
        return Explanation(self.card, radiograph, diagnosis)

    def compare(self, image: Image, schemes: Sequence[str] | None = None) -> Comparison:
        """Run one radiograph through many schemes.

        Args:
            image: as for ``read``.
            schemes: names; by default every contrast at every scale.

        Raises:
            InputError: the image can't be read, or a scheme does not exist or needs statistics
                that the model's card does not give.
            ModelError: the model failed, or is a file without a card.

        >>> import xray_app as xa
        >>> model = xa.open_model("cxr_efficientnetb4")
        >>> found = model.compare("sample:normal_1", ["raw", "rescale"])
        >>> [scheme["verdict"] for scheme in found.to_dict()["schemes"]]
        ['matches', 'mismatch']
        """
        engine, radiograph = self._opened, read(image)
        grid = grid_for(engine.card) if schemes is None else None
        names = grid.names if grid else named_schemes(engine.card, schemes or ())
        found = compare_with(engine, self._reference(radiograph), names)
        blanks = blank_answers(engine, grid) if grid else {}
        return Comparison(engine.card, radiograph, found, grid, blanks)

    def compare_with(
        self, other: "Model", image: Image, schemes: Sequence[str] = ()
    ) -> ModelComparison:
        """Run one radiograph through this model, A, and another, B.

        Each is fed as it was trained, and both under the schemes of both.

        Args:
            other: the second model.
            image: as for ``read``.
            schemes: names of more schemes for both.

        Raises:
            InputError: it is the same model, the image can't be read, or a scheme does not exist.
            ModelError: a model failed, or is a file without a card.
        """
        require_two(self.card, other.card)
        radiograph = read(image)
        names = schemes_of_both(self.card, other.card, schemes)
        first, second = (
            side_with(model._opened, model._reference(radiograph), names) for model in (self, other)
        )
        return ModelComparison(first, second, radiograph)

    def close(self) -> None:
        """Free what the model holds; it can't be asked afterwards."""
        if self._engine is not None:
            self._engine.close()

    def _diagnosed(self, radiograph: PlainRadiograph, choices: Choices) -> Diagnosis:
        return diagnose_with(self._opened, self._reference(radiograph), choices)

    def _reference(self, radiograph: PlainRadiograph) -> ReferencePass:
        """The pass as trained, which all results share; kept for the last radiograph."""
        kept = self._fed
        if kept is None or kept[0] != radiograph.digest:
            kept = radiograph.digest, feed_as_trained(self._opened, radiograph)
            self._fed = kept
        return kept[1]

    @property
    def _opened(self) -> Engine:
        if self._engine is None:
            raise ModelError(
                f"Expected a model with a card, received the file {self.name} alone, which tells "
                "what it must be fed (.contract) but not its classes. Fill in the card in "
                f"contract.to_dict()['card'], save it as {CARD_FILE} beside the file and open that."
            )
        return self._engine

    def __enter__(self) -> "Model":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def text(self) -> str:
        """Name, title, size, classes and whom it was trained on."""
        if self._engine is None:
            return f"Model file {self.name}, without a card"
        card = self.card
        classes = ", ".join(card.class_names)
        return (
            f"Model {card.name}: {card.title}, {card.input.height} × {card.input.width}, "
            f"classes {classes}\nTrained on {card.training_data.population}; no medical device"
        )

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        first, *rest = self.text.splitlines()
        html: Markup = box(NEUTRAL, headline(first), *map(paragraph, rest))
        return str(html)


def open_model(name_or_file: str | PathLike[str] | None = None) -> Model:
    """Open a model by its name, its folder, its card, or its weights.

    Args:
        name_or_file: the name of an installed model; or a folder with ``card.json`` and weights, or
            that card; or a model's file, of which no code is run, and which without a card beside
            it tells its contract only. By default the first installed.

    Raises:
        UnknownChoice: there is no such model or file.
        ModelError: its card or its weights are wrong, or the runtime failed.

    >>> import xray_app as xa
    >>> xa.open_model("cxr_efficientnetb4").card.class_names
    ('normal', 'bacterial_pneumonia', 'viral_pneumonia')
    """
    if name_or_file is None:
        name_or_file = default_model()
    path = Path(name_or_file)
    card = _card_of(path)
    if isinstance(name_or_file, str) and name_or_file in list_models():
        return Model(name_or_file, open_engine(name_or_file))
    if card.is_file():
        folder = card.resolve().parent
        return Model(folder.name, open_engine(folder.name, folder.parent))
    if path.is_file():
        return Model(path.name, None, path.resolve())
    raise UnknownChoice.of("model or file", str(name_or_file), list_models())


def _card_of(path: Path) -> Path:
    """The card in a folder, or beside the weights that it names."""
    if path.name == CARD_FILE:
        return path
    beside = path.parent / CARD_FILE
    if path.is_file() and beside.is_file() and read_card(beside).weights.file == path.name:
        return beside
    return path / CARD_FILE
