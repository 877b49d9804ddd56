"""The finished table in memory, for a page that must not write to the disk."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from xray_app.batch.rows import Row, arrow_schema, columns, values


def csv_bytes(rows: Iterable[Row], classes: Sequence[str]) -> bytes:
    """The rows as a CSV file in UTF-8, with the columns of ``rows.columns``."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(column.name for column in columns(classes))
    writer.writerows(values(row, classes) for row in rows)
    return out.getvalue().encode("utf-8")


def parquet_bytes(
    rows: Iterable[Row], classes: Sequence[str], about: Mapping[str, str] | None = None
) -> bytes:
    """The rows as a Parquet file, with the columns of ``rows.columns``.

    Args:
        rows: any number.
        classes: the model's.
        about: goes into the file's metadata.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = arrow_schema(classes, about)
    table = [values(row, classes) for row in rows]
    by_column = zip(*table, strict=True) if table else [[] for _ in schema]
    arrays = [pa.array(list(c), f.type) for c, f in zip(by_column, schema, strict=True)]
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), out, compression="zstd")
    return out.getvalue()
