"""The part of ``compare`` that sets a second model beside the first: ``--with``."""

import argparse
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from xray_app.cards import ModelCard
from xray_app.commands.common import own_model_arguments, print_json, use_of
from xray_app.core import InputError, Radiograph
from xray_app.diagnosis import (
    Choices,
    ModelSide,
    choices_for,
    require_two,
    schemes_of_both,
    side_of,
)
from xray_app.engines import Engine, default_model, find_card, open_engine
from xray_app.explain import Advance
from xray_app.inspection import brought_card, inspect_model, is_model_file, open_brought
from xray_app.presentation.two_models import two_models_text, two_models_to_dict

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
        parser.add_argument_group("what a file given to --with doesn't tell, beside another file"),
        _SECOND,
    )


def compare_two(
    options: argparse.Namespace, radiograph: Radiograph, choices: Choices, advance: Advance
) -> None:
    """Ask one model after the other and print what they disagree on; one is loaded at a time.

    Raises:
        InputError: it is the same model twice, a file doesn't tell all that is needed, or neither
            has the class to explain.
        XrayAppError: a model can't be found or loaded.
    """
    if options.contrast or options.scale:
        raise InputError(
            "--contrast and --scale make one model's grid; for two models name --schemes."
        )
    first_name = options.model or default_model()
    first, open_first = _found(first_name, options, "")
    takes_first = is_model_file(first_name)
    second, open_second = _found(options.second, options, _SECOND if takes_first else "")
    require_two(first, second)
    if choices.target and not any(choices_for(c, choices).target for c in (first, second)):
        first.require_target(choices.target)  # and say which classes there are
    schemes = schemes_of_both(first, second, options.schemes or ())
    sides: list[ModelSide] = []
    for open_it in (open_first, open_second):
        with closing(open_it()) as engine:
            sides.append(side_of(engine, radiograph, schemes, choices, advance))
    if options.json:
        values = two_models_to_dict(sides[0], sides[1], options.file)
        print_json(values | {"notices": list(radiograph.notices)})
    else:
        print(two_models_text(sides[0], sides[1], radiograph.notices))


def _found(
    name: str, options: argparse.Namespace, prefix: str
) -> tuple[ModelCard, Callable[[], Engine]]:
    """The card of a model, and what opens it."""
    if not is_model_file(name):
        return find_card(name), lambda: open_engine(name)
    path = Path(name)
    card = brought_card(inspect_model(path), use_of(options, prefix))
    return card, lambda: open_brought(card, path)
