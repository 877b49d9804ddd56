"""evaluate, calibrate, measure and faithfulness: what is known of a model, from labelled images."""

import argparse

from xray_app.commands.common import Command, print_json
from xray_app.services.evaluation_commands import (
    add_calibrate_arguments,
    add_evaluate_arguments,
    add_measure_arguments,
    run_calibrate_command,
    run_evaluate_command,
    run_measure_command,
)
from xray_app.services.evaluation_text import evaluation_text, record_markdown
from xray_app.services.faithfulness_report import (
    add_faithfulness_arguments,
    faithfulness_markdown,
    run_faithfulness_command,
)


def _evaluate(options: argparse.Namespace) -> None:
    """Measure a model on labelled radiographs, with intervals."""
    evaluation, card = run_evaluate_command(options)
    if options.json:
        print_json(evaluation.model_dump(mode="json"))
    else:
        print(evaluation_text(evaluation, card))


def _calibrate(options: argparse.Namespace) -> None:
    """Fit temperatures and threshold on validation images and write them into the card."""
    found = run_calibrate_command(options)
    if options.json:
        print_json(found.card.model_dump(mode="json", include={"calibration", "threshold"}))
    else:
        print(f"{found.card.calibration}; {found.card.threshold}")


def _measure(options: argparse.Namespace) -> None:
    """Measure all that the card and the page Model card say, and write it."""
    card, record = run_measure_command(options)
    print(record_markdown(record, card), end="")


def _faithfulness(options: argparse.Namespace) -> None:
    """Judge the explanations by deletion, insertion and a shuffled head."""
    print(faithfulness_markdown(run_faithfulness_command(options)), end="")


COMMANDS: dict[str, Command] = {
    "evaluate": (add_evaluate_arguments, _evaluate),
    "calibrate": (add_calibrate_arguments, _calibrate),
    "measure": (add_measure_arguments, _measure),
    "faithfulness": (add_faithfulness_arguments, _faithfulness),
}
