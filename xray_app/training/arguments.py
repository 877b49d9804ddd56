"""The commands ``train`` and ``study`` for argparse, made from the fields of their options."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import MISSING, Field, fields
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from xray_app.core import Reporter, TerminalProgress
from xray_app.training.options import StudyOptions, TrainOptions
from xray_app.training.recipe import Recipe

_Options = TypeVar("_Options", bound=Recipe)


def add_train_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``train``."""
    _add(parser, TrainOptions)


def add_study_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``study``."""
    _add(parser, StudyOptions)


def run_train_command(args: argparse.Namespace, progress: Reporter | None = None) -> Path:
    """Train as the parsed options say and return the folder of the model.

    Progress goes to standard error by default.

    Raises:
        XrayAppError: as ``train``.
    """
    options = options_from(TrainOptions, args)
    _import_keras()
    from xray_app.training.train import train  # Keras takes seconds; a wrong option is said at once

    return train(options, progress or TerminalProgress(sys.stderr))


def run_study_command(args: argparse.Namespace, progress: Reporter | None = None) -> Path:
    """Run the study as the parsed options say and return its ``study.json``.

    Progress goes to standard error by default.

    Raises:
        XrayAppError: as ``run_study``.
    """
    options = options_from(StudyOptions, args)
    _import_keras()
    from xray_app.training.study import run_study

    return run_study(options, progress or TerminalProgress(sys.stderr))


def options_from(kind: type[_Options], args: argparse.Namespace) -> _Options:
    """Build options from what argparse parsed.

    Raises:
        InputError: a value is out of its range or not known.
    """
    return kind(**{f.name: getattr(args, f.name) for f in fields(kind)})


def _import_keras() -> None:
    """Import Keras; keep TensorFlow's start-up notes from the terminal, which shows progress."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _errors_discarded():  # the first notes are written before that is heeded
        import keras  # noqa: F401


@contextmanager
def _errors_discarded() -> Iterator[None]:
    """Discard what the process, C++ as well, writes to standard error."""
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # the shell closed it (``2>&-``)
        yield
        return
    with Path(os.devnull).open("wb") as nothing:
        os.dup2(nothing.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _add(parser: argparse.ArgumentParser, kind: type[Recipe]) -> None:
    hints = get_type_hints(kind)
    for field in fields(kind):
        flag = f"--{field.name.replace('_', '-')}"
        text = field.metadata["help"]
        if field.name == "data":
            parser.add_argument("data", metavar="DATA", type=Path, help=text)
        elif hints[field.name] is bool:
            usual = "store_true" if field.default is False else argparse.BooleanOptionalAction
            parser.add_argument(flag, action=usual, default=field.default, help=text)
        else:
            parser.add_argument(
                flag,
                type=_reader(hints[field.name]),
                required=field.default is MISSING,
                default=None if field.default is MISSING else field.default,
                metavar=field.name.upper(),
                help=text + _default_text(field),
            )


def _reader(kind: Any) -> Callable[[str], Any]:
    """Return what turns an option's text into its value."""
    if get_origin(kind) is tuple:
        return _list_reader(_reader(get_args(kind)[0]))
    if get_origin(kind) is UnionType:
        return _reader(next(k for k in get_args(kind) if k is not type(None)))
    reader: Callable[[str], Any] = kind
    return reader


def _list_reader(item: Callable[[str], Any]) -> Callable[[str], tuple[Any, ...]]:
    def read(text: str) -> tuple[Any, ...]:
        return tuple(item(t) for t in text.split(",") if t and t != "none")

    read.__name__ = f"list of {item.__name__}"  # argparse names it where it refuses a value
    return read


def _default_text(field: Field[Any]) -> str:
    if field.default is MISSING or field.default is None:
        return ""
    value = field.default
    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f" [{text}]"
