"""artefacts: whether a model's maps show the image or a habit of the network."""

import argparse
import sys
from contextlib import closing

from xray_app.cards import ARTEFACTS_FILE
from xray_app.commands.common import Command, data_arguments, json_argument, print_json
from xray_app.core import InputError, TerminalProgress, write_json
from xray_app.engines import default_model, find_card, open_engine
from xray_app.evaluation.artefacts import artefacts_text, measure_artefacts

_ALL = 10**6


def _artefacts_arguments(parser: argparse.ArgumentParser) -> None:
    data_arguments(parser)
    parser.add_argument("--images", type=int, default=_ALL, metavar="N", help="test images [all]")
    json_argument(parser)


def _artefacts(options: argparse.Namespace) -> None:
    """Test whether the heatmaps show the image or a habit of the network."""
    if options.images < 1:
        raise InputError(f"Expected --images of at least 1, received {options.images}.")
    name = find_card(options.model or default_model()).name
    few = f" --images {options.images}" if options.images != _ALL else ""
    command = f"python -m xray_app artefacts {options.data.name} --model {name}{few}"
    with closing(open_engine(name)) as engine:
        record = measure_artefacts(
            engine, options.data, options.images, command, TerminalProgress(sys.stderr)
        )
        folder = engine.card.folder
    write_json(folder / ARTEFACTS_FILE, record.model_dump(mode="json"))
    if options.json:
        print_json(record.model_dump(mode="json"))
    else:
        print(artefacts_text(record))


COMMANDS: dict[str, Command] = {"artefacts": (_artefacts_arguments, _artefacts)}
