"""evaluate, calibrate and measure: what is known of a model, from labelled images."""

import argparse
import sys
from contextlib import closing
from pathlib import Path

from xray_app.commands.common import (
    Command,
    any_model_arguments,
    data_arguments,
    installed_model,
    json_argument,
    names_in,
    open_model,
    print_json,
    refuse_replacing,
    scheme_argument,
    write_file,
)
from xray_app.core import TerminalProgress
from xray_app.engines import open_engine
from xray_app.evaluation import (
    PREVALENCES,
    VALIDATION,
    calibrate,
    evaluate,
    evaluation_text,
    measure,
    record_markdown,
    require_validation,
    write_measured,
)


def _evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    data_arguments(parser)
    any_model_arguments(parser, adds_model=False)
    parser.add_argument("--split", default="test", metavar="SPLIT", help="split [test]")
    scheme_argument(parser)
    parser.add_argument(
        "--prevalence",
        type=float,
        nargs="+",
        default=list(PREVALENCES),
        metavar="P",
        help="fractions of diseased patients, for PPV and NPV",
    )
    json_argument(parser)


def _calibrate_arguments(parser: argparse.ArgumentParser) -> None:
    data_arguments(parser)
    parser.add_argument("--split", default=VALIDATION, metavar="SPLIT", help="only val is accepted")
    json_argument(parser)


def _measure_arguments(parser: argparse.ArgumentParser) -> None:
    data_arguments(parser)
    parser.add_argument("--full-size", type=Path, metavar="DIR", help="radiographs at full size")
    parser.add_argument("--adults", type=Path, metavar="ADULTS", help="data with no_finding/")
    parser.add_argument(
        "--inside", type=Path, metavar="OWN", help="data with test/ held back of its own source"
    )
    parser.add_argument(
        "--schemes", type=names_in, default=(), metavar="A,B", help="feed test/ as these, too"
    )
    parser.add_argument("--document", type=Path, metavar="OUT.md", help="write a document as well")


def _evaluate(options: argparse.Namespace) -> None:
    """Measure a model on labelled radiographs, with intervals."""
    with open_model(options) as engine:
        evaluation = evaluate(
            engine,
            options.data,
            options.split,
            options.scheme,
            prevalences=options.prevalence,
            progress=TerminalProgress(sys.stderr),
        )
        card = engine.card
    if options.json:
        print_json(evaluation.model_dump(mode="json"))
    else:
        print(evaluation_text(evaluation, card))


def _calibrate(options: argparse.Namespace) -> None:
    """Fit temperatures and threshold on validation images and write them into the card."""
    require_validation(options.split)
    name = installed_model(options)
    with closing(open_engine(name)) as engine:
        found = calibrate(engine, options.data, options.split, TerminalProgress(sys.stderr))
    write_measured(found.card.folder, found.card, None)
    if options.json:
        print_json(found.card.model_dump(mode="json", include={"calibration", "threshold"}))
    else:
        print(f"{found.card.calibration}; {found.card.threshold}")


def _measure(options: argparse.Namespace) -> None:
    """Measure all that the card and the page Model card say, and write it."""
    name = installed_model(options)
    if options.document:
        refuse_replacing(options.document, options.data)
    with closing(open_engine(name)) as engine:
        card, record = measure(
            engine,
            options.data,
            options.full_size,
            options.adults,
            options.inside,
            TerminalProgress(sys.stderr),
            options.schemes,
        )
    write_measured(card.folder, card, record)
    document = record_markdown(record, card)
    if options.document:
        write_file(options.document, document.encode())
    print(document, end="")


COMMANDS: dict[str, Command] = {
    "evaluate": (_evaluate_arguments, _evaluate),
    "calibrate": (_calibrate_arguments, _calibrate),
    "measure": (_measure_arguments, _measure),
}
