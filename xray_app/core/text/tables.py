"""Tables as text: Markdown for documents, aligned columns for a terminal.

A table is a list of lines of cells; the first line holds the heads of the columns.
"""

from collections.abc import Iterable, Sequence

Lines = Iterable[Sequence[str]]
Rows = list[dict[str, str]]  # a column's head to its cell; all rows have the same columns


def markdown_table(lines: Lines) -> str:
    """Write a table in Markdown.

    >>> print(markdown_table([("scheme", "AUC"), ("raw", "0.99"), ("rescale", "0.65")]))
    | scheme | AUC |
    | --- | --- |
    | raw | 0.99 |
    | rescale | 0.65 |
    """
    heads, *rows = lines
    return "\n".join(f"| {' | '.join(line)} |" for line in (heads, ["---"] * len(heads), *rows))


def plain_table(lines: Lines) -> str:
    """Write a table in columns, two spaces apart.

    >>> print(plain_table([("scheme", "AUC"), ("raw", "0.99")]))
    scheme  AUC
    raw     0.99
    """
    rows = list(lines)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def cells(rows: Rows) -> list[list[str]]:
    """Turn rows into lines, the heads first.

    >>> cells([{"scheme": "raw", "AUC": "0.99"}])
    [['scheme', 'AUC'], ['raw', '0.99']]
    """
    return [list(rows[0]), *(list(row.values()) for row in rows)] if rows else [[]]
