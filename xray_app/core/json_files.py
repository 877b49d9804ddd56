"""JSON files: read and checked, and what is wrong is one sentence; as text that people can read."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from xray_app.core.errors import CardError, XrayAppError, first_line
from xray_app.core.files import write_text

if TYPE_CHECKING:  # training writes files, and may run where pydantic is not installed
    from pydantic import ValidationError

Record = TypeVar("Record")

_WIDTH = 100
_SHOWN = 3  # wrong fields that a sentence names


def write_json(path: Path, content: object, *, compact: bool = False) -> None:
    """Write JSON atomically, as ``json_text`` gives it or ``compact`` on one line.

    Raises:
        InputError: as ``write_atomically``.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_json(Path(folder, "model.json"), {"classes": 3}, compact=True)
    ...     read_json(Path(folder, "model.json"), what="record")
    {'classes': 3}
    """
    line = json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n" if compact else None
    write_text(path, line or json_text(content))


def read_json(path: Path, *, what: str, error: type[XrayAppError] = CardError) -> Any:
    """Decode a JSON file, for who changes it; ``what`` and ``error`` are as in ``read_record``.

    Raises:
        error: it can't be read, or is not JSON.

    >>> read_json(Path("missing.json"), what="record")
    Traceback (most recent call last):
    xray_app.core.errors.CardError: Can't read record missing.json: No such file or directory.
    """
    try:
        return json.loads(_bytes(path, what, error))
    except (ValueError, RecursionError) as reason:
        raise error(f"{_named(what, path)} is not JSON: {first_line(reason)}.") from reason


def read_record(
    path: Path,
    kind: type[Record],
    *,
    what: str,
    advice: str = "",
    error: type[XrayAppError] = CardError,
) -> Record:
    """Read a JSON file and check every field.

    Args:
        path: the file.
        kind: a pydantic model or a dataclass.
        what: the file is, such as "model card"; begins the sentence if something is wrong.
        advice: ends the sentence about what the file holds, such as "run this command".
        error: the class of the exception.

    Raises:
        error: the file can't be read, is not JSON, or a field is missing or wrong; it is named.

    >>> from dataclasses import make_dataclass
    >>> from tempfile import TemporaryDirectory
    >>> Size = make_dataclass("Size", [("height", int)])
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "size.json")
    ...     write_json(path, {"height": 380})
    ...     print(read_record(path, Size, what="size"))
    ...     write_json(path, {"height": "tall"})
    ...     read_record(path, Size, what="size", advice="measure again")
    Traceback (most recent call last):
    xray_app.core.errors.CardError: Size size.json is wrong in field height: Input should be a \
valid integer, unable to parse string as an integer, received 'tall'; measure again.
    """
    from pydantic import TypeAdapter, ValidationError

    content = _bytes(path, what, error)
    try:
        return TypeAdapter(kind).validate_json(content)
    except ValidationError as reason:
        first = reason.errors()[0]
        wrong = f"wrong in {wrong_fields(reason)}"
        if first["type"] == "json_invalid":
            wrong = f"not JSON: {first['ctx']['error']}"
        end = f"; {advice}." if advice else "."
        raise error(f"{_named(what, path)} is {wrong}{end}") from reason


def wrong_fields(error: "ValidationError") -> str:
    """Wrong fields, the first three of many, each with what was expected there and what came.

    >>> from pydantic import TypeAdapter, ValidationError
    >>> try:
    ...     TypeAdapter(list[bool]).validate_python(["yes", "perhaps"])
    ... except ValidationError as error:
    ...     print(wrong_fields(error))
    field 1: Input should be a valid boolean, unable to interpret input, received 'perhaps'
    """
    shown = [
        f"field {'.'.join(map(str, e['loc'])) or '(top)'}: {e['msg']}, "
        f"received {_shortened(e['input'])}"
        for e in error.errors()[:_SHOWN]
    ]
    more = error.error_count() - len(shown)
    return "; ".join([*shown, *([f"and {more} more"] if more else [])])


def json_text(value: Any) -> str:
    """JSON that a person can read and a version control can compare.

    Two spaces a level; what fits on one line is on one line.

    >>> print(json_text({"name": "a model", "limits": [0.25, 0.75], "about": "x" * 70}), end="")
    {
      "name": "a model",
      "limits": [0.25, 0.75],
      "about": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    }
    """
    return f"{_text(value, 0, 0)}\n"


def _bytes(path: Path, what: str, error: type[XrayAppError]) -> bytes:
    try:
        return path.read_bytes()
    except OSError as reason:
        raise error(f"Can't read {what} {path.name}: {first_line(reason)}.") from reason


def _named(what: str, path: Path) -> str:
    return f"{what[0].upper()}{what[1:]} {path.name}"


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _text(value: Any, indent: int, key: int) -> str:
    """The value's text; ``key`` is the length of what stands before it on its line."""
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if not isinstance(value, dict | list) or indent + key + len(line) < _WIDTH:
        return line
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        names = [f"{json.dumps(name, ensure_ascii=False)}: " for name in value]
        rows = [
            name + _text(item, indent + 2, len(name))
            for name, item in zip(names, value.values(), strict=True)
        ]
        opening, closing = "{", "}"
    else:
        rows = [_text(item, indent + 2, 0) for item in value]
        opening, closing = "[", "]"
    body = ",\n".join(inner + row for row in rows)
    return f"{opening}\n{body}\n{' ' * indent}{closing}"
