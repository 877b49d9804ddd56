"""What several commands share: arguments, reading and writing, printing."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from xray_app.cards import FAITHFULNESS_FILE, ModelCard, read_faithfulness
from xray_app.core import InputError, Radiograph, read_bytes, write_atomically
from xray_app.core.images import FITS
from xray_app.engines import Engine, default_model, find_card, open_engine
from xray_app.inspection import MODEL_SUFFIXES, Use, is_model_file, open_file
from xray_app.readers import ReadOptions, read_isolated, read_radiograph
from xray_app.samples import read_sample

Command = tuple[Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], None]]

SAMPLE_PREFIX = "sample:"
OWN_MODEL_OPTIONS = "trained", "classes", "side", "trained_fit"


def model_argument(parser: argparse.ArgumentParser) -> None:
    """Add --model."""
    parser.add_argument(
        "--model", metavar="M", help="an installed model's name (default: the first)"
    )


def any_model_arguments(parser: argparse.ArgumentParser, *, adds_model: bool = True) -> None:
    """Add --model, which may be a file of one's own here, and what such a file doesn't tell."""
    if adds_model:
        parser.add_argument(
            "--model",
            metavar="M",
            help=f"an installed model's name (default: the first), or a file of your own: "
            f"{', '.join(MODEL_SUFFIXES)}",
        )
    own_model_arguments(parser.add_argument_group("what a file of your own doesn't tell"))


def own_model_arguments(group: argparse._ArgumentGroup, prefix: str = "") -> None:
    """Add what a file of one's own doesn't tell; ``prefix`` stands before the options' names."""
    dashed = f"--{prefix.replace('_', '-')}"
    group.add_argument(f"{dashed}trained", metavar="S", help="the scheme that it was trained with")
    group.add_argument(
        f"{dashed}classes", metavar="A,B", help="names of its outputs, in their order"
    )
    group.add_argument(
        f"{dashed}side", type=int, metavar="N",
        help="pixels of its square input, where any goes [224]",
    )  # fmt: skip
    group.add_argument(
        f"{dashed}trained-fit", metavar="F",
        help=f"how training fitted images: {', '.join(FITS)} [stretch]",
    )  # fmt: skip


def use_of(options: argparse.Namespace, *prefixes: str) -> Use:
    """What ``own_model_arguments`` added, as it was given; of prefixes the first goes first."""
    given = {name: _given(options, name, prefixes or ("",)) for name in OWN_MODEL_OPTIONS}
    labels = tuple(names_in(given["classes"] or ""))
    fit = given["trained_fit"] or "stretch"
    return Use(given["trained"], labels, given["side"], fit)


def _given(options: argparse.Namespace, name: str, prefixes: Sequence[str]) -> Any:
    values = (getattr(options, f"{prefix}{name}") for prefix in prefixes)
    return next((value for value in values if value is not None), None)


def refuse_own_model_options(options: argparse.Namespace, name: str, prefix: str = "") -> None:
    """Refuse what tells of a file where an installed model is named.

    Raises:
        InputError: such an option is given.
    """
    dashed = f"--{prefix.replace('_', '-')}"
    given = [o for o in OWN_MODEL_OPTIONS if getattr(options, f"{prefix}{o}", None) is not None]
    if given:
        named = ", ".join(f"{dashed}{option.replace('_', '-')}" for option in given)
        tells = "tells" if len(given) == 1 else "tell"
        after = dashed.removesuffix("-") if prefix else "--model"
        raise InputError(
            f"{named} {tells} what a file doesn't; expected a file after {after}, received {name}: "
            "leave it out, since an installed model's card tells it."
        )


def scheme_argument(parser: argparse.ArgumentParser) -> None:
    """Add --scheme."""
    parser.add_argument("--scheme", metavar="S", help="scheme (default: the model's own)")


def names_in(text: str) -> list[str]:
    """The names in ``A,B``."""
    return [name.strip() for name in text.split(",") if name.strip()]


def data_arguments(parser: argparse.ArgumentParser) -> None:
    """Add labelled images and --model."""
    parser.add_argument("data", metavar="DATA", type=Path, help="folder or zip: split/CLASS/file")
    model_argument(parser)


def json_argument(parser: argparse.ArgumentParser) -> None:
    """Add --json."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def installed_model(options: argparse.Namespace) -> str:
    """The name of --model, or of the first that is installed, for a command that needs its folder.

    Raises:
        InputError: it is a file, or an option tells what only a file doesn't.
        UnknownChoice: there is no such model.
    """
    name: str = options.model or default_model()
    if is_model_file(name):
        raise InputError(
            "Expected the name of an installed model, received a file: this command keeps what it "
            "makes beside the model's card. Put a folder with both into models/ first (inspect "
            "--write-card)."
        )
    refuse_own_model_options(options, name)
    return find_card(name).name


def open_model(options: argparse.Namespace, *, one_core: bool = False) -> closing[Engine]:
    """Load the model that --model names, or the file; close it when done.

    Raises:
        InputError: the file is not there, or doesn't tell all that is needed; or an option tells
            it of an installed model.
    """
    name = options.model or default_model()
    if not is_model_file(name):
        refuse_own_model_options(options, name)
        return closing(open_engine(name, one_core=one_core))
    return closing(open_file(Path(name), use_of(options)))


def read_file(
    file: str, options: ReadOptions | None = None, data: bytes | None = None
) -> Radiograph:
    """Read a radiograph, in another process, or a sample.

    Args:
        file: its path, or a sample's name.
        options: how it is read.
        data: the file's bytes, where they were read before.

    Raises:
        InputError: the file can't be read.
    """
    options = options or ReadOptions()
    if file.startswith(SAMPLE_PREFIX):
        name = file.removeprefix(SAMPLE_PREFIX)
        return read_radiograph(read_sample(name), name, options)
    path = Path(file)
    data = read_bytes(path, file) if data is None else data
    return read_isolated(data, path.name, options)


def write_file(path: Path, data: bytes) -> None:
    """Write a file, whole or not at all.

    Raises:
        InputError: the system refuses.
    """
    write_atomically(path, lambda place: place.write_bytes(data))


def refuse_replacing(out: Path, *read: Path | str | None) -> None:
    """Refuse to write where one of the files that are read is.

    Raises:
        InputError: ``out`` is one of them.
    """
    if any(file is not None and out.resolve() == Path(file).resolve() for file in read):
        raise InputError(
            f"Expected another file to write to than the one that is read, received {out} for "
            "both. Choose another name."
        )


def print_json(value: Any) -> None:
    """Print plain values as JSON; figures that are not finite are an error.

    Where the output can't carry a character it is written in JSON's own way, so that it stays JSON.
    """
    text = json.dumps(value, indent=2, allow_nan=False, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2, allow_nan=False)
    print(text)


def note_reservation(card: ModelCard, method: str, letter: str = "") -> None:
    """Say on standard error what speaks against an explanation that somebody chose.

    Args:
        card: of the model.
        method: the explanation.
        letter: which of two models it is; "" where there is one.

    Raises:
        UnknownChoice: there is no such explanation.
        CardError: the record of what was measured can't be read.
    """
    # Here, since not every command has a model.
    from xray_app.diagnosis import DEFAULT_EXPLANATION
    from xray_app.evaluation.faithfulness import reservation
    from xray_app.explain import find_explanation
    from xray_app.presentation import own_model_sentence

    find_explanation(method)
    before = f"Note on {letter}" if letter else "Note"
    if card.brought is not None:
        print(f"{before}: {own_model_sentence(card)}", file=sys.stderr)
        return
    if method == DEFAULT_EXPLANATION:
        return
    record = read_faithfulness(card.folder / FAITHFULNESS_FILE)
    note = reservation(record, method)
    if note:
        print(f"{before}: {note}", file=sys.stderr)
