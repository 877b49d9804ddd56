"""Fixtures of the tests of evaluation."""

from pathlib import Path

import pytest

from tests.fakes import FakeEngine, fake_card
from tests.labelled_data import CLASSES, write_data


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up archive of labelled images."""
    return write_data(tmp_path_factory.mktemp("data") / "made_up.zip")


@pytest.fixture
def engine() -> FakeEngine:
    """A model of these images' classes."""
    return FakeEngine(fake_card(classes=CLASSES))
