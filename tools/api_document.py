"""docs/api.md, from the docstrings of what ``import xray_app as xa`` offers."""

import inspect
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import xray_app as xa
from xray_app.library.result import Result

_HEAD = """# The library

    {command}

writes this page from the docstrings; a test compares it. `import xray_app as xa` takes less than
0.1 s (a test measures it) and loads no runtime; each part is loaded when it is used. A notebook
that uses most of it: [notebook.ipynb](notebook.ipynb). Research and teaching only, no medical
device.

Every result is frozen. Its `repr` is its text; notebooks show it as HTML in their own colours,
light or dark; `to_dict()` gives plain values for JSON, the same that the command line prints;
`figure()` a Plotly figure. What a person can mend is an exception of one sentence, an
`xray_app.core.XrayAppError`.
"""
_SECTIONS = ("Args", "Attributes", "Returns", "Raises")
_WIDTH = 80
# What numpy makes of its types for arrays of any shape.
_ARRAY = re.compile(r"numpy\.ndarray\[tuple\[Any, \.\.\.\], numpy\.dtype\[(?:numpy\.)?(\w+)\]\]")
_OF_EVERY_RESULT = {"text", "to_dict", "figure"}
_FUNCTIONS_FIRST = ("read", "normalize", "open_model", "describe_pipeline", "compare_pipelines")


def api_document(command: str) -> str:
    """The page as Markdown; ``command`` is what writes it."""
    classes = [name for name in xa.__all__ if inspect.isclass(getattr(xa, name))]
    parts = [_HEAD.format(command=command), "## Functions\n"]
    parts += [_function(f"xa.{name}", getattr(xa, name), 3) for name in _FUNCTIONS_FIRST]
    parts.append("## Results and models\n")
    parts += [_class(name) for name in classes]
    parts.append("## For tests: `xa.testing`\n")
    parts += [
        _function(f"xa.testing.{name}", getattr(xa.testing, name), 3) for name in xa.testing.__all__
    ]
    return "\n".join(parts).rstrip() + "\n"


def _function(name: str, function: Any, level: int) -> str:
    head = f"{'#' * level} `{name}`\n\n```python\n{name}{_signature(function)}\n```\n\n"
    return head + _text(function)


def _signature(function: Any) -> str:
    """As written, without the modules' names that a reader does not need."""
    found = inspect.signature(function)
    parts: list[str] = []
    for parameter in found.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in parts:
            parts.append("*")
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        parts.append(f"{parameter.name}: {_annotation(parameter.annotation)}{default}")
    returns = f" -> {_annotation(found.return_annotation)}"
    line = f"({', '.join(parts)}){returns}"
    if len(line) <= _WIDTH:
        return line
    return "(\n" + "".join(f"    {part},\n" for part in parts) + f"){returns}"


def _annotation(annotation: Any) -> str:
    said = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    bare = re.sub(r"\b(?:[a-z_]\w*\.)+(?=[A-Z])", "", said).replace("PlainRadiograph", "Radiograph")
    return _ARRAY.sub(lambda m: "ndarray" if m[1] == "Any" else f"ndarray[{m[1]}]", bare)


def _class(name: str) -> str:
    kind = getattr(xa, name)
    parts = [f"### `xa.{name}`\n", _text(kind)]
    members = [
        (member, value)
        for member, value in vars(kind).items()
        if not member.startswith("_") and member not in _OF_EVERY_RESULT
    ]
    for member, value in members:
        if isinstance(value, property | cached_property):
            getter = value.fget if isinstance(value, property) else value.func
            parts.append(f"* `.{member}`: {_first_line(getter)}")
    if parts[-1].startswith("*"):
        parts.append("")
    for member, value in members:
        if inspect.isfunction(value):
            parts.append(_function(f"{name}.{member}", value, 4))
    figure = getattr(kind, "figure", None)
    if issubclass(kind, Result) and figure is not None:
        parts.append(f"* `.figure()`: {_first_line(figure)}\n")
    return "\n".join(parts)


def _first_line(documented: Any) -> str:
    return (inspect.getdoc(documented) or "").split("\n\n")[0].replace("\n", " ")


def _text(documented: Any) -> str:
    """A docstring as Markdown: sections as lists, examples as code."""
    lines = (inspect.getdoc(documented) or "").splitlines()
    return "\n".join(_markdown(lines)) + "\n"


def _markdown(lines: list[str]) -> Iterator[str]:
    is_example = False
    for line in lines:
        if line.startswith(">>>") and not is_example:
            yield "```python"
            is_example = True
        if is_example and not line.strip():
            yield "```"
            is_example = False
        if line.rstrip(":") in _SECTIONS and line.endswith(":"):
            yield f"{line[:-1]}:\n"
        elif not is_example and line.startswith("    ") and not line.startswith("     "):
            yield f"* {_named(line.strip())}"
        elif not is_example and line.startswith("     "):
            yield f"  {line.strip()}"
        else:
            yield line if is_example else line.replace("``", "`")
    if is_example:
        yield "```"


def _named(item: str) -> str:
    """The name in front of a colon as code."""
    name, colon, rest = item.partition(": ")
    is_name = bool(colon) and re.fullmatch(r"[\w, ]+", name) is not None
    text = f"`{name}`: {rest}" if is_name else item
    return text.replace("``", "`")
