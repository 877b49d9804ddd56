"""gate: fit and report what tells whether a model knows an image at all."""

import argparse
import sys
from pathlib import Path

from xray_app.commands.common import Command, installed_model, model_argument
from xray_app.core import TerminalProgress
from xray_app.engines import find_card


def _gate_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "data", type=Path, help="folder or zip: train/, val/, test/ of whom it knows"
    )
    parser.add_argument(
        "others",
        type=Path,
        help="folder or zip: fit/ and report/ of adult/, child/, not_chest/, each with a folder "
        "for a place",
    )
    parser.add_argument(
        "--together",
        action="append",
        default=[],
        metavar="A,B",
        help="sources of one place, left out together too",
    )
    parser.add_argument(
        "--layers",
        metavar="A,B",
        help="layers whose channel statistics are read (default: the last of blocks 2 to 5 of "
        "EfficientNetB4)",
    )
    model_argument(parser)


def _gate(options: argparse.Namespace) -> None:
    """Fit and report what tells whether a model knows an image at all."""
    from xray_app.evaluation.gate import DEFAULT_LAYERS, run_gate

    card = find_card(installed_model(options))
    progress = TerminalProgress(sys.stderr)
    together = [names.split(",") for names in options.together]
    layers = tuple(options.layers.split(",")) if options.layers else DEFAULT_LAYERS
    print(run_gate(options.data, options.others, card, progress, together, layers))


COMMANDS: dict[str, Command] = {"gate": (_gate_arguments, _gate)}
