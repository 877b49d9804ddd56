"""How much may be on its way and at work at once."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from fastapi import HTTPException
from starlette.requests import ClientDisconnect, Request

from tests.http.conftest import BYTES, fake_engines, sentence, serving
from xray_app.core import errors
from xray_app.http import application
from xray_app.http.admission import Admission, Limits


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
    sample: bytes, monkeypatch: pytest.MonkeyPatch
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


def long(ended: list[BaseException], at_work: Event) -> Any:
    """A computation that goes on until ``advance`` ends it."""

    def compute(*arguments: Any) -> None:
        at_work.set()
        try:
            for part in range(1000):
                arguments[-1](part / 1000)
                time.sleep(0.01)
        except BaseException as error:
            ended.append(error)
            raise

    return compute


def test_who_leaves_frees_the_thread_and_the_places(
    sample: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One at work and one that waits for it: both callers leave."""
    ended: list[BaseException] = []
    at_work = Event()
    monkeypatch.setattr(application, "predict", long(ended, at_work))
    with serving(fake_engines(), Limits(jobs=1, waiting=1)) as client:
        with ThreadPoolExecutor() as crowd:
            for _ in "ab":
                crowd.submit(client.post, "/predict", content=sample, headers=BYTES, timeout=0.3)
            assert at_work.wait(10)
        until = time.monotonic() + 5
        while client.get("/health").json()["in_flight"] and time.monotonic() < until:
            time.sleep(0.01)
        assert client.get("/health").json()["in_flight"] == 0
    assert {type(error) for error in ended} == {ClientDisconnect}


def test_an_answer_that_takes_too_long_is_given_up(
    sample: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[BaseException] = []
    monkeypatch.setattr(application, "compare_schemes", long(ended, Event()))
    with serving(fake_engines(), Limits(seconds_to_answer=0.05)) as client:
        response = client.post("/compare", content=sample, headers=BYTES)
    assert response.status_code == 503
    assert sentence(response).startswith("Expected an answer within 0.05 s of computing")
    assert len(ended) == 1


@pytest.mark.parametrize("path", ["/predict?explain=scorecam", "/compare?schemes=raw,rescale"])
def test_the_real_computations_ask_between_their_parts(sample: bytes, path: str) -> None:
    """With no time at all the first question after the start ends them."""
    with serving(fake_engines(), Limits(seconds_to_answer=1e-9)) as client:
        response = client.post(path, content=sample, headers=BYTES)
    assert response.status_code == 503


def test_limits_that_admit_nobody_are_refused() -> None:
    with pytest.raises(errors.InputError, match="received 0 and 8"):
        Limits(jobs=0)
