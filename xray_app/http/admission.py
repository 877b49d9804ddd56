"""How much the service takes on at a time: bodies, seconds and radiographs are all bounded."""

import asyncio
import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from fastapi import HTTPException, Request

from xray_app.core import InputError, processors
from xray_app.readers import MAX_FILE_BYTES

Result = TypeVar("Result")

RETRY_SECONDS = 2
# A page of another site can send a form's types without asking; these it can't (CORS preflight).
ACCEPTED = ("application/octet-stream", "application/dicom", "image/")


@dataclass(frozen=True, slots=True)
class Limits:
    """What the service holds its callers to.

    Attributes:
        jobs: radiographs computed at a time.
        waiting: radiographs that may be on their way or wait beside them; each may hold one body.
        body_bytes: length of a body.
        seconds_to_send: within which a body must have come.
    """

    jobs: int = field(default_factory=processors)
    waiting: int = 8
    body_bytes: int = MAX_FILE_BYTES
    seconds_to_send: float = 60.0

    def __post_init__(self) -> None:
        if self.jobs < 1 or self.waiting < 0:
            raise InputError(
                "Expected at least 1 radiograph at a time and 0 waiting, received "
                f"{self.jobs} and {self.waiting}."
            )


class Admission:
    """Lets at most ``jobs`` + ``waiting`` requests in, and computes ``jobs`` of them at a time.

    Who is let in is counted before the body is read, so waiting bodies can't fill the memory. To be
    used from one event loop, whose single thread makes the counting safe.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.in_flight = 0
        self._threads = ThreadPoolExecutor(limits.jobs, thread_name_prefix="radiograph")

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
        if self.in_flight >= self.capacity:
            raise HTTPException(
                503,
                f"Expected at most {self.capacity} radiographs at a time, and that many are here. "
                f"Try again in {RETRY_SECONDS} seconds.",
                {"Retry-After": str(RETRY_SECONDS)},
            )
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1

    async def compute(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Call ``function`` in a thread once one is free."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, function, *arguments)


async def receive_body(request: Request, limits: Limits) -> bytes:
    """Read the body into memory, and never a byte more than is allowed.

    Raises:
        HTTPException: 413 too long, 415 a form or text, 408 too slow.
        ClientDisconnect: the caller went away.
    """
    _check_type(request.headers.get("content-type", ""))
    _check_length(_declared_length(request), limits)
    body = io.BytesIO()  # its value can be taken without a second copy
    try:
        async with asyncio.timeout(limits.seconds_to_send):
            async for chunk in request.stream():
                _check_length(body.tell() + len(chunk), limits)
                body.write(chunk)
    except TimeoutError as error:
        raise HTTPException(
            408, f"Expected the whole body within {limits.seconds_to_send:g} s. Send it again."
        ) from error
    return body.getvalue()


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
