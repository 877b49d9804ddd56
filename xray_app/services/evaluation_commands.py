"""The commands ``evaluate``, ``calibrate`` and ``measure`` for argparse."""

import argparse
import sys
from contextlib import closing
from pathlib import Path

from xray_app.core.card import ModelCard
from xray_app.core.errors import InputError
from xray_app.core.evaluation import Evaluation, ModelEvaluation
from xray_app.engines.catalogue import find_card, list_models, models_directory, open_engine
from xray_app.services.calibrating import (
    VALIDATION,
    CalibrationResult,
    calibrate,
    require_validation,
)
from xray_app.services.evaluation import PREVALENCES, evaluate
from xray_app.services.evaluation_text import record_markdown
from xray_app.services.measuring import measure, write_measured


def add_evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``evaluate``."""
    _add_common(parser)
    parser.add_argument("--split", default="test", metavar="SPLIT", help="split [test]")
    parser.add_argument("--scheme", metavar="S", help="scheme (default: the model's own)")
    parser.add_argument(
        "--prevalence",
        type=float,
        nargs="+",
        default=list(PREVALENCES),
        metavar="P",
        help="shares of ill persons, for PPV and NPV",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_calibrate_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``calibrate``."""
    _add_common(parser)
    parser.add_argument("--split", default=VALIDATION, metavar="SPLIT", help="only val is accepted")
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_measure_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``measure``."""
    _add_common(parser)
    parser.add_argument("--full-size", type=Path, metavar="DIR", help="radiographs at full size")
    parser.add_argument("--adults", type=Path, metavar="ADULTS", help="data with no_finding/")
    parser.add_argument("--document", type=Path, metavar="OUT.md", help="write a document as well")


def run_evaluate_command(options: argparse.Namespace) -> tuple[Evaluation, ModelCard]:
    """Evaluate as the parsed options say; progress goes to standard error.

    Raises:
        XrayAppError: as ``evaluate``.
    """
    with closing(open_engine(_model(options))) as engine:
        found = evaluate(
            engine,
            options.data,
            options.split,
            options.scheme,
            prevalences=options.prevalence,
            progress=terminal_progress,
        )
        return found, engine.card


def run_calibrate_command(options: argparse.Namespace) -> CalibrationResult:
    """Calibrate as the parsed options say and write the card; progress goes to standard error.

    Raises:
        XrayAppError: as ``calibrate``.
    """
    require_validation(options.split)
    name = _model(options)
    with closing(open_engine(name)) as engine:
        found = calibrate(engine, options.data, options.split, terminal_progress)
    write_measured(models_directory() / name, found.card, None)
    return found


def run_measure_command(options: argparse.Namespace) -> tuple[ModelCard, ModelEvaluation]:
    """Measure and write card, record and document; progress goes to standard error.

    Raises:
        XrayAppError: as ``measure``.
    """
    name = _model(options)
    with closing(open_engine(name)) as engine:
        card, record = measure(
            engine, options.data, options.full_size, options.adults, terminal_progress
        )
    write_measured(models_directory() / name, card, record)
    if options.document:
        write_document(options.document, card, record)
    return card, record


def write_document(path: Path, card: ModelCard, record: ModelEvaluation) -> None:
    """Write the Markdown document on what was measured.

    Raises:
        InputError: it can't be written.
    """
    try:
        path.write_text(record_markdown(record, card), encoding="utf-8")
    except OSError as error:
        raise InputError(f"Can't write {path.name}: {error.strerror}.") from error


def terminal_progress(what: str, done: int, total: int) -> None:
    """Show on standard error what is being done."""
    end = "\n" if done >= total else ""
    sys.stderr.write(f"\r{what}: {done}/{total}\x1b[K{end}")
    sys.stderr.flush()


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", metavar="DATA", type=Path, help="folder or zip: split/CLASS/file")
    parser.add_argument("--model", metavar="M", help="model name (default: the first installed)")


def _model(options: argparse.Namespace) -> str:
    name: str = options.model or list_models()[0]
    return find_card(name).name
