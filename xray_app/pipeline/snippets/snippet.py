"""Lines of code that feed a model, and whether they do exactly what the contract says."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from xray_app.pipeline.contracts.contract import InputContract

FILE = "radiograph.png"
_WIDTH = 88


@dataclass(frozen=True, slots=True)
class Snippet:
    """Lines that end with ``tensor``, a batch of one.

    Attributes:
        library: a key of ``SNIPPETS``.
        code: Python that reads ``radiograph.png``; what isn't exact stands in its first comment.
        departures: what the library can't do as the contract says; none where it is exact.
    """

    library: str
    code: str
    departures: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether the tensor is that of the contract."""
        return not self.departures

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "library": self.library,
            "code": self.code,
            "exact": self.is_exact,
            "departures": list(self.departures),
        }


def snippet(
    library: str, contract: InputContract, lines: Iterable[str], departures: Iterable[str] = ()
) -> Snippet:
    """Join lines, under comments that say whose contract it is and what is not exact."""
    said = tuple(departures)
    comments = [f"As {contract.source} says.", *(f"Not exact: {text}" for text in said)]
    head = [row for text in comments for row in _comment(text)]
    return Snippet(library, "\n".join([*head, *lines]) + "\n", said)


def _comment(text: str) -> list[str]:
    rows, row = [], "#"
    for word in text.split():
        if len(row) + len(word) + 1 > _WIDTH:
            rows.append(row)
            row = "#"
        row += f" {word}"
    return [*rows, row]


def numbers(values: Iterable[float]) -> str:
    """A list of numbers, each as short as seven digits allow.

    >>> numbers((0.485, 1 / 255))
    '[0.485, 0.003921569]'
    """
    return f"[{', '.join(f'{value + 0.0:.7g}' for value in values)}]"
