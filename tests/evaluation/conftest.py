"""Fixtures of the tests of evaluation."""

import zipfile
from pathlib import Path

import pytest

from tests.evaluation.spots import spotted
from tests.fakes import CELLS, FakeEngine, fake_card
from tests.labelled_data import CLASSES, write_data


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up archive of labelled images."""
    return write_data(tmp_path_factory.mktemp("data") / "made_up.zip")


@pytest.fixture
def engine() -> FakeEngine:
    """A model of these images' classes."""
    return FakeEngine(fake_card(classes=CLASSES))


@pytest.fixture(scope="module")
def spots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose splits hold each image of ``spotted`` once."""
    path = tmp_path_factory.mktemp("spots") / "spots.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for cell in range(CELLS**2):
            for split in ("train", "test", "val"):
                name = f"{split}/bacterial_pneumonia/{cell:02}.png"
                archive.writestr(name, spotted(cell))
    return path
