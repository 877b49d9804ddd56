"""JSON that a person can read and a version control can compare: short values stay on one line."""

import json
from typing import Any

_WIDTH = 100


def json_text(value: Any) -> str:
    """JSON with two spaces a level; what fits on one line is on one line."""
    return f"{_text(value, 0, 0)}\n"


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
