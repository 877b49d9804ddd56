"""Work done ahead keeps its order, its errors and its limit."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from xray_app.core.ahead import made_ahead


def squared(number: int) -> int:
    if number == 7:
        raise OSError("gone")
    return number * number


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_results_come_in_order(workers: int) -> None:
    assert list(made_ahead(squared, range(7), workers)) == [0, 1, 4, 9, 16, 25, 36]


def test_an_error_comes_at_its_turn() -> None:
    made = made_ahead(squared, range(9), 2)
    assert [next(made) for _ in range(7)] == [0, 1, 4, 9, 16, 25, 36]
    with pytest.raises(OSError, match="gone"):
        next(made)


def test_only_a_few_are_made_ahead() -> None:
    taken = []

    def endless() -> Iterator[int]:
        while True:
            taken.append(len(taken))
            yield 3

    with closing(made_ahead(squared, endless(), 2)) as made:
        assert next(made) == 9
        assert len(taken) == 4
