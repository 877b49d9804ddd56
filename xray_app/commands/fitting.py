"""train, study and answer: fit models, and measure what normalization does to fitting."""

import argparse

from xray_app.commands.common import Command
from xray_app.study import find_study, read_study, study_markdown
from xray_app.training import (
    add_study_arguments,
    add_train_arguments,
    run_study_command,
    run_train_command,
)


def _train(options: argparse.Namespace) -> None:
    """Train a model under one scheme; a stopped run goes on where it was."""
    print(run_train_command(options))


def _study(options: argparse.Namespace) -> None:
    """Train under every scheme, then feed every model every scheme; a stopped study goes on."""
    print(run_study_command(options))


def _answer_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--study", metavar="NAME", help="a folder of models/study [the first]")


def _answer(options: argparse.Namespace) -> None:
    """Print what the study found, as Markdown."""
    print(study_markdown(read_study(find_study(options.study))), end="")


COMMANDS: dict[str, Command] = {
    "train": (add_train_arguments, _train),
    "study": (add_study_arguments, _study),
    "answer": (_answer_arguments, _answer),
}
