"""The service over the fake engine, behind a real server and a real socket."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

import httpx
import pytest

from tests.fakes import FakeEngine
from xray_app.core.errors import UnknownChoice
from xray_app.http.admission import Limits
from xray_app.http.answering import Engines
from xray_app.http.running import listen, make_server
from xray_app.samples.catalogue import read_sample

BYTES = {"Content-Type": "application/octet-stream"}
SMALL = Limits(jobs=2, waiting=2, body_bytes=2_000_000, seconds_to_send=5.0)


def fake_engines() -> Engines:
    """Every name but the bundled one is unknown, as in the catalogue."""

    def open_model(name: str) -> FakeEngine:
        if name != "cxr_efficientnetb4":
            raise UnknownChoice.of("model", name, ["cxr_efficientnetb4"])
        return FakeEngine()

    return Engines(open_model)


@contextmanager
def serving(engines: Engines, limits: Limits, names: Sequence[str] = ()) -> Iterator[httpx.Client]:
    """A client of a server in a thread of this process."""
    server = make_server(engines, limits, names)
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(30)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with serving(fake_engines(), SMALL) as client:
        yield client


@pytest.fixture(scope="session")
def sample() -> bytes:
    return read_sample("normal_1")


def sentence(response: httpx.Response) -> str:
    """The one sentence of an error; there is nothing else in it."""
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == {"error"}
    text: str = response.json()["error"]
    assert text
    assert "\n" not in text
    return text
