"""The part of ``compare`` that sets a second model beside the first: ``--with``."""

import argparse
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from xray_app.cards import ModelCard
from xray_app.commands.common import (
    note_reservation,
    own_model_arguments,
    print_json,
    refuse_own_model_options,
    use_of,
)
from xray_app.core import InputError, Radiograph, UnknownChoice
from xray_app.diagnosis import (
    DETAIL,
    LAST,
    Choices,
    ModelSide,
    choices_for,
    find_layer,
    require_two,
    schemes_of_both,
    side_of,
)
from xray_app.engines import Engine, default_model, find_card, open_engine
from xray_app.explain import Advance, part_of
from xray_app.inspection import brought_card, inspect_model, is_model_file, open_brought
from xray_app.presentation.two_models import LETTERS, two_models_text, two_models_to_dict

_SECOND = "with_"


def two_models_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --with, and what a second file doesn't tell."""
    parser.add_argument(
        "--with",
        dest="second",
        metavar="M",
        help="a second model, a name or a file: both as trained and under --schemes (default: the "
        "scheme of each), with their contracts in one table",
    )
    own_model_arguments(
        parser.add_argument_group("what a file given to --with doesn't tell"),
        _SECOND,
    )


def refuse_second_options(options: argparse.Namespace) -> None:
    """Refuse what tells of a second model where there is none.

    Raises:
        InputError: such an option is given.
    """
    refuse_own_model_options(options, "none", _SECOND)


def compare_two(
    options: argparse.Namespace,
    radiograph: Radiograph,
    choices: Choices,
    advance: Advance,
) -> None:
    """Ask one model after the other and print what they disagree on; one is loaded at a time.

    Args:
        options: of the command.
        radiograph: the same for both.
        choices: explanation, class and layer.
        advance: is told how far both together are, in [0, 1].

    Raises:
        InputError: an option holds for one model only, it is the same model twice, a file doesn't
            tell all that is needed, or neither has the class to explain.
        XrayAppError: a model can't be found or loaded.
    """
    _require_fitting(options)
    first_name = options.model or default_model()
    first, open_first = _found(first_name, options, "--", "")
    prefixes = (_SECOND,) if is_model_file(first_name) else (_SECOND, "")
    second, open_second = _found(options.second, options, "--with-", *prefixes)
    require_two(first, second)
    if choices.target and not any(choices_for(c, choices).target for c in (first, second)):
        first.require_target(choices.target)  # and say which classes there are
    schemes = schemes_of_both(first, second, options.schemes or ())
    _require_layers(((first, open_first), (second, open_second)), choices)
    sides: list[ModelSide] = []
    for letter, card in zip(LETTERS, (first, second), strict=True):
        if card.brought is None or options.json:  # whose note stands in the text
            note_reservation(card, choices.explanation, letter)
    for place, open_it in enumerate((open_first, open_second)):
        half = part_of(advance, place, 2)
        with closing(open_it()) as engine:
            sides.append(side_of(engine, radiograph, schemes, choices, half))
    if options.json:
        print_json(two_models_to_dict(sides[0], sides[1], options.file, radiograph.notices))
    else:
        print(two_models_text(sides[0], sides[1], radiograph.notices))


def _require_fitting(options: argparse.Namespace) -> None:
    """Refuse what means nothing for two models, before either is opened."""
    if options.contrast or options.scale:
        raise InputError(
            "--contrast and --scale make one model's grid; for two models name --schemes."
        )
    if not (options.fit is None and options.kernel is None and options.antialias is None):
        raise InputError(
            "--fit, --kernel and --antialias change what one model is fed; with --with each is fed "
            "as it was trained: leave them out."
        )
    if options.layer is not None and options.layer not in DETAIL:
        raise UnknownChoice.of("layer for two models", options.layer, DETAIL)
    first = options.model or default_model()
    if not is_model_file(options.second):
        refuse_own_model_options(options, options.second, _SECOND)
        if not is_model_file(first):
            refuse_own_model_options(options, first)


def _require_layers(
    models: Sequence[tuple[ModelCard, Callable[[], Engine]]], choices: Choices
) -> None:
    """Refuse a layer that one of the models lacks before the other has worked in vain.

    Only the model itself, opened, tells its layers.
    """
    if choices.layer in {None, LAST}:
        return
    for letter, (card, open_it) in zip(LETTERS, models, strict=True):
        with closing(open_it()) as engine:
            try:
                find_layer(engine, choices_for(card, choices).layer)
            except UnknownChoice as error:
                raise UnknownChoice(f"{letter}, {card.name}: {error}") from error


def _found(
    name: str, options: argparse.Namespace, named: str, *prefixes: str
) -> tuple[ModelCard, Callable[[], Engine]]:
    """The card of a model, and what opens it; ``named`` begins the options that an error names."""
    if not is_model_file(name):
        return find_card(name), lambda: open_engine(name)
    path = Path(name)
    card = brought_card(inspect_model(path), use_of(options, *prefixes), named)
    return card, lambda: open_brought(card, path)
