"""What is said on a connection that is no request, never ends or goes to another host."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from tests.http.conftest import BYTES, fake_engines, sentence, serving
from xray_app.http import protocol
from xray_app.http.admission import Limits
from xray_app.http.shield import HEADERS


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
def test_headers_that_never_end_are_given_up(monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
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


def test_a_name_can_be_configured() -> None:
    with serving(fake_engines(), Limits(), ["xray.example.org"]) as client:
        for host, status in (("XRAY.example.org:80", 200), ("127.0.0.1", 200), ("a.example", 421)):
            assert client.get("/health", headers={"Host": host}).status_code == status
