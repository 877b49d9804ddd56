"""gate: fit and report what tells whether a model knows an image at all."""

import argparse
import sys
from pathlib import Path

from xray_app.commands.common import Command, model_argument
from xray_app.core import TerminalProgress
from xray_app.engines import default_model, find_card


def _gate_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "data", type=Path, help="folder or zip: train/, val/, test/ of whom it knows"
    )
    parser.add_argument("adults", type=Path, help="folder or zip of adults' radiographs")
    model_argument(parser)


def _gate(options: argparse.Namespace) -> None:
    """Fit and report what tells whether a model knows an image at all."""
    from xray_app.evaluation.gate import run_gate

    card = find_card(options.model or default_model())
    progress = TerminalProgress(sys.stderr)
    print(run_gate(options.data, options.adults, card, progress))


COMMANDS: dict[str, Command] = {"gate": (_gate_arguments, _gate)}
