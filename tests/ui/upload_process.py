"""Sends a file of 5 MB to applications in this process, and reports every file opened meanwhile.

Run by ``test_ui_uploads.py``; its argument says which: "pages", "pages without middleware",
"another" application that serves beside the pages, or "both" at once.
"""

import asyncio
import sys
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message
from streamlit import config
from streamlit.runtime import get_instance
from streamlit.starlette import App

from streamlit_app import app as pages
from xray_app.ui.session import uploads

PART = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.dcm"\r\n\r\n'
BODY = PART + bytes(5_000_000) + b"\r\n--x--\r\n"
UPLOAD = "/_stcore/upload_file/session/file"


async def call(
    app: ASGIApp, method: str, path: str, body: bytes = b"", *, announced: bool = False
) -> int:
    """The status of the answer to a request, whose body comes in pieces."""
    pieces = [body[i : i + 65536] for i in range(0, len(body), 65536)] or [b""]
    answers: list[Message] = []

    async def receive() -> Message:
        await asyncio.sleep(0)  # others' turn: two requests come in at the same time
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: Message) -> None:
        answers.append(message)

    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    if announced:
        headers.append((b"content-length", str(len(body)).encode()))
    scope = {
        "type": "http", "method": method, "path": path, "root_path": "", "query_string": b"",
        "headers": headers,
    }  # fmt: skip
    await app(scope, receive, send)
    return int(answers[0]["status"])


async def take(request: Request) -> Response:
    async with request.form() as form:
        assert len(await form["f"].read()) == 5_000_000
    return Response(status_code=204)


async def start(app: App) -> None:
    """Let Streamlit take uploads of a session that is not there, without its token."""
    config.set_option("server.enableXsrfProtection", False)
    assert await call(app, "GET", "/_stcore/health") == 200
    get_instance().is_active_session = lambda session_id: True


async def bounded() -> None:
    """One visitor's third file of 5 MB is one too many, announced or not; another's is not."""
    uploads.MAX_VISITOR_BYTES = 12_000_000
    await start(pages)
    for path, announced, expected in (
        (f"{UPLOAD}1", True, 204),
        (f"{UPLOAD}2", False, 204),
        (f"{UPLOAD}3", True, 413),
        (f"{UPLOAD}4", False, 413),
        (f"{UPLOAD}1", True, 204),  # the same file anew
        ("/_stcore/upload_file/another/file", False, 204),
    ):
        status = await call(pages, "PUT", path, BODY, announced=announced)
        assert status == expected, (path, status)
    await call(pages, "DELETE", f"{UPLOAD}1")
    assert await call(pages, "PUT", f"{UPLOAD}5", BODY) == 204
    together = [call(pages, "PUT", f"/_stcore/upload_file/third/{i}", BODY) for i in range(4)]
    assert sorted(await asyncio.gather(*together)) == [204, 204, 413, 413]


async def main(which: str) -> None:
    if which == "bounded":
        await bounded()
        return
    served = pages if which != "pages without middleware" else App("streamlit_app.py")
    await start(served)
    other = Starlette(routes=[Route("/", take, methods=["PUT"])])
    opened: list[str] = []
    sys.addaudithook(lambda event, args: event == "open" and opened.append(str(args[0])))
    requests: list[Callable[[], object]] = []
    if which != "another":
        requests.append(lambda: call(served, "PUT", UPLOAD, BODY))
    if which in ("another", "both"):
        requests.append(lambda: call(other, "PUT", "/", BODY))
    answers = await asyncio.gather(*(request() for request in requests))
    assert set(answers) == {204}, answers
    print(*opened, sep="\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
