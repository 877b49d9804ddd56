"""Writing the finished table, a few thousand rows at a time: Parquet or CSV by its name."""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import IO

from xray_app.batch.rows import FORMULA, Row, Value, arrow_schema, columns, values
from xray_app.cards import ModelCard
from xray_app.core import UnknownChoice, UnreadableFile, XrayAppError, write_atomically
from xray_app.core.text import DISCLAIMER

_GROUP = 10_000  # rows that are in memory at a time

Rows = Iterable[Sequence[Value]]


def check_table(path: Path) -> None:
    """Check, before hours of work, that the table can be written.

    Raises:
        UnknownChoice: its name ends in neither of the two.
        UnreadableFile: its folder isn't there.
        XrayAppError: Parquet needs a package that isn't installed.
    """
    if path.suffix.lower() not in _WRITERS:
        raise UnknownChoice(
            f"Expected a table whose name ends in {' or '.join(_WRITERS)}, received {path.name}."
        )
    if not path.parent.is_dir():
        raise UnreadableFile(f"Can't write {path}: there is no such folder. Make it first.")
    if path.suffix.lower() == ".parquet":
        try:
            import pyarrow.parquet  # noqa: F401 - asked for now, not after hours of work
        except ImportError as error:
            raise XrayAppError(
                "Writing Parquet needs the package pyarrow; install it, or write CSV."
            ) from error


def write_table(path: Path, rows: Rows, card: ModelCard, scheme: str) -> None:
    """Write the table beside its place, then move it there, so that it is whole or not there.

    Args:
        path: ends in ``.parquet`` or ``.csv``.
        rows: values in the order of ``rows.columns``; the same rows give the same bytes.
        card: the model's.
        scheme: goes into a Parquet file's metadata, with what the card says of the weights.

    Raises:
        UnknownChoice: the name ends in neither.
        InputError: the system refuses.
    """
    check_table(path)

    def write(place: Path) -> None:
        with place.open("wb") as file:
            _WRITERS[path.suffix.lower()](file, rows, card, scheme)

    write_atomically(path, write)


def table_bytes(kind: str, rows: Iterable[Row], card: ModelCard, scheme: str) -> bytes:
    """The same in memory, for a page that must not write to the disk; ``kind`` is the ending."""
    out = io.BytesIO()
    _WRITERS[kind](out, (values(row, card.class_names) for row in rows), card, scheme)
    return out.getvalue()


def _write_parquet(file: IO[bytes], rows: Rows, card: ModelCard, scheme: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    about = {"model": card.name, "weights": card.weights.sha256, "scheme": scheme}
    schema = arrow_schema(card.class_names, about | {"about": DISCLAIMER})
    left = iter(rows)
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        while group := list(islice(left, _GROUP)):
            arrays = [
                pa.array(column, type_.type)
                for column, type_ in zip(zip(*group, strict=True), schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _write_csv(file: IO[bytes], rows: Rows, card: ModelCard, _scheme: str) -> None:
    writer = csv.writer(codecs.getwriter("utf-8")(file), lineterminator="\n")
    writer.writerow(column.name for column in columns(card.class_names))
    writer.writerows([_guarded(value) for value in row] for row in rows)


def _guarded(value: Value) -> Value:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front (OWASP)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(tuple(FORMULA)) else value


_WRITERS: dict[str, Callable[[IO[bytes], Rows, ModelCard, str], None]] = {
    ".parquet": _write_parquet,
    ".csv": _write_csv,
}
