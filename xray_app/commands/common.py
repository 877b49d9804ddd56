"""What several commands share: arguments, reading and writing, printing."""

import argparse
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from xray_app.core import Radiograph, UnreadableFile, first_line, write_atomically
from xray_app.engines import Engine, default_model, open_engine
from xray_app.readers import ReadOptions, read_isolated, read_radiograph
from xray_app.samples import read_sample

Command = tuple[Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], None]]

SAMPLE_PREFIX = "sample:"


def model_argument(parser: argparse.ArgumentParser) -> None:
    """Add --model."""
    parser.add_argument("--model", metavar="M", help="model name (default: the first installed)")


def scheme_argument(parser: argparse.ArgumentParser) -> None:
    """Add --scheme."""
    parser.add_argument("--scheme", metavar="S", help="scheme (default: the model's own)")


def data_arguments(parser: argparse.ArgumentParser) -> None:
    """Add labelled images and --model."""
    parser.add_argument("data", metavar="DATA", type=Path, help="folder or zip: split/CLASS/file")
    model_argument(parser)


def json_argument(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def open_model(model: str | None, *, one_core: bool = False) -> closing[Engine]:
    """Load a model, by default the first installed; close it when done."""
    return closing(open_engine(model or default_model(), one_core=one_core))


def read_file(file: str, options: ReadOptions | None = None) -> Radiograph:
    """Read a radiograph, in another process, or a sample.

    Raises:
        InputError: the file can't be read.
    """
    if file.startswith(SAMPLE_PREFIX):
        name = file.removeprefix(SAMPLE_PREFIX)
        return read_radiograph(read_sample(name), name)
    path = Path(file)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"Can't read {file}: {first_line(error)}.") from error
    return read_isolated(data, path.name, options or ReadOptions())


def write_file(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all.

    Raises:
        InputError: the system refuses.
    """
    write_atomically(path, lambda place: place.write_bytes(data))


def print_json(value: Any) -> None:
    """Print plain values as JSON; figures that are not finite are an error."""
    print(json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False))
