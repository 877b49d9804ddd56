"""One caller's computation: whether it is still wanted."""

import time
from threading import Event

from fastapi import HTTPException, Request
from starlette.requests import ClientDisconnect

RETRY_SECONDS = 2
ENDING = "The service is ending; ask again later."


class Call:
    """What a computation asks between its parts, from its own thread.

    Args:
        seconds: how long it may compute, from the first question on.
        closing: set when the service ends.
    """

    def __init__(self, seconds: float, closing: Event) -> None:
        self._seconds = seconds
        self._closing = closing
        self._until: float | None = None
        self.left = Event()  # set when nobody waits for the answer any more

    def check(self, _: object = None) -> None:
        """Go on, or end the computation. Takes, and ignores, how far it is.

        Raises:
            ClientDisconnect: the caller has left.
            HTTPException: 503, the service is ending, or the time is over.
        """
        if self._closing.is_set():
            raise HTTPException(503, ENDING, {"Retry-After": str(RETRY_SECONDS)})
        if self.left.is_set():
            raise ClientDisconnect
        now = time.monotonic()
        self._until = self._until or now + self._seconds
        if now > self._until:
            raise HTTPException(
                503,
                f"Expected an answer within {self._seconds:g} s of computing, and it took longer. "
                "Ask for fewer schemes or another explanation, or try again when fewer ask.",
                {"Retry-After": str(RETRY_SECONDS)},
            )


async def departure(request: Request) -> None:
    """Return once the caller of a request, whose body has come whole, has left."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
