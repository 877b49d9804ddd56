"""The outermost layer: who is answered at all, security headers on every answer, no traceback."""

import asyncio
import ipaddress
import json
import sys
import traceback
from collections.abc import Collection, Iterable
from pathlib import Path
from urllib.parse import urlsplit

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xray_app.http.calls import ENDING

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_ENCODED = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_FAULT = "The service failed on this request; the fault is in the service."


class Shield:
    """ASGI middleware. A defect is told to the operator by its kind and place, and no content.

    Args:
        app: what is inside.
        names: host names that requests may be addressed to, besides those of ``is_addressed``.
    """

    def __init__(self, app: ASGIApp, names: Collection[str] = ()) -> None:
        self._app = app
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer 500 if what is inside fails before it answered."""
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": [*message.get("headers", []), *_ENCODED]}
            await send(message)

        if scope["type"] == "http" and (refusal := self._refusal(scope["headers"])):
            await _answer(send_with_headers, *refusal)
            return
        try:
            await self._app(scope, receive, send_with_headers)
        except asyncio.CancelledError:  # the service ends before the answer is there
            if not started:
                await _answer(send_with_headers, 503, ENDING)
        except ClientDisconnect:
            return  # nobody is left to answer
        except Exception as error:  # noqa: BLE001 - its text may quote a file: neither shown nor logged
            sys.stderr.write(f"Internal error: {describe_fault(error)}\n")
            if not started:
                await _answer(send_with_headers, 500, _FAULT)

    def _refusal(self, headers: Iterable[tuple[bytes, bytes]]) -> tuple[int, str] | None:
        """Status and sentence for a request that must not be answered."""
        names = [name for name, _ in headers]
        if b"content-length" in names and b"transfer-encoding" in names:
            return 400, "Expected Content-Length or Transfer-Encoding, received both."
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        if len(hosts) != 1 or not is_addressed(hosts[0], self._names):
            return 421, (
                "Expected a Host that this service is known by: localhost, an IP address, or a "
                "name that its operator gave with --name."
            )
        return None


def is_addressed(host: str, names: Collection[str] = ()) -> bool:
    """Whether a Host header names this service: localhost, an IP address, or one of ``names``.

    Another site can make its own name lead here and then read what its page asks (DNS rebinding);
    the browser sends that name. An IP address belongs to no site but this.

    >>> hosts = ("localhost:8601", "[::1]:8601", "10.0.0.7", "evil.example")
    >>> [is_addressed(host) for host in hosts]
    [True, True, True, False]
    >>> is_addressed("xray.example.org", {"xray.example.org"})
    True
    """
    try:
        name = urlsplit(f"//{host}").hostname or ""
        if name == "localhost" or name in names:
            return True
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def error_body(sentence: str) -> bytes:
    """The body of every error."""
    return json.dumps({"error": sentence}).encode()


async def _answer(send: Send, status: int, sentence: str) -> None:
    body = error_body(sentence)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def describe_fault(error: Exception) -> str:
    """Type and place of an error without its message: "KeyError at answering.py:12"."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
