"""artefacts and anatomy: what a model's heatmaps are worth, measured on test images."""

import argparse
import shlex
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from xray_app.cards import ANATOMY_FILE, ARTEFACTS_FILE, AnatomyRecord, ArtefactRecord
from xray_app.commands.common import (
    Command,
    data_arguments,
    installed_model,
    json_argument,
    model_argument,
    print_json,
)
from xray_app.core import InputError, Reporter, TerminalProgress, write_json
from xray_app.core.text import listed
from xray_app.engines import Engine, open_engine
from xray_app.evaluation import anatomy_text, measure_anatomy
from xray_app.evaluation.artefacts import artefacts_text, measure_artefacts

_ALL = 10**6
_SLOW = 8
Record = TypeVar("Record", bound=BaseModel)
Measure = Callable[[Engine, str, Reporter], Record]


def _artefacts_arguments(parser: argparse.ArgumentParser) -> None:
    data_arguments(parser)
    _common_arguments(parser)


def _anatomy_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "data", metavar="DATA", type=Path, nargs="+", help="folders or zips: split/CLASS/file"
    )
    model_argument(parser)
    _common_arguments(parser)
    parser.add_argument(
        "--slow-images",
        type=int,
        default=_SLOW,
        metavar="N",
        help=f"test images of each set for Score-CAM and Integrated Gradients; 0: none [{_SLOW}]",
    )


def _common_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--images", type=int, default=_ALL, metavar="N", help="test images [all]")
    json_argument(parser)


def _artefacts(options: argparse.Namespace) -> None:
    """Test whether the heatmaps show the image or a habit of the network."""

    def measure(engine: Engine, command: str, progress: Reporter) -> ArtefactRecord:
        return measure_artefacts(engine, options.data, options.images, command, progress)

    _measured(options, [options.data], measure, artefacts_text, ARTEFACTS_FILE, name="artefacts")


def _anatomy(options: argparse.Namespace) -> None:
    """Measure how much of the heatmaps' evidence lies in the lungs."""
    if options.slow_images < 0:
        raise InputError(f"Expected --slow-images of at least 0, received {options.slow_images}.")
    names = [each.name for each in options.data]
    if len(set(names)) < len(names):
        raise InputError(f"Expected data of different names, received {listed(names)}.")

    def measure(engine: Engine, command: str, progress: Reporter) -> AnatomyRecord:
        counts = options.images, options.slow_images
        return measure_anatomy(engine, options.data, *counts, command, progress)

    slow = _few("--slow-images", options.slow_images, _SLOW)
    _measured(options, options.data, measure, anatomy_text, ANATOMY_FILE, name="anatomy", slow=slow)


def _few(option: str, chosen: int, usual: int) -> str:
    return f" {option} {chosen}" if chosen != usual else ""


def _measured(
    options: argparse.Namespace,
    data: Sequence[Path],
    measure: Measure[Record],
    text: Callable[[Record], str],
    file: str,
    *,
    name: str,
    slow: str = "",
) -> None:
    """Measure, keep the record beside the weights, and print it.

    Args:
        options: as parsed.
        data: what it is measured on.
        measure: from engine, command and reporter to the record.
        text: the record for a terminal.
        file: name of the record.
        name: of the command.
        slow: what the command says of slow methods.
    """
    if options.images < 1:
        raise InputError(f"Expected --images of at least 1, received {options.images}.")
    model = installed_model(options)
    names = shlex.join(each.name for each in data)
    few = _few("--images", options.images, _ALL)
    with closing(open_engine(model)) as engine:
        command = f"python -m xray_app {name} {names} --model {model}{few}{slow}"
        record = measure(engine, command, TerminalProgress(sys.stderr))
        folder = engine.card.folder
    write_json(folder / file, record.model_dump(mode="json"))
    if options.json:
        print_json(record.model_dump(mode="json"))
    else:
        print(text(record))


COMMANDS: dict[str, Command] = {
    "artefacts": (_artefacts_arguments, _artefacts),
    "anatomy": (_anatomy_arguments, _anatomy),
}
