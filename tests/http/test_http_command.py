"""The commands app and serve."""

import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
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
