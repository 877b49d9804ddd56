"""The commands report and dicom, with the fake engine in the place of the bundled one."""

import zipfile
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from pydicom import dcmread

from tests.command_line import run, with_fake_engine
from tests.documents.made import LINKED, PATIENT, secrets, source
from tests.fakes import FakeEngine
from xray_app.commands import diagnosing
from xray_app.diagnosis import Diagnosis

DATE = ("--date", "2026-01-31T09:30Z")


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    return with_fake_engine(monkeypatch)


@pytest.fixture
def patient(tmp_path: Path) -> Path:
    path = tmp_path / "Quintessa_Zebulon.dcm"
    path.write_bytes(source())
    return path


def test_a_report_as_pdf(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "report.PDF"
    status, text, err = run(capsys, "report", "sample:normal_1", "--out", str(out), *DATE)
    assert (status, err) == (0, "")
    assert "not a medical device" in text
    page = pypdfium2.PdfDocument(out)[0].get_textpage().get_text_bounded()
    assert "2026-01-31 09:30 UTC" in page
    assert "AI-generated sample" in page
    again = tmp_path / "again.pdf"
    run(capsys, "report", "sample:normal_1", "--out", str(again), *DATE)
    assert out.read_bytes() == again.read_bytes()


def test_a_report_says_a_mismatch_first(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    arguments = ("--scheme", "rescale", "--out", str(out))
    _, text, _ = run(capsys, "report", "sample:normal_1", *arguments)
    assert text.startswith("Contrast divided by 255.")
    assert "<s>" in out.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["report.html", "report.pdf"])
def test_a_report_names_neither_patient_nor_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, patient: Path, name: str
) -> None:
    out = tmp_path / name
    assert run(capsys, "report", str(patient), "--out", str(out))[0] == 0
    content = out.read_bytes()
    if name.endswith(".pdf"):
        page = pypdfium2.PdfDocument(out)[0].get_textpage().get_text_bounded()
        content += page.encode()
    assert [word for word in secrets() if word in content] == []


def test_dicom_names_nobody_unless_linked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, patient: Path
) -> None:
    folder, archive = tmp_path / "new" / "folder", tmp_path / "linked.zip"
    status, text, _ = run(capsys, "dicom", str(patient), "--out", str(folder), *DATE)
    assert status == 0
    assert "naming no patient" in text
    names = {"secondary-capture.dcm", "structured-report.dcm", "report.dcm"}
    assert {p.name for p in folder.iterdir()} == names
    for path in folder.iterdir():
        assert [word for word in secrets() if word in path.read_bytes()] == []
    _, text, _ = run(capsys, "dicom", str(patient), "--link", "--out", str(archive), *DATE)
    assert "with the patient's identifiers" in text
    with zipfile.ZipFile(archive) as files:
        assert len(files.namelist()) == 4
        for name in files.namelist():
            with files.open(name) as content:
                dataset = dcmread(content)
            assert {k: str(dataset[k].value) for k in LINKED} == {k: PATIENT[k] for k in LINKED}


def test_two_patients_objects_never_lie_in_one_folder(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, patient: Path
) -> None:
    """The second export has no presentation state, and the first one's would stay."""
    folder = tmp_path / "out"
    assert run(capsys, "dicom", str(patient), "--link", "--out", str(folder), *DATE)[0] == 0
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    status, out, err = run(capsys, "dicom", "sample:normal_1", "--out", str(folder), *DATE)
    assert (status, out) == (2, "")
    assert err.startswith("Expected a folder without an export, received ")
    assert "presentation-state.dcm" in err
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    other = tmp_path / "other"
    other.mkdir()
    (other / "notes.txt").write_text("mine")
    assert run(capsys, "dicom", "sample:normal_1", "--out", str(other), *DATE)[0] == 0


def test_the_link_is_to_the_bytes_that_were_decoded(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    patient: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The file changes while the model works: another patient's, under the same name."""
    whole = diagnosing.diagnose

    def slow(*arguments: Any) -> Diagnosis:
        patient.write_bytes(source(PatientID="SOMEBODY-ELSE"))
        return whole(*arguments)

    monkeypatch.setattr(diagnosing, "diagnose", slow)
    folder = tmp_path / "out"
    assert run(capsys, "dicom", str(patient), "--link", "--out", str(folder), *DATE)[0] == 0
    for path in folder.iterdir():
        assert dcmread(path).PatientID == PATIENT["PatientID"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["report", "sample:normal_1", "--out", "x.doc"], "Unknown kind of report '.doc'"),
        (["report", "sample:normal_1", "--out", "x"], "Unknown kind of report 'none'"),
        (["report", "sample:normal_1"], "the following arguments are required: --out"),
        (["report", "sample:normal_1", "--out", "no/such/a.pdf"], "Can't write"),
        (["report", "sample:normal_1", "--out", "x.pdf", "--date", "soon"], "Expected a date"),
        (["dicom", "sample:normal_1", "--out", "x.zip", "--date", "0900-01-01"], "a year from"),
        (["report", "sample:normal_1", "--out", "x.pdf", "--opacity", "2"], "from 0 to 1"),
        (["report", "sample:normal_1", "--out", "x.pdf", "--colours", "jet"], "colour map 'jet'"),
        (["dicom", "sample:normal_1", "--out", "x.zip", "--link"], "Leave --link out"),
        (["dicom", "sample:normal_1", "--out", "README.md/x"], "Can't make the folder"),
    ],
)
def test_bad_arguments_give_one_line(
    capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert expected in err
