"""Names that are told apart, wherever a name stands for one thing among others."""

import re
from collections.abc import Iterable

_NUMBER = re.compile(r" \(\d+\)$")


def distinct_names(names: Iterable[str]) -> list[str]:
    """Number the repeated ones on, in the order in which they came.

    >>> distinct_names(["a.png", "a.png", "a.png (2)", "b.png"])
    ['a.png', 'a.png (2)', 'a.png (3)', 'b.png']
    """
    taken: set[str] = set()
    found = []
    for name in names:
        shown, count = name, 1
        while shown in taken:
            count += 1
            shown = f"{_NUMBER.sub('', name)} ({count})"
        taken.add(shown)
        found.append(shown)
    return found
