"""Fields of a JSON file that a stranger brought: each is checked, a wrong one is one sentence."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NoReturn

from xray_app.core import FileTooLarge, InputError, UnreadableFile, first_line

MOST_BYTES = 4_000_000  # a timm config with 21,000 labels has 1.5 MB
MOST_PIXELS = 8192
_DEEPEST = 64
_SHOWN = 60
_LARGEST, _SMALLEST = 1e6, 1e-6  # of values that anything is scaled by


def decoded(data: bytes, name: str) -> dict[str, Any]:
    """The object in a JSON file.

    Args:
        data: the file's content.
        name: what the file is called in messages.

    Raises:
        FileTooLarge: it has more than ``MOST_BYTES``.
        UnreadableFile: it is no JSON object, holds NaN or infinity, or is nested too deep.

    >>> decoded(b'{"size": 224}', "a.json")
    {'size': 224}
    """
    if len(data) > MOST_BYTES:
        raise FileTooLarge(
            f"Expected a declaration of at most {MOST_BYTES // 1_000_000} MB, {name} has "
            f"{len(data) / 1e6:.1f} MB; give the file that describes preprocessing."
        )
    try:
        content = json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
        json.dumps(content, ensure_ascii=False).encode()  # half a character can't be shown
    except RecursionError as error:
        raise UnreadableFile(f"{name} is nested too deep to be a declaration.") from error
    except ValueError as error:
        raise UnreadableFile(f"{name} is not JSON: {first_line(error)}.") from error
    if not isinstance(content, dict):
        raise UnreadableFile(
            f"Expected a JSON object with fields in {name}, received {shown(content)}."
        )
    if _depth(content) > _DEEPEST:
        raise UnreadableFile(f"{name} is nested too deep to be a declaration.")
    return content


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def _depth(content: Any) -> int:
    """Levels of a decoded value; counted without recursion, since a file may have thousands."""
    level, deepest = [content], 0
    while level and deepest <= _DEEPEST:
        deepest += 1
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
    return deepest


def shown(value: object) -> str:
    """A value as it stands in a message, cut short."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more than 4,300 digits
        text = "a number of thousands of digits"
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of one object in a file.

    Attributes:
        content: what was decoded.
        name: what the file is called in messages.
        path: where the object lies in the file, such as "pretrained_cfg."; "" at the top.
    """

    content: dict[str, Any]
    name: str
    path: str = ""

    def __contains__(self, field: str) -> bool:
        """Whether a field is there and not null."""
        return self.content.get(field) is not None

    def wrong(self, field: str, expected: str) -> InputError:
        """The error that says what was expected of a field, and what came."""
        received = shown(self.content.get(field))
        return InputError(
            f"{self.name}: expected {expected} in field {self.path}{field}, received {received}."
        )

    def within(self, field: str) -> "Fields":
        """The object in a field."""
        value = self.content.get(field)
        if not isinstance(value, dict):
            raise self.wrong(field, "an object")
        return Fields(value, self.name, f"{self.path}{field}.")

    def flag(self, field: str, default: bool) -> bool:
        """True or false."""
        if field not in self:
            return default
        value = self.content[field]
        if not isinstance(value, bool):
            raise self.wrong(field, "true or false")
        return value

    def word(self, field: str, default: str, known: Iterable[str] = ()) -> str:
        """A string, of ``known`` where that is given."""
        if field not in self:
            return default
        value, names = self.content[field], sorted(known)
        if not isinstance(value, str) or (names and value not in names):
            expected = f"one of {', '.join(names)}" if names else "a name"
            raise self.wrong(field, expected)
        return value

    def number(self, field: str, default: float, low: float, high: float) -> float:
        """A finite number from ``low`` to ``high``."""
        if field not in self:
            return default
        value = as_number(self.content[field])
        if value is None or not low <= value <= high:
            raise self.wrong(field, f"a number from {low:g} to {high:g}")
        return value

    def pixels(self, field: str) -> int:
        """A whole number of pixels."""
        value = as_pixels(self.content.get(field))
        if value is None:
            raise self.wrong(field, f"a whole number of pixels from 1 to {MOST_PIXELS}")
        return value

    def channels(self, field: str, default: tuple[float, ...]) -> tuple[float, ...]:
        """One number, or one a channel: 1 or 3."""
        if field not in self:
            return default
        value = self.content[field]
        values = [as_number(each) for each in (value if isinstance(value, list) else [value])]
        numbers = tuple(each for each in values if each is not None and abs(each) <= _LARGEST)
        if len(values) not in (1, 3) or len(numbers) != len(values):
            raise self.wrong(field, "one finite number, or one for each of 3 channels,")
        return numbers

    def deviations(self, field: str, default: tuple[float, ...]) -> tuple[float, ...]:
        """As ``channels``, of numbers above 0."""
        numbers = self.channels(field, default)
        if numbers and min(numbers) < _SMALLEST:
            raise self.wrong(field, "numbers above 0")
        return numbers


def as_number(value: object) -> float | None:
    """A finite number, or None.

    >>> as_number(2), as_number(True), as_number("2")
    (2.0, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def as_pixels(value: object) -> int | None:
    """A whole number from 1 to ``MOST_PIXELS``, or None.

    >>> as_pixels(224), as_pixels(224.0), as_pixels(0)
    (224, 224, None)
    """
    number = as_number(value)
    if number is None or number != int(number) or not 1 <= number <= MOST_PIXELS:
        return None
    return int(number)
