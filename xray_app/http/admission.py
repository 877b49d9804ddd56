"""How much the service takes on at a time: bodies, seconds and radiographs are all bounded."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any, TypeVar

from fastapi import HTTPException, Request
from starlette.requests import ClientDisconnect

from xray_app.core import InputError, processors
from xray_app.http.calls import RETRY_SECONDS, Call, departure
from xray_app.readers import MAX_FILE_BYTES

Result = TypeVar("Result")

# A page of another site can send a form's types without asking; these it can't (CORS preflight).
ACCEPTED = ("application/octet-stream", "application/dicom", "image/")


@dataclass(frozen=True, slots=True)
class Limits:
    """What the service holds its callers to.

    Attributes:
        jobs: radiographs computed at a time.
        waiting: radiographs that may wait beside them; each holds one body.
        body_bytes: length of a body.
        arriving_bytes: of all bodies together that are on their way.
        seconds_to_send: within which a body must have come.
        pause: seconds within which each ``bytes_a_pause`` of it must come.
        seconds_to_answer: which one radiograph may be computed, waiting not counted.
    """

    jobs: int = field(default_factory=processors)
    waiting: int = 8
    body_bytes: int = MAX_FILE_BYTES
    arriving_bytes: int = 4 * MAX_FILE_BYTES
    seconds_to_send: float = 60.0
    pause: float = 5.0
    bytes_a_pause: int = 64 * 1024
    seconds_to_answer: float = 120.0  # TensorFlow alone may take 20 to start

    def __post_init__(self) -> None:
        if self.jobs < 1 or self.waiting < 0:
            raise InputError(
                "Expected at least 1 radiograph at a time and 0 waiting, received "
                f"{self.jobs} and {self.waiting}."
            )


class Admission:
    """Lets at most ``jobs`` + ``waiting`` requests in, and computes ``jobs`` of them at a time.

    A body must have come before it takes a place, so who sends slowly, or nothing, keeps nobody
    out; bodies on their way are bounded by their bytes instead. To be used from one event loop,
    whose single thread makes the counting safe.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.in_flight = 0
        self.arriving = 0  # bytes of bodies that are on their way
        self.open()

    @property
    def capacity(self) -> int:
        """How many may be in flight."""
        return self.limits.jobs + self.limits.waiting

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Hold one of the places.

        Raises:
            HTTPException: 503, all are taken.
        """
        self.check_place()
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1

    def check_place(self) -> None:
        """Raise the 503 of ``admitted`` if there is no place now, before a body is received."""
        if self.in_flight >= self.capacity:
            raise _busy(f"Expected at most {self.capacity} radiographs at a time")

    async def receive(self, request: Request) -> bytes:
        """Read the body into memory, and never a byte more than is allowed.

        Raises:
            HTTPException: 413 too long, 415 a form or text, 408 too slow, 503 too many at once.
            ClientDisconnect: the caller went away.
        """
        _check_type(request.headers.get("content-type", ""))
        _check_length(_declared_length(request), self.limits)
        body = io.BytesIO()  # its value can be taken without a second copy
        try:
            async with asyncio.timeout(self.limits.seconds_to_send):
                async for chunk in _steady(request, self.limits):
                    _check_length(body.tell() + len(chunk), self.limits)
                    if self.arriving + len(chunk) > self.limits.arriving_bytes:
                        raise _busy("Expected fewer bodies at a time")
                    self.arriving += len(chunk)
                    body.write(chunk)
        except TimeoutError as error:
            raise HTTPException(408, _slow(self.limits)) from error
        finally:
            self.arriving -= body.tell()
        return body.getvalue()

    def open(self) -> None:
        """Begin to compute, also anew."""
        self._closing = Event()
        self._threads = ThreadPoolExecutor(self.limits.jobs, thread_name_prefix="radiograph")

    def close(self) -> None:
        """Begin nothing more of what waits, and end what is at work at its next part."""
        self._closing.set()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def compute(
        self, request: Request, function: Callable[..., Result], *arguments: object
    ) -> Result:
        """Call ``function`` in a thread once one is free, for as long as the caller waits.

        Args:
            request: whose body has come.
            function: takes the arguments and last ``Call.check``, which it calls between its parts.
            arguments: for the function.

        Raises:
            ClientDisconnect: the caller went away.
            HTTPException: 503, it took too long, or the service is ending.
        """
        call = Call(self.limits.seconds_to_answer, self._closing)

        def begin() -> Result:
            call.check()  # it may have waited for this thread
            return function(*arguments, call.check)

        job = self._threads.submit(begin)
        work = asyncio.wrap_future(job)
        leaving = asyncio.create_task(departure(request))
        try:
            both: set[asyncio.Future[Any]] = {work, leaving}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not work.done() and job.cancel():
                raise ClientDisconnect
            if leaving.done():
                call.left.set()
            return await work  # its place is taken until it has ended
        finally:
            leaving.cancel()
            work.cancel()  # where the service ends; nothing where it is done
            call.left.set()


async def _steady(request: Request, limits: Limits) -> AsyncIterator[bytes]:
    """The chunks of a body, as long as enough of them come in time.

    Raises:
        TimeoutError: fewer than ``bytes_a_pause`` came in a ``pause``, and more are to come.
    """
    loop = asyncio.get_running_loop()
    came, since = 0, loop.time()
    chunks = request.stream()
    while True:
        async with asyncio.timeout_at(since + limits.pause):
            chunk = await anext(chunks, None)
        if chunk is None:
            return
        yield chunk
        came += len(chunk)
        if came >= limits.bytes_a_pause:
            came, since = 0, loop.time()


def _busy(expected: str) -> HTTPException:
    return HTTPException(
        503,
        f"{expected}, and that many are here. Try again in {RETRY_SECONDS} seconds.",
        {"Retry-After": str(RETRY_SECONDS)},
    )


def _slow(limits: Limits) -> str:
    return (
        f"Expected the whole body within {limits.seconds_to_send:g} s, and at least "
        f"{limits.bytes_a_pause / 1024:g} KiB of it each {limits.pause:g} s. Send it again."
    )


def _declared_length(request: Request) -> int:
    declared = request.headers.get("content-length", "0")
    return int(declared) if declared.isdecimal() else 0


def _check_length(length: int, limits: Limits) -> None:
    if length > limits.body_bytes:
        raise HTTPException(
            413,
            f"Expected at most {limits.body_bytes / 1e6:g} MB. "
            "Export one image, or compress it without loss.",
        )


def _check_type(content_type: str) -> None:
    received = content_type.partition(";")[0].strip().lower()
    if not received.startswith(ACCEPTED):
        raise HTTPException(
            415,
            "Expected the file itself as the body, with Content-Type: application/octet-stream "
            f"(or application/dicom, image/...), received {received or 'no type'}.",
        )
