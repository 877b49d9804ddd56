"""batch: score many radiographs into one table."""

import argparse
import contextlib
import sys
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from xray_app.batch import (
    BatchOptions,
    Item,
    Job,
    Score,
    Scored,
    Summary,
    Wanted,
    check_scheme,
    run_batch,
    score_all,
)
from xray_app.commands.common import (
    Command,
    any_model_arguments,
    installed_model,
    json_argument,
    open_model,
    print_json,
    refuse_replacing,
    scheme_argument,
)
from xray_app.core import InputError, TerminalProgress, XrayAppError, processors
from xray_app.core.normalization import parse_scheme
from xray_app.core.text import DISCLAIMER, figure_text
from xray_app.engines import Engine, find_card


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "input",
        nargs="+",
        help="file, folder, .zip, DICOMDIR, an address such as s3://..., or dicomweb://?FILTER",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="TABLE", help="ends in .parquet or .csv"
    )
    scheme_argument(parser)
    any_model_arguments(parser)
    parser.add_argument("--saliency", type=Path, metavar="DIR", help="write overlays, named by id")
    parser.add_argument(
        "--workers",
        type=int,
        default=0,
        metavar="N",
        help="decoding processes, or actors (default: chosen)",
    )
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted run")
    parser.add_argument("--engine", choices=("local", "ray"), default="local", help="where it runs")
    parser.add_argument("--address", metavar="A", help="of a Ray cluster (default: start one here)")
    json_argument(parser)


def _batch(options: argparse.Namespace) -> None:
    """Score many radiographs into one table; a stopped run goes on."""
    if options.address is not None and options.engine != "ray":
        raise InputError(
            "Expected --engine ray beside --address, which names a Ray cluster. Add it, or leave "
            "--address out."
        )
    refuse_replacing(options.out, *options.input)
    show = TerminalProgress(sys.stderr)
    try:
        with contextlib.ExitStack() as stack:
            engine = None
            if options.engine == "local":
                engine = stack.enter_context(open_model(options, one_core=True))
            card = engine.card if engine else find_card(installed_model(options))
            scheme = parse_scheme(options.scheme or card.contract.scheme).name
            check_scheme(card, scheme)
            job = Job(tuple(options.input), options.out, scheme, options.saliency, options.resume)
            chosen = BatchOptions(scheme, options.workers, saliency=options.saliency is not None)
            if engine is None:
                score = _ray_score(card.name, chosen, options.address)
            else:
                score = _local_score(engine, replace(chosen, passes=processors()))
            summary = run_batch(card, job, score, show)
    except KeyboardInterrupt as error:
        raise XrayAppError("Stopped. The same command with --resume goes on.") from error
    finally:
        show.end()
    if options.json:
        print_json(summary.to_dict())
    else:
        print(_describe(summary))


def _local_score(engine: Engine, chosen: BatchOptions) -> Score:
    return lambda items: score_all(engine, items, chosen)


def _ray_score(model: str, chosen: BatchOptions, address: str | None) -> Score:
    from xray_app.batch import score_on_ray

    def score(items: Iterator[Item | Wanted]) -> Generator[Scored]:
        # Ray prints what befalls its workers; standard output is for the result alone.
        with contextlib.redirect_stdout(sys.stderr):
            yield from score_on_ray(model, items, chosen, address)

    return score


def _describe(summary: Summary) -> str:
    def counted(counts: Mapping[str, int]) -> str:
        return ", ".join(f"{name} {number}" for name, number in counts.items()) or "none"

    resumed = f", {summary.resumed} of them from before" if summary.resumed else ""
    left_out = f"; {summary.left_out} hidden or own files left out" if summary.left_out else ""
    return "\n".join(
        [
            f"{summary.table}: {summary.rows} rows{resumed}; {summary.errors} with an error"
            + left_out,
            *summary.notices,
            f"Gate: {counted(summary.gate)}",
            f"Scheme against training: {counted(summary.contract)}",
            f"Predicted: {counted(summary.predicted)}",
            f"{figure_text(summary.rate, '.1f')} rows a second, {summary.seconds:.1f} s",
            DISCLAIMER,
        ]
    )


COMMANDS: dict[str, Command] = {"batch": (_arguments, _batch)}
