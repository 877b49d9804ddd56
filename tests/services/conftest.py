"""Fixtures of the tests of services."""

from pathlib import Path

import pytest

from tests.fakes import FakeEngine, fake_card
from tests.services.labelled_data import CLASSES, write_data
from xray_app.inspection import inspection


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up archive of labelled images."""
    return write_data(tmp_path_factory.mktemp("data") / "made_up.zip")


@pytest.fixture
def engine() -> FakeEngine:
    """A model of these images' classes."""
    return FakeEngine(fake_card(classes=CLASSES))


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inspect without a child, where the time of starting one would be all there is to see."""
    monkeypatch.setattr(inspection, "call_in_child", lambda f, *arguments, seconds: f(*arguments))
