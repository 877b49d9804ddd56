"""Who may work now, who waits, and who must try again: first come, first served.

More work at once than there are cores makes everybody slower and takes more memory. A visitor has
one place at work at most, so that several heavy files of one don't stop the others.
"""

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from xray_app.core import ServerBusy

_LOOK_SECONDS = 0.2  # how often a waiting visitor is told, and may leave


@dataclass(slots=True, eq=False)
class _Ticket:
    visitor: Hashable
    is_working: bool = False


class FairQueue:
    """A queue in front of some work. Safe with threads.

    Args:
        at_once: how many work at a time.
        longest: how many may wait.
    """

    def __init__(self, at_once: int, longest: int) -> None:
        self._at_once = at_once
        self._longest = longest
        self._tickets: list[_Ticket] = []  # at work and waiting, in the order in which they came
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, visitor: Hashable, while_waiting: Callable[[int], object]) -> Iterator[None]:
        """Wait for a turn, and hold it for the length of the block.

        Args:
            visitor: who asks; one at work at most for each.
            while_waiting: called again and again with the number of those who come first. What it
                raises ends the waiting, and the place goes to the next.

        Raises:
            ServerBusy: too many wait already.
        """
        ticket = self._join(visitor)
        try:
            while not self._has_turn(ticket):
                while_waiting(self._before(ticket))
            yield
        finally:
            self._leave(ticket)

    def _join(self, visitor: Hashable) -> _Ticket:
        with self._changed:
            if sum(not ticket.is_working for ticket in self._tickets) >= self._longest:
                raise ServerBusy(
                    f"{self._longest} visitors are waiting for this server already; try again in "
                    "a minute."
                )
            ticket = _Ticket(visitor)
            self._tickets.append(ticket)
            self._serve()
            return ticket

    def _leave(self, ticket: _Ticket) -> None:
        with self._changed:
            self._tickets.remove(ticket)
            self._serve()
            self._changed.notify_all()

    def _serve(self) -> None:
        """Give the free places to the first who wait."""
        working = [ticket.visitor for ticket in self._tickets if ticket.is_working]
        for ticket in self._tickets:
            if len(working) >= self._at_once:
                return
            if not ticket.is_working and ticket.visitor not in working:
                ticket.is_working = True
                working.append(ticket.visitor)

    def _has_turn(self, ticket: _Ticket) -> bool:
        """Whether it is the ticket's turn, now or within a moment."""
        with self._changed:
            return self._changed.wait_for(lambda: ticket.is_working, _LOOK_SECONDS)

    def _before(self, ticket: _Ticket) -> int:
        with self._changed:
            return self._tickets.index(ticket)
