"""A child process that is asked: answers, deaths, time limits, and an interrupted wait."""

import io
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from xray_app.core.errors import XrayAppError
from xray_app.core.processes import (
    ChildProcess,
    ChildStopped,
    receive,
    receive_parts,
    receive_restricted,
    send,
)

CHILD = "tests.core.echoing"


@pytest.fixture
def child():
    process = ChildProcess(CHILD)
    yield process
    process.close()


def test_it_answers_with_what_it_was_told_and_asked(child: ChildProcess) -> None:
    child.tell("hello", seconds=30)
    array = np.arange(12.0, dtype=np.float32).reshape(3, 4)
    told, answer = child.ask(("echo", array), seconds=30)
    assert told == "hello"
    np.testing.assert_array_equal(answer, array)
    answer[0] = 0.0  # an array that was received can be written to
    assert child.is_alive


def test_what_it_prints_is_no_answer(child: ChildProcess) -> None:
    child.tell("hello", seconds=30)
    assert child.ask(("print", "noise"), seconds=30) == ("hello", "noise")


def test_a_death_says_its_status(child: ChildProcess) -> None:
    child.tell("hello", seconds=30)
    with pytest.raises(ChildStopped) as stop:
        child.ask(("exit", 7), seconds=30)
    assert (stop.value.timed_out, stop.value.status) == (False, 7)
    assert not child.is_alive
    with pytest.raises(ChildStopped):
        child.ask(("echo", 1), seconds=30)


def test_one_that_takes_too_long_is_ended(child: ChildProcess) -> None:
    child.tell("hello", seconds=30)
    child.ask(("echo", 1), seconds=30)
    with pytest.raises(ChildStopped) as stop:
        child.ask(("sleep", 60), seconds=0.2)
    assert stop.value.timed_out
    assert not child.is_alive


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs signals of POSIX")
def test_one_at_a_standstill_is_ended_in_time_and_from_another_thread(child: ChildProcess) -> None:
    child.tell("hello", seconds=30)
    child.ask(("echo", 1), seconds=30)
    os.kill(child._process.pid, signal.SIGSTOP)
    timer = threading.Timer(0.3, child.kill)
    timer.start()
    start = time.monotonic()
    with pytest.raises(ChildStopped) as stop:
        child.ask(("echo", 2), seconds=30)
    assert time.monotonic() - start < 10
    assert not stop.value.timed_out
    timer.join()


def test_a_system_that_starts_no_process_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    with pytest.raises(XrayAppError, match="could not be started: .*Resource temporarily"):
        ChildProcess(CHILD)


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs signals of POSIX")
def test_one_at_a_standstill_does_not_outlive_its_parent() -> None:
    script = (
        "import os, signal; from xray_app.core.processes import ChildProcess; "
        f"child = ChildProcess({CHILD!r}); pid = child._process.pid; "
        "os.kill(pid, signal.SIGSTOP); print(pid)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    for _ in range(100):  # until whoever adopted it has waited for it
        try:
            os.kill(int(done.stdout), 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{done.stdout.strip()}/stat").read_text().split()[2] == "Z":
            return
        time.sleep(0.05)
    raise AssertionError("it is still there")


def test_an_answer_that_cannot_be_read_ends_it() -> None:
    def refuse(pipe: io.RawIOBase) -> None:
        raise pickle.UnpicklingError("not trusted")

    child = ChildProcess(CHILD, receive=refuse)
    child.tell("hello", seconds=30)
    with pytest.raises(ChildStopped):
        child.ask(("echo", 1), seconds=30)
    assert not child.is_alive


def test_an_interrupted_wait_leaves_no_answer_for_the_next_request() -> None:
    def interrupt(pipe: io.RawIOBase) -> None:
        raise KeyboardInterrupt

    child = ChildProcess(CHILD, receive=interrupt)
    child.tell("hello", seconds=30)
    with pytest.raises(KeyboardInterrupt):
        child.ask(("echo", 1), seconds=30)
    assert not child.is_alive


@pytest.mark.parametrize("count", [0, 2**12 + 1])
def test_a_message_of_no_parts_or_of_too_many_is_refused(count: int) -> None:
    with pytest.raises(pickle.UnpicklingError, match="without parts"):
        receive(io.BytesIO(struct.pack("<Q", count) + bytes(8 * count)))


def test_a_message_that_is_cut_short_is_an_end() -> None:
    pipe = io.BytesIO()
    send(pipe, b"pixels")
    with pytest.raises(EOFError):
        receive(io.BytesIO(pipe.getvalue()[:-1]))
    with pytest.raises(EOFError):
        receive_parts(io.BytesIO())


def restricted(data: bytes) -> object:
    return receive_restricted(io.BytesIO(data), most=10_000)


@pytest.mark.parametrize("kind", ["?", "u1", ">u2", "<i8", "<f2", "<f4", ">f8"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 4)])
def test_arrays_of_numbers_need_no_name(kind: str, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape)).astype(kind).reshape(shape)
    pipe = io.BytesIO()
    send(pipe, {"one": array, "turned": array.T})
    found = restricted(pipe.getvalue())
    assert isinstance(found, dict)
    for name, expected in (("one", array), ("turned", array.T)):
        np.testing.assert_array_equal(found[name], expected, strict=True)


@pytest.mark.parametrize("value", [np.array([print]), np.array(["text"]), np.dtype("f4"), print])
def test_other_arrays_and_types_are_refused(value: object) -> None:
    pipe = io.BytesIO()
    send(pipe, value)
    with pytest.raises(pickle.UnpicklingError, match="an answer names"):
        restricted(pipe.getvalue())


@pytest.mark.parametrize(
    "claim",
    [
        ((3,), "|O", bytes(24)),
        ((3,), "<f8", bytes(16)),
        ((-1,), "<f4", bytes(16)),
        ((2**62, 2**62), "<f4", b""),
        ((3,), ["<f4"], bytes(12)),
        (("three",), "<f4", bytes(12)),
        ((3,), "<f4", None),
        "nothing",
    ],
)
def test_a_forged_array_is_refused(claim: object) -> None:
    class Forger(pickle.Pickler):
        def persistent_id(self, value: object) -> object:
            return claim if value is print else None

    body = io.BytesIO()
    Forger(body, protocol=5).dump(("value", print))
    message = struct.pack("<2Q", 1, len(body.getvalue())) + body.getvalue()
    with pytest.raises(pickle.UnpicklingError):
        restricted(message)
