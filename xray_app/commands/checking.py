"""check: do two preprocessing functions make the same tensors?"""

import argparse
import importlib
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xray_app.commands.common import Command
from xray_app.core import InputError, first_line, read_bytes
from xray_app.readers import read_as_stored


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Runs your own code, from the folder that you are in, on your own machine. Exit status 0: "
        "the same; 1: they differ, one line for each difference; 2: the check can't be made."
    )
    what = "MODULE:FUNCTION, from a decoded image (uint8 array) to its tensor"
    parser.add_argument("train", help=f"{what}, as training did it")
    parser.add_argument("serve", help="the same, as the server does it")
    parser.add_argument("images", nargs="+", metavar="IMAGE", type=Path, help="image files")
    parser.add_argument(
        "--atol", type=float, default=1e-3, help="how far values may lie apart (default: 0.001)"
    )


def _check(options: argparse.Namespace) -> None:
    """Tell how two preprocessing functions of yours differ, and fail if they do."""
    from xray_app.pipeline import preprocessing_differences

    _refuse_distance(options.atol)
    train, serve = function_of(options.train), function_of(options.serve)
    is_different = False
    for path in options.images:
        found = preprocessing_differences(train, serve, [_decoded(path)], options.atol)
        is_different = is_different or bool(found)
        for sentence in found:
            print(f"{path.name}: {sentence}")
    if is_different:
        sys.stdout.flush()  # what can't be written must not end as "they differ"
        raise SystemExit(1)
    print(f"The same on {len(options.images)} image{'s' if len(options.images) > 1 else ''}.")


def _refuse_distance(atol: float) -> None:
    """Refuse what no two values can be compared by: all would be the same to it, or none."""
    if not (math.isfinite(atol) and atol >= 0.0):
        raise InputError(f"Expected for --atol a finite number from 0 up, received {atol:g}.")


def function_of(name: str) -> Callable[[Any], Any]:
    """Import a function written MODULE:FUNCTION, from the current folder too.

    Raises:
        InputError: there is no such module or function.
    """
    module_name, colon, function_name = name.partition(":")
    if not colon or not module_name or not function_name:
        raise InputError(f"Expected MODULE:FUNCTION, received {name!r}.")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise InputError(
            f"Can't import {module_name}: {type(error).__name__}: {first_line(error)}."
        ) from error
    function: Callable[[Any], Any] | None = getattr(module, function_name, None)
    if not callable(function):
        raise InputError(f"Module {module_name} has no function {function_name}.")
    return function


def _decoded(path: Path) -> Any:
    """The file's pixels as stored, colour in the order RGB, EXIF orientation not applied."""
    return read_as_stored(read_bytes(path, str(path)), path.name)


COMMANDS: dict[str, Command] = {"check": (_check_arguments, _check)}
