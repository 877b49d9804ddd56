"""artefacts and anatomy: what a model's heatmaps are worth, measured on test images."""

import argparse
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from xray_app.cards import ANATOMY_FILE, ARTEFACTS_FILE
from xray_app.commands.common import (
    Command,
    data_arguments,
    installed_model,
    json_argument,
    print_json,
)
from xray_app.core import InputError, Reporter, TerminalProgress, write_json
from xray_app.engines import Engine, open_engine
from xray_app.evaluation import anatomy_text, measure_anatomy
from xray_app.evaluation.artefacts import artefacts_text, measure_artefacts

_ALL = 10**6
Record = TypeVar("Record", bound=BaseModel)
Measure = Callable[[Engine, Path, int, str, Reporter], Record]


def _arguments(parser: argparse.ArgumentParser) -> None:
    data_arguments(parser)
    parser.add_argument("--images", type=int, default=_ALL, metavar="N", help="test images [all]")
    json_argument(parser)


def _artefacts(options: argparse.Namespace) -> None:
    """Test whether the heatmaps show the image or a habit of the network."""
    _measured(options, "artefacts", measure_artefacts, ARTEFACTS_FILE, artefacts_text)


def _anatomy(options: argparse.Namespace) -> None:
    """Measure how much of the heatmaps' evidence lies in the lungs."""
    _measured(options, "anatomy", measure_anatomy, ANATOMY_FILE, anatomy_text)


def _measured(
    options: argparse.Namespace,
    name: str,
    measure: Measure[Record],
    file: str,
    text: Callable[[Record], str],
) -> None:
    """Measure, keep the record beside the weights, and print it."""
    if options.images < 1:
        raise InputError(f"Expected --images of at least 1, received {options.images}.")
    model = installed_model(options)
    few = f" --images {options.images}" if options.images != _ALL else ""
    command = f"python -m xray_app {name} {options.data.name} --model {model}{few}"
    with closing(open_engine(model)) as engine:
        progress = TerminalProgress(sys.stderr)
        record = measure(engine, options.data, options.images, command, progress)
        folder = engine.card.folder
    write_json(folder / file, record.model_dump(mode="json"))
    if options.json:
        print_json(record.model_dump(mode="json"))
    else:
        print(text(record))


COMMANDS: dict[str, Command] = {
    "artefacts": (_arguments, _artefacts),
    "anatomy": (_arguments, _anatomy),
}
