"""What is refused, with which status, in one sentence."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Event
from typing import Any

import httpx
import pytest
from fastapi import HTTPException
from starlette.requests import ClientDisconnect, Request

from tests.fakes import FakeEngine
from tests.http.conftest import BYTES, fake_engines, sentence, serving
from xray_app.core import errors
from xray_app.http import application, protocol
from xray_app.http.admission import Admission, Limits
from xray_app.http.answering import Engines
from xray_app.http.problems import STATUSES
from xray_app.http.shield import HEADERS

Patch = pytest.MonkeyPatch


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("scheme=rav", "Did you mean 'raw'?"),
        ("shceme=raw", "Unknown query parameter 'shceme'; expected one of"),
        ("shceme=raw", "Did you mean 'scheme'?"),
        ("model=../models", "Unknown model '../models'"),
        ("explain=gradcan", "Did you mean 'gradcam'?"),
        ("target=flu", "Unknown class 'flu'"),
        ("layer=x", "Unknown layer 'x'"),
        ("frame=0", "'frame': input should be greater than or equal to 1, received '0'."),
        ("frame=two", "received 'two'"),
        ("frame=2", "Expected a frame or page from 1 to 1, received 2."),
        ("window=9,1", "lower end is below its upper end"),
        ("map=perhaps", "'map'"),
    ],
)
def test_wrong_choices(client: httpx.Client, sample: bytes, query: str, expected: str) -> None:
    response = client.post(f"/predict?{query}", content=sample, headers=BYTES)
    assert response.status_code == 422
    assert expected in sentence(response)


def test_compare_takes_no_scheme(client: httpx.Client, sample: bytes) -> None:
    response = client.post("/compare?scheme=raw", content=sample, headers=BYTES)
    assert response.status_code == 422
    assert "'scheme'; expected one of antialias, explain, fit, frame" in sentence(response)


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (b"", 422, "received an empty file"),
        (b"This is no picture at all.\n" * 9, 415, "xpected"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), 422, "xpected"),
        (bytes(2_000_001), 413, "Expected at most 2 MB"),
    ],
)
def test_wrong_bodies(client: httpx.Client, body: bytes, status: int, expected: str) -> None:
    response = client.post("/predict", content=body, headers=BYTES)
    assert response.status_code == status
    assert expected in sentence(response)


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "multipart/form-data; boundary=x", "application/json"]
)
def test_forms_are_refused(client: httpx.Client, sample: bytes, content_type: str) -> None:
    """Other sites' pages can send these types unasked, and a form would be spooled to the disk."""
    headers = {"Content-Type": content_type} if content_type else {}
    response = client.post("/predict", content=sample, headers=headers)
    assert response.status_code == 415
    assert "application/octet-stream" in sentence(response)


def raising(error: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("kind", [*errors.XrayAppError.__subclasses__(), errors.XrayAppError])
def test_every_error_of_the_tree_has_a_status(
    client: httpx.Client, sample: bytes, monkeypatch: Patch, kind: type[errors.XrayAppError]
) -> None:
    for leaf in (kind, *kind.__subclasses__()):
        monkeypatch.setattr(application, "predict", raising(leaf("A sentence.")))
        response = client.post("/predict", content=sample, headers=BYTES)
        assert sentence(response) == "A sentence."
        nearest = next(c for c in leaf.__mro__ if c in STATUSES)
        assert response.status_code == STATUSES[nearest]
        assert ("retry-after" in response.headers) == (response.status_code == 503)


def test_a_defect_shows_and_logs_no_content(
    client: httpx.Client, sample: bytes, monkeypatch: Patch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(application, "predict", raising(KeyError("Doe^Jane")))
    response = client.post("/predict", content=sample, headers=BYTES)
    assert response.status_code == 500
    assert sentence(response).startswith("The service failed")
    logged = "".join(capfd.readouterr())
    assert logged.startswith("Internal error: KeyError at test_http_problems.py:")
    assert "Doe" not in logged
    assert len(logged.splitlines()) == 1


def request_of(*messages: dict[str, Any], content_length: int | None = None) -> Request:
    """A request whose body comes as these ASGI messages, then nothing, for ever."""
    queue = list(messages)

    async def receive() -> dict[str, Any]:
        if not queue:
            await asyncio.Event().wait()
        return queue.pop(0)

    headers = [(b"content-type", b"image/png")]
    if content_length is not None:
        headers.append((b"content-length", str(content_length).encode()))
    return Request({"type": "http", "headers": headers}, receive)


async def receive(request: Request, limits: Limits) -> bytes:
    return await Admission(limits).receive(request)


def chunk(size: int) -> dict[str, Any]:
    return {"type": "http.request", "body": bytes(size), "more_body": True}


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (request_of(content_length=11), 413),  # before the first byte is read
        (request_of(chunk(6), chunk(6)), 413),  # at the byte too many, though more would come
        (request_of(chunk(6), content_length=6), 408),
    ],
    ids=["declared", "counted", "slow"],
)
def test_a_body_is_stopped_while_it_comes(request_: Request, status: int) -> None:
    limits = Limits(body_bytes=10, seconds_to_send=0.05)
    with pytest.raises(Exception, match="Expected") as caught:
        asyncio.run(receive(request_, limits))
    assert caught.value.status_code == status


def test_a_body_must_keep_coming() -> None:
    limits = Limits(pause=0.05, bytes_a_pause=10)
    with pytest.raises(HTTPException, match="KiB of it each 0.05 s") as caught:
        asyncio.run(receive(request_of(chunk(9)), limits))
    assert caught.value.status_code == 408
    whole = request_of(*[chunk(10)] * 5, {"type": "http.request", "body": b"", "more_body": False})
    assert len(asyncio.run(receive(whole, limits))) == 50


def test_bodies_on_their_way_are_bounded_together() -> None:
    admission = Admission(Limits(arriving_bytes=10, seconds_to_send=0.05))

    async def both() -> list[int]:
        requests = [request_of(chunk(6)), request_of(chunk(6))]
        found = await asyncio.gather(*map(admission.receive, requests), return_exceptions=True)
        return [error.status_code for error in found if isinstance(error, HTTPException)]

    assert asyncio.run(both()) == [408, 503]
    assert admission.arriving == 0


def test_a_caller_who_leaves_is_no_defect(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ClientDisconnect):
        asyncio.run(receive(request_of(chunk(3), {"type": "http.disconnect"}), Limits()))
    assert "".join(capfd.readouterr()) == ""


def test_when_all_places_are_taken_the_next_is_told_to_wait(
    sample: bytes, monkeypatch: Patch
) -> None:
    at_work, may_end = Event(), Event()
    together: list[int] = []

    def hold(*_: object) -> None:
        together.append(1)
        at_work.set()
        may_end.wait(30)
        raise errors.InputError("Done.")

    monkeypatch.setattr(application, "predict", hold)

    with (
        serving(fake_engines(), Limits(jobs=1, waiting=2)) as client,
        ThreadPoolExecutor() as crowd,
    ):
        waiting = [
            crowd.submit(client.post, "/predict", content=sample, headers=BYTES) for _ in "abc"
        ]
        assert at_work.wait(30)
        while client.get("/health").json()["in_flight"] < 3:
            pass
        refused = client.post("/predict", content=sample, headers=BYTES)
        health, count = client.get("/health").json(), len(together)
        may_end.set()
        answered = [task.result() for task in waiting]
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "2"
    assert "at most 3 radiographs" in sentence(refused)
    assert (health["in_flight"], health["capacity"], count) == (3, 3, 1)
    assert [sentence(response) for response in answered] == ["Done."] * 3


@contextmanager
def raw(client: httpx.Client) -> Iterator[socket.socket]:
    """A connection on which anything can be said."""
    with socket.create_connection((client.base_url.host, client.base_url.port), 30) as connection:
        yield connection


def said(connection: socket.socket) -> httpx.Response:
    """What the server says until it closes, which must be a whole answer."""
    data = b""
    while received := connection.recv(65536):
        data += received
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return httpx.Response(int(first.split()[1]), headers=headers, content=body)


def assert_refused(response: httpx.Response, status: int, expected: str) -> None:
    assert response.status_code == status
    assert expected in sentence(response)
    for name, value in HEADERS.items():
        assert response.headers[name] == value


BEGUN = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"


@pytest.mark.parametrize(
    ("request_", "status", "expected"),
    [
        (b"\x16\x03\x01 hello\r\n\r\n", 400, "Expected an HTTP/1.1 request"),
        (b"GET /health HTTP/1.1\r\nNo colon\r\n\r\n", 400, "Expected an HTTP/1.1 request"),
        (
            BEGUN + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
            "received both",
        ),
        (b"GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421, "Expected a Host"),
        (BEGUN + b"Content-Length: two\r\n\r\n", 400, "Expected an HTTP/1.1 request"),
    ],
)
def test_what_is_no_proper_request(
    client: httpx.Client, request_: bytes, status: int, expected: str
) -> None:
    with raw(client) as connection:
        connection.sendall(request_)
        assert_refused(said(connection), status, expected)


@pytest.mark.parametrize("begun", [b"", b"GET /health HTTP/1.1\r\nHost: local"])
def test_headers_that_never_end_are_given_up(monkeypatch: Patch, begun: bytes) -> None:
    monkeypatch.setattr(protocol, "HEADER_SECONDS", 0.2)
    with serving(fake_engines(), Limits()) as client, raw(client) as connection:
        connection.sendall(begun)
        assert_refused(said(connection), 408, "whole request within 0.2 s")


def test_idle_senders_keep_nobody_out(sample: bytes) -> None:
    """More of them than there are places, each with a body that never comes."""
    with serving(fake_engines(), Limits(jobs=1, waiting=1)) as client, ExitStack() as idle:
        for _ in range(10):
            connection = idle.enter_context(raw(client))
            connection.sendall(BEGUN + b"Content-Length: 9\r\n\r\nabc")
        answer = client.post("/predict", content=sample, headers=BYTES)
    assert answer.status_code == 200


@pytest.mark.parametrize("query", ["scheme=raw&scheme=byte", "map=1&map=1", "x=1&x=2"])
def test_a_choice_that_is_given_twice(client: httpx.Client, sample: bytes, query: str) -> None:
    response = client.post(f"/predict?{query}", content=sample, headers=BYTES)
    assert response.status_code == 422
    assert "more than once" in sentence(response)


def test_a_name_can_be_configured() -> None:
    with serving(fake_engines(), Limits(), ["xray.example.org"]) as client:
        for host, status in (("XRAY.example.org:80", 200), ("127.0.0.1", 200), ("a.example", 421)):
            assert client.get("/health", headers={"Host": host}).status_code == status


def test_models_are_opened_once_and_closed_at_the_end() -> None:
    opened: list[FakeEngine] = []

    def open_model(_: str) -> FakeEngine:
        opened.append(FakeEngine())
        return opened[-1]

    engines = Engines(open_model)
    assert engines.get() is engines.get("cxr_efficientnetb4")
    engines.close()
    assert [engine.closed for engine in opened] == [True]


def test_limits_that_admit_nobody_are_refused() -> None:
    with pytest.raises(errors.InputError, match="received 0 and 8"):
        Limits(jobs=0)
