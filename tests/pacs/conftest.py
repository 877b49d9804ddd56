"""A real PACS for the tests that need one, with radiographs in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from tests.pacs.orthanc import Orthanc, running_orthanc
from tools.sample_dicom import sample_dicom
from xray_app.samples import list_samples

# The first five are CR images: two chests, and three of 16 x 16 pixels in one study.
PYDICOM = (
    *("RG1_J2KI.dcm", "RG3_J2KR.dcm", "6154", "6247", "6278"),
    *("CT_small.dcm", "MR_small.dcm", "JPEG2000.dcm", "examples_overlay.dcm", "JPGExtended.dcm"),
)


@pytest.fixture(scope="session")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as server:
        yield server


@pytest.fixture
def configured(filled: Orthanc, monkeypatch: pytest.MonkeyPatch) -> Orthanc:
    """The same server, named in the environment."""
    for name, value in filled.environment.items():
        monkeypatch.setenv(name, value)
    return filled


@pytest.fixture(scope="session")
def radiographs() -> dict[str, bytes]:
    """Ten of pydicom's test files, five of them radiographs, and the drawn samples, by name."""
    files = {name: Path(str(get_testdata_file(name))).read_bytes() for name in PYDICOM}
    return files | {name: sample_dicom(name) for name in list_samples()}


@pytest.fixture(scope="session")
def filled(orthanc: Orthanc, radiographs: dict[str, bytes]) -> Orthanc:
    for data in radiographs.values():
        orthanc.post(data)
    return orthanc
