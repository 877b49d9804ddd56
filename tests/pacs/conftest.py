"""A real PACS for the tests that need one, with radiographs in it."""

from collections.abc import Iterator

import pytest

from tests.pacs.orthanc import Orthanc, running_orthanc


@pytest.fixture(scope="session")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as server:
        yield server


@pytest.fixture
def configured(orthanc: Orthanc, monkeypatch: pytest.MonkeyPatch) -> Orthanc:
    """The same server, named in the environment."""
    for name, value in orthanc.environment.items():
        monkeypatch.setenv(name, value)
    return orthanc
