"""Two models on one radiograph: each as it was trained, and both under the same schemes.

One after the other: who opens the models needs to hold no more than one of them at a time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from xray_app.cards import ModelCard, applicable
from xray_app.core import InputError, Radiograph
from xray_app.core.normalization import parse_scheme
from xray_app.diagnosis.diagnosis import Diagnosis, diagnose_with
from xray_app.diagnosis.explanations import DEFAULT_EXPLANATION
from xray_app.diagnosis.layer_probe import training_range
from xray_app.diagnosis.reference_pass import ReferencePass, feed_as_trained
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.engines import Engine
from xray_app.explain import Advance, unwatched


@dataclass(frozen=True, slots=True, eq=False)
class ModelSide:
    """What one of the two models says of the radiograph.

    Attributes:
        results: by scheme, that of training first; a scheme that the card has no figures for is
            left out.
        training_range: what black and white become at its first convolution, as trained.
    """

    card: ModelCard
    results: Mapping[str, Diagnosis]
    training_range: tuple[float, float]

    @property
    def trained(self) -> Diagnosis:
        """The result as the model was trained."""
        return self.results[self.card.contract.scheme]


def require_two(first: ModelCard, second: ModelCard) -> None:
    """Refuse to compare a model with itself.

    Raises:
        InputError: the same weights are fed in the same way.
    """
    if (first.weights.sha256, first.contract, first.input) == (
        second.weights.sha256,
        second.contract,
        second.input,
    ):
        raise InputError(
            f"Expected two models, received {first.name} twice; name another as the second."
        )


def schemes_of_both(
    first: ModelCard, second: ModelCard, more: Iterable[str] = ()
) -> tuple[str, ...]:
    """The schemes that both models are fed: what each was trained with, and ``more``, once each.

    Raises:
        UnknownChoice: there is no such scheme.
    """
    named = (first.contract.scheme, second.contract.scheme, *more)
    return tuple(dict.fromkeys(parse_scheme(name).name for name in named))


def choices_for(card: ModelCard, choices: Choices) -> Choices:
    """What is chosen, as far as this model has it.

    A class that it doesn't know becomes the predicted one, an explanation that its file doesn't
    allow the default one, and layers of a model that was brought the last one.
    """
    names = set(card.class_names)
    target = choices.target
    if target is not None and not set(target.split(":")) <= names:
        target = None
    if card.brought is None:
        return replace(choices, target=target)
    fits = choices.explanation in card.brought.explanations
    method = choices.explanation if fits else DEFAULT_EXPLANATION
    return replace(choices, target=target, explanation=method, layer=None)


def choices_under(card: ModelCard, schemes: Iterable[str], choices: Choices) -> dict[str, Choices]:
    """What one of the two models is asked, by scheme, that of training first.

    A slow explanation is asked for as trained alone; under other schemes the default one stands in.

    Raises:
        UnknownChoice: there is no such scheme.
    """
    chosen, trained = choices_for(card, choices), card.contract.scheme
    others = [scheme.name for scheme in applicable(card, map(parse_scheme, schemes))]
    asked = {name: replace(chosen.quick, scheme=name) for name in (trained, *others)}
    return asked | {trained: replace(chosen, scheme=trained)}


def side_of(
    engine: Engine,
    radiograph: Radiograph,
    schemes: Iterable[str],
    choices: Choices | None = None,
    advance: Advance = unwatched,
) -> ModelSide:
    """Ask one of the two models.

    Args:
        engine: any engine.
        radiograph: the same for both.
        schemes: what both are fed; that of training need not be among them.
        choices: explanation, class and layer, as far as the model has them, and the fit; a slow
            explanation as ``choices_under`` says.
        advance: is told how far a slow explanation is, in [0, 1].

    Raises:
        UnknownChoice: a scheme, explanation or layer that does not exist.
        EngineError: the model failed.
    """
    return side_with(engine, feed_as_trained(engine, radiograph), schemes, choices, advance)


def side_with(
    engine: Engine,
    reference: ReferencePass,
    schemes: Iterable[str],
    choices: Choices | None = None,
    advance: Advance = unwatched,
) -> ModelSide:
    """As ``side_of``, for a radiograph that ``engine`` was fed as trained before."""
    results = {
        name: diagnose_with(engine, reference, asked, advance if asked.is_slow else unwatched)
        for name, asked in choices_under(engine.card, schemes, choices or Choices()).items()
    }
    return ModelSide(engine.card, results, training_range(engine))
