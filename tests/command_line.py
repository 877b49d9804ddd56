"""Commands run in this process, on the fake engine if a test asks for it."""

import pytest

from tests.fakes import FakeEngine
from xray_app import __main__ as command_line
from xray_app.commands import common


def with_fake_engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    """The engine that answers in the place of any model a command opens."""
    fake = FakeEngine()
    monkeypatch.setattr(common, "open_engine", lambda name, **_: fake)
    return fake


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """The exit status, and what was written to the standard output and the standard error."""
    try:
        status = command_line.main(arguments)
    except SystemExit as exit_:
        status = int(exit_.code or 0)
    captured = capsys.readouterr()
    return status, captured.out, captured.err
