"""Writing the finished table, a few thousand rows at a time: Parquet or CSV by its name."""

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from xray_app.batch.rows import Value, arrow_schema, columns
from xray_app.core.errors import UnknownChoice, UnreadableFile, XrayAppError

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
            import pyarrow.parquet  # noqa: F401
        except ImportError as error:
            raise XrayAppError(
                "Writing Parquet needs the package pyarrow; install it, or write CSV."
            ) from error


def write_table(
    path: Path, rows: Rows, classes: Sequence[str], about: Mapping[str, str] | None = None
) -> None:
    """Write the table beside its place, then move it there, so that it is whole or not there.

    Args:
        path: ends in ``.parquet`` or ``.csv``.
        rows: values in the order of ``rows.columns``; the same rows give the same bytes.
        classes: the model's.
        about: goes into a Parquet file's metadata.

    Raises:
        UnknownChoice: the name ends in neither.
        UnreadableFile: the system refuses.
    """
    check_table(path)
    unfinished = path.with_name(path.name + ".tmp")
    try:
        _WRITERS[path.suffix.lower()](unfinished, rows, classes, about or {})
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        unfinished.replace(path)
    except OSError as error:
        raise UnreadableFile(f"Can't write {path}: {error.strerror or error}.") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _write_parquet(
    path: Path, rows: Rows, classes: Sequence[str], about: Mapping[str, str]
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = arrow_schema(classes, about)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in _groups(rows):
            arrays = [
                pa.array(column, type_.type)
                for column, type_ in zip(zip(*group, strict=True), schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _write_csv(path: Path, rows: Rows, classes: Sequence[str], _about: Mapping[str, str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(column.name for column in columns(classes))
        writer.writerows(rows)


def _groups(rows: Rows) -> Iterator[list[Sequence[Value]]]:
    iterator = iter(rows)
    while group := list(islice(iterator, _GROUP)):
        yield group


_WRITERS: dict[str, Callable[[Path, Rows, Sequence[str], Mapping[str, str]], None]] = {
    ".parquet": _write_parquet,
    ".csv": _write_csv,
}
