"""Fixtures of the tests of inspection."""

import pytest

from xray_app.inspection import inspection


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inspect without a child, where the time of starting one would be all there is to see."""
    monkeypatch.setattr(inspection, "call_in_child", lambda f, *arguments, **_: f(*arguments))
