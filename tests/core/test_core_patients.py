"""Who is the patient of a file, on names and on the official split of real data."""

import zipfile
from pathlib import Path

import pytest

from xray_app.core.patients import patient_of


@pytest.mark.parametrize(
    ("path", "patient"),
    [
        ("test/VIRUS/person12_virus_3.jpeg", "person12_virus"),
        ("train/BACTERIA/person12_bacteria_46.jpeg", "person12_bacteria"),
        ("person1_0.png", "person1"),
        ("a/NORMAL2-IM-1419-0001.jpeg", "IM-1419"),
        ("IM-0011-0001-0002.jpeg", "IM-0011"),
        ("no_finding/00000013_021.png", "00000013"),
        ("x/100000013_021.png", "x/100000013_021.png"),
        ("person7_virus_1/scan.png", "person7_virus_1/scan.png"),
    ],
)
def test_patient_is_read_from_the_file_name(path: str, patient: str) -> None:
    assert patient_of(path) == patient


def test_official_split_keeps_pneumonia_patients_apart(data_directory: Path) -> None:
    """Its authors split by patient, so a rule under which patients are in both parts is wrong."""
    with zipfile.ZipFile(data_directory / "kermany_cxr_224.zip") as archive:
        names = [name for name in archive.namelist() if name.endswith(".jpeg")]
    held = {patient_of(name) for name in names if name.startswith("test/")}
    others = {patient_of(name) for name in names if not name.startswith("test/")}
    assert len(held) == 405  # as in docs/evaluation.md
    assert not {p for p in held & others if p.startswith("person")}
