"""faithfulness: whether the heatmaps show what a model uses."""

import argparse
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from xray_app.cards import FAITHFULNESS_FILE
from xray_app.commands.common import Command, data_arguments, installed_model
from xray_app.core import InputError, TerminalProgress, models_directory, write_json
from xray_app.core.text import cells, plain_table
from xray_app.engines import open_engine
from xray_app.engines.keras import RandomizableEngine
from xray_app.evaluation.faithfulness import (
    blob_sentence,
    faithfulness_rows,
    faithfulness_to_dict,
    measure_faithfulness,
    measure_placement,
    measure_randomization,
    measure_stability,
)

# What costs a pass over the whole network for each scheme or shuffled part runs on fewer images.
_FEWER, _FEWER_SLOW = 5, 8


def _faithfulness_arguments(parser: argparse.ArgumentParser) -> None:
    data_arguments(parser)
    parser.add_argument("--images", type=int, default=100, metavar="N", help="test images [100]")
    parser.add_argument(
        "--slow-images", type=int, default=20, metavar="N", help="of them for slow methods [20]"
    )


def _faithfulness(options: argparse.Namespace) -> None:
    """Judge the explanations: deletion, insertion, shuffled weights, schemes, places."""
    if min(options.images, options.slow_images) < 1:
        raise InputError("Expected --images and --slow-images of at least 1.")
    name = installed_model(options)
    record = _measured(name, options.data, options.images, options.slow_images)
    write_json(models_directory() / name / FAITHFULNESS_FILE, record)
    print(plain_table(cells(faithfulness_rows(record))), end="\n\n")
    print(blob_sentence(record))


def _measured(name: str, data: Path, images: int, slow_images: int) -> dict[str, Any]:
    fewer = max(1, images // _FEWER), max(1, slow_images // _FEWER_SLOW)
    with closing(open_engine(name)) as engine:
        placement = measure_placement(engine, data, TerminalProgress(sys.stderr))
        results = measure_faithfulness(
            engine, data, images, slow_images, TerminalProgress(sys.stderr)
        )
        stable = measure_stability(engine, data, *fewer, TerminalProgress(sys.stderr))
    # A process of its own, whose weights are shuffled for good and which ends here.
    with closing(open_engine(name, reference=True)) as engine:
        steps = measure_randomization(
            cast(RandomizableEngine, engine), data, *fewer, TerminalProgress(sys.stderr)
        )
    command = (
        f"python -m xray_app faithfulness {data.name} --model {name} --images {images} "
        f"--slow-images {slow_images}"
    )
    return faithfulness_to_dict(results, steps, stable, placement, model=name, command=command)


COMMANDS: dict[str, Command] = {
    "faithfulness": (_faithfulness_arguments, _faithfulness),
}
