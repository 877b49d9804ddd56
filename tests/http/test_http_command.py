"""The commands app and serve."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from tests.conftest import ROOT
from tests.http.conftest import BYTES
from xray_app import __main__ as command_line
from xray_app.commands import serving
from xray_app.http.running import listen


def test_a_port_in_use_gives_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = str(taken.getsockname()[1])
        assert command_line.main(["serve", "--port", port]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert f"port {port}: Address already in use" in err


@pytest.mark.parametrize("arguments", [["--port", "99999"], ["--host", "no.such.host.invalid"]])
def test_an_address_that_is_none_gives_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert command_line.main(["serve", *arguments]) == 2
    assert capsys.readouterr().err.startswith("Can't listen at ")


def test_limits_that_admit_nobody_give_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert command_line.main(["serve", "--jobs", "0"]) == 2
    assert "Expected at least 1 radiograph at a time" in capsys.readouterr().err


def test_without_its_packages_the_service_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "xray_app.http.running")
    for name in ("listen", "serve"):  # a face keeps what was once asked for
        monkeypatch.delitem(vars(sys.modules["xray_app.http"]), name, raising=False)
    assert command_line.main(["serve"]) == 2
    err = capsys.readouterr().err
    assert "found no uvicorn" in err
    assert 'pip install "xray-app[http]"' in err


def test_the_app_is_started_with_its_own_script_and_address() -> None:
    command = serving.app_command("127.0.0.1", 8888)
    assert command[:5] == [sys.executable, "-m", "streamlit", "run", str(ROOT / "streamlit_app.py")]
    options = dict(zip(command[5::2], command[6::2], strict=True))
    assert options == {
        "--server.address": "127.0.0.1",
        "--server.port": "8888",
        "--browser.serverAddress": "127.0.0.1",
    }
    assert "--browser.serverAddress" not in serving.app_command("0.0.0.0", 8888)


def test_a_user_without_a_home_gets_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Path:
        raise RuntimeError("Could not determine home directory.")

    started: list[dict[str, str]] = []
    monkeypatch.setattr(Path, "home", fail)
    monkeypatch.setattr(serving.os, "execve", lambda *call: started.append(call[2]))
    monkeypatch.setattr(serving.os, "name", "posix")
    monkeypatch.setattr(serving.subprocess, "run", lambda *_, **__: None)
    command_line.main(["app"])
    assert Path(started[0]["HOME"]).is_dir()


@contextmanager
def started_service() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The service with its real model, in a process of its own."""
    command = [sys.executable, "-m", "xray_app", "serve", "--port", "0"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, cwd=ROOT, text=True, **pipes)
    try:
        first = process.stdout.readline() if process.stdout else ""
        yield process, int(first.partition("/openapi")[0].rpartition(":")[2])
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no signal that stops a process")
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_the_service_ends_soon_and_quietly(kind: int, sample: bytes) -> None:
    """Though a decoder stands still while somebody waits for it; and no process is left."""
    with started_service() as (process, port):
        while httpx.get(f"http://127.0.0.1:{port}/health", timeout=30).status_code != 200:
            pass
        children = psutil.Process(process.pid).children(recursive=True)
        while not children:
            children = psutil.Process(process.pid).children(recursive=True)
        for child in children:
            child.suspend()
        with socket.create_connection(("127.0.0.1", port)) as connection:
            head = "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
            connection.sendall(f"{head}Content-Length: {len(sample)}\r\n\r\n".encode() + sample)
            while not httpx.get(f"http://127.0.0.1:{port}/health", timeout=30).json()["in_flight"]:
                pass
            process.send_signal(kind)
            error = process.communicate(timeout=30)[1]
            answer = connection.recv(65536)
    assert process.returncode == 0
    assert "Traceback" not in error
    assert len(error.splitlines()) <= 1, error
    assert answer.startswith(b"HTTP/1.1 503")
    assert b"Internal Server Error" not in answer
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive


def test_a_thread_that_asks_nobody_does_not_hold_the_process(sample: bytes) -> None:
    """Python would wait for it at the exit, a minute long."""
    script = (
        "import time\n"
        "from xray_app.http import application, running\n"
        "from xray_app.http.admission import Limits\n"
        "running._SECONDS_TO_END = 1\n"
        "application.predict = lambda *_: time.sleep(60)\n"
        "with running.listen('127.0.0.1', 0) as listening:\n"
        "    print(listening.getsockname()[1], flush=True)\n"
        "    running.serve(listening, Limits(jobs=1))\n"
    )
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, text=True, **pipes)
    try:
        address = f"http://127.0.0.1:{int(process.stdout.readline() if process.stdout else '')}"
        with ThreadPoolExecutor() as crowd:
            asked = crowd.submit(httpx.post, f"{address}/predict", content=sample, headers=BYTES)
            while not httpx.get(f"{address}/health", timeout=30).json()["in_flight"]:
                time.sleep(0.01)
            since = time.monotonic()
            process.send_signal(signal.SIGTERM)
            error = process.communicate(timeout=30)[1]
            took = time.monotonic() - since
            assert asked.result().status_code == 503
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert took < 10
    assert len(error.splitlines()) <= 1, error
