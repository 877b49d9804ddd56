"""Shared fixtures: real radiographs where they are there, the bundled model, a fake engine."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from tests.fakes import FakeEngine
from xray_app.core.records import ProvenanceStep, Radiograph, read_only
from xray_app.engines.catalogue import open_engine
from xray_app.engines.protocol import Engine

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
BUNDLED = "cxr_efficientnetb4"
# The first example of a test may load a library, and a busy machine is slow at any.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


# Rooms whose files take longest; begun last, one of them would keep one worker busy alone.
_LONG = {"training", "batch", "engines", "ui"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, as they are handed to the workers."""
    items.sort(key=lambda item: not _LONG & set(item.path.relative_to(ROOT).parts))


@pytest.fixture(scope="session")
def data_directory() -> Path:
    """The folder of real radiographs, which are not part of the project."""
    if not DATA.is_dir():
        pytest.skip("the real radiographs of shared/data are not on this machine")
    return DATA


@pytest.fixture(scope="session")
def shared_directory() -> Path:
    """The folder beside the project with other people's files, which are not part of it."""
    if not DATA.parent.is_dir():
        pytest.skip("the files of shared/ are not on this machine")
    return DATA.parent


@pytest.fixture(scope="session")
def bundled() -> Iterator[Engine]:
    """The bundled model as it is served, loaded once for all tests."""
    engine = open_engine(BUNDLED)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def reference() -> Iterator[Engine]:
    """The bundled model on TensorFlow, in a process of its own, loaded once for all tests."""
    engine = open_engine(BUNDLED, reference=True)
    yield engine
    engine.close()


@pytest.fixture
def fake() -> FakeEngine:
    return FakeEngine()


def make_radiograph(pixels: np.ndarray, white: float = 255.0) -> Radiograph:
    """A radiograph as a reader would make it from these gray values."""
    ends = float(pixels.min()), float(pixels.max())
    steps = (ProvenanceStep("Decoded", "made in a test", ends, ends),)
    stored = read_only(pixels)
    return Radiograph(stored, white, stored, "PNG", 8, steps, "0" * 64)


@pytest.fixture
def radiograph() -> Radiograph:
    """A smooth made-up image of 48 x 40 pixels with the whole gray range."""
    rows, columns = np.mgrid[0:48, 0:40]
    return make_radiograph(np.rint(255 * rows * columns / (47 * 39)).astype(np.uint8))
