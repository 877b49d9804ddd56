"""The outermost layer: security headers on every answer, and no traceback in any."""

import sys
import traceback
from pathlib import Path

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_ENCODED = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_FAULT = b'{"error":"The service failed on this request; the fault is in the service."}'


class Shield:
    """ASGI middleware. A defect is told to the operator by its kind and place, and no content."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer 500 if what is inside fails before it answered."""
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message = {**message, "headers": [*message.get("headers", []), *_ENCODED]}
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except ClientDisconnect:
            return  # nobody is left to answer
        except Exception as error:  # noqa: BLE001 - its text may quote a file: neither shown nor logged
            sys.stderr.write(f"Internal error: {describe_fault(error)}\n")
            if not started:
                content = [
                    (b"content-type", b"application/json"),
                    (b"content-length", str(len(_FAULT)).encode()),
                ]
                start = {"type": "http.response.start", "status": 500, "headers": content}
                await send_with_headers(start)
                await send({"type": "http.response.body", "body": _FAULT})


def describe_fault(error: Exception) -> str:
    """Type and place of an error without its message: "KeyError at answering.py:12"."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
