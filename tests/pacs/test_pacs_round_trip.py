"""There and back with a real server: Debian's Orthanc, found, fetched from and stored in."""

import csv
import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import dcmread

from tests.documents.made import CREATED
from tests.documents.objects import judged
from tests.pacs.orthanc import Orthanc
from xray_app.__main__ import main
from xray_app.batch import find_inputs
from xray_app.core import InputError, PacsError
from xray_app.diagnosis import Choices, diagnose
from xray_app.documents import Setting, make_report
from xray_app.documents.dicom import dicom_export
from xray_app.documents.pdf import report_to_pdf
from xray_app.engines import Engine
from xray_app.pacs import (
    ADDRESS,
    Place,
    Query,
    all_images,
    find_studies,
    pacs_settings,
    retrieve,
    store,
)
from xray_app.readers import read_isolated
from xray_app.samples import list_samples

CR = ("RG1_J2KI.dcm", "RG3_J2KR.dcm", "6154", "6247", "6278")


def place(data: bytes) -> Place:
    dataset = dcmread(io.BytesIO(data), stop_before_pixels=True)
    return Place(dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID)


def test_exactly_the_radiographs_are_found_and_come_byte_by_byte(
    configured: Orthanc, radiographs: dict[str, bytes]
) -> None:
    """Of twenty-two files, the seventeen of modality CR; compressed ones stay as they are."""
    settings = pacs_settings()
    found = {image.place: image for image in all_images(settings, Query())}
    wanted = {place(radiographs[name]): name for name in (*CR, *list_samples())}
    assert set(found) >= set(wanted)
    others = {place(data) for name, data in radiographs.items() if name not in wanted.values()}
    assert not set(found) & others
    for where, name in wanted.items():
        assert retrieve(settings, where) == radiographs[name]
    assert (found[place(radiographs["RG3_J2KR.dcm"])].rows, found[next(iter(wanted))].modality) == (
        1760, "CR"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "names"),
    [
        (Query(name="Drawn, Normal 2"), ["normal_2"]),
        (Query(name="Drawn^Viral pneumonia 3"), ["viral_pneumonia_3"]),
        (Query(patient_id="SAMPLE-1"), ["bacterial_pneumonia_1"]),
        (Query(patient_id="SAMPLE-"), []),
        (Query(name="Nobody"), []),
        (Query(name="Drawn", modality="DX"), []),
    ],
)
def test_studies_by_what_is_known_of_them(
    configured: Orthanc, radiographs: dict[str, bytes], query: Query, names: list[str]
) -> None:
    found = [study.uid for study in find_studies(pacs_settings(), query)]
    assert found == [place(radiographs[name]).study for name in names]


def test_the_newest_come_first_and_no_more_than_asked_for(configured: Orthanc) -> None:
    found = find_studies(pacs_settings(), Query(name="Drawn", limit=12))
    assert [study.date for study in found] == [f"202601{day:02d}" for day in range(12, 0, -1)]
    assert len(find_studies(pacs_settings(), Query(name="Drawn", limit=5))) == 5


def test_a_wrong_password_is_said(configured: Orthanc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XRAY_APP_PACS_PASSWORD", "another")
    with pytest.raises(PacsError, match="refuses the login"):
        find_studies(pacs_settings(), Query())


@pytest.mark.parametrize("name", ["RG3_J2KR.dcm", "6154", "normal_1"])
def test_there_and_back(
    configured: Orthanc,
    radiographs: dict[str, bytes],
    bundled: Engine,
    name: str,
    tmp_path: Path,
) -> None:
    """Fetched, diagnosed, stored in the same study; valid, and the PACS lists it."""
    settings, where = pacs_settings(), place(radiographs[name])
    data = retrieve(settings, where)
    radiograph = read_isolated(data)
    diagnosis = diagnose(bundled, radiograph, Choices())
    report = make_report(radiograph, diagnosis, bundled.card, Setting(CREATED))
    files = dicom_export(report, radiograph, data, report_to_pdf(report)).files
    before = configured.instances(where.study)
    assert store(settings, where.study, list(files.values())) == len(files) == 4
    now = configured.instances(where.study)
    new = {uid: content for uid, content in now.items() if uid not in before}
    assert now.items() >= before.items()  # the original is as it was
    assert len(new) == 4
    original = dcmread(io.BytesIO(data), stop_before_pixels=True)
    for content in new.values():
        stored = dcmread(io.BytesIO(content))
        assert "research only" in str(stored.get("SeriesDescription"))
        assert stored.SeriesInstanceUID != original.SeriesInstanceUID
        for keyword in ("StudyInstanceUID", "PatientID", "PatientName", "StudyDate"):
            assert stored[keyword].value == original[keyword].value
        assert judged(content, tmp_path)[0] == []
    kinds = {dcmread(io.BytesIO(content)).Modality for content in new.values()}
    assert kinds == {"OT", "SR", "PR", "DOC"}
    # The results are no radiographs: the next search doesn't offer them.
    assert {i.place.instance for i in all_images(settings, Query())}.isdisjoint(new)


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    status = main(["pacs", *map(str, arguments)])
    return status, *capsys.readouterr()


def test_the_command_finds_fetches_and_stores(
    configured: Orthanc,
    radiographs: dict[str, bytes],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = "normal_3"
    status, out, _ = run(capsys, "find", "--id", "SAMPLE-7", "--json")
    (row,) = json.loads(out)
    assert (status, row["date"], row["modality"], row["rows"]) == (0, "2026-01-07", "CR", 224)
    assert row["address"] == f"dicomweb://{place(radiographs[name])}"
    assert "Drawn" not in out and "SAMPLE" not in out  # named on request alone
    assert "Drawn^Normal 3" in run(capsys, "find", "--id", "SAMPLE-7", "--identifiers")[1]
    monkeypatch.setattr(sys, "stdin", io.StringIO("SAMPLE-7\n"))
    assert row["address"] in run(capsys, "find", "--id", "-")[1]
    assert "No radiograph" in run(capsys, "find", "--id", "SAMPLE-77")[1]

    status, out, _ = run(capsys, "fetch", row["address"], "--out", tmp_path / "in")
    (file,) = (tmp_path / "in").iterdir()
    assert (status, out) == (0, f"{file}\n")
    assert file.read_bytes() == radiographs[name]

    assert main(["dicom", str(file), "--link", "--out", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    made = sorted((tmp_path / "out").iterdir())
    before = configured.instances(place(radiographs[name]).study)
    assert "Add --yes" in run(capsys, "store", *made)[2]
    assert "Expected an object that" in run(capsys, "store", file, "--yes")[2]
    assert configured.instances(place(radiographs[name]).study) == before
    status, out, _ = run(capsys, "store", *made, "--yes")
    assert status == 0 and "4 objects in one study" in out
    assert len(configured.instances(place(radiographs[name]).study)) == len(before) + 4


def test_a_batch_of_what_a_filter_finds(
    configured: Orthanc, radiographs: dict[str, bytes], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    out = tmp_path / "t.csv"
    address = "dicomweb://?name=Drawn^Normal&since=2026-01-05&until=2026-01-06"
    assert main(["batch", address, "--out", str(out)]) == 0
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    wanted = [place(radiographs[name]) for name in ("normal_2", "normal_1")]
    assert [row["name"] for row in rows] == [f"dicomweb://{where}" for where in wanted]
    assert [row["error"] for row in rows] == ["", ""]
    assert {row["predicted"] for row in rows} == {"normal"}
    text = out.read_text(encoding="utf-8") + "".join(capsys.readouterr())
    assert "Drawn" not in text and "SAMPLE" not in text


def test_a_batch_of_what_can_not_be_found_is_one_sentence(
    configured: Orthanc, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(find_inputs(["dicomweb://?name=Nobody"])) == []
    for address, said in (
        ("dicomweb://", "Expected a filter"),
        ("dicomweb://?colour=red", "Unknown filter"),
        ("dicomweb://1.2/3.4", "Expected dicomweb://STUDY/SERIES/INSTANCE"),
    ):
        with pytest.raises(InputError, match=said):
            find_inputs([address])
    (item,) = find_inputs(["dicomweb://?id=SAMPLE-7"])
    assert list(find_inputs([item.name])) == [item]
    gone = replace(item, place=f"{ADDRESS}1.2/3.4/5.6")
    with pytest.raises(InputError, match="nothing at that address"):  # one row, not the batch
        gone.read()
    monkeypatch.setenv("XRAY_APP_PACS_URL", "http://127.0.0.1:9/dicom-web")
    with pytest.raises(PacsError, match="can't be reached"):
        list(find_inputs(["dicomweb://?modality=CR"]))
    monkeypatch.delenv("XRAY_APP_PACS_URL")
    with pytest.raises(InputError, match="XRAY_APP_PACS_URL, found none"):
        find_inputs(["dicomweb://?modality=CR"])
