"""The DICOM objects: read back by pydicom and GDCM, and judged by dciodvfy."""

import contextlib
import io
import re
import struct
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.errors import BytesLengthException

from tests.conftest import make_radiograph
from tests.documents.made import (
    DEGENERATE,
    LINKED,
    PATIENT,
    long_names,
    report_of,
    secrets,
    source,
)
from tests.documents.objects import CAPTURE, REPORT, WINDOW, judged, linked, read
from tests.readers.reader_files import RAMP, png
from xray_app.core.errors import InputError
from xray_app.core.records import Radiograph
from xray_app.documents.dicom import export as export_module
from xray_app.documents.dicom.capture import IN_PIXELS, captioned
from xray_app.documents.dicom.codes import SCHEME
from xray_app.documents.dicom.export import dicom_export, link_check, study_of_own, zipped
from xray_app.readers import read_radiograph

# What it warns of, and why that is meant.
MEANT = (
    f"Unrecognized defined term = <{SCHEME}>",  # a private coding scheme
    "would be needed to build DICOMDIR",  # an unlinked object has no patient
    "should be absent (not empty) if an unpaired body part",  # the body part is unknown
)


@pytest.mark.parametrize("link", [False, True])
@pytest.mark.parametrize("scheme", [None, "rescale"])
def test_dciodvfy_finds_no_error(link: bool, scheme: str | None, tmp_path: Path) -> None:
    data = source()
    radiograph = read_radiograph(data, "x")
    export = dicom_export(report_of(radiograph, scheme), radiograph, data if link else None)
    assert len(export.files) == (3 if link else 2)
    for content in export.files.values():
        errors, warnings = judged(content, tmp_path)
        assert errors == []
        assert [w for w in warnings if not any(known in w for known in MEANT)] == []


@pytest.mark.parametrize("kind", DEGENERATE)
def test_any_image_is_valid(kind: str, tmp_path: Path) -> None:
    radiograph = make_radiograph(DEGENERATE[kind])
    export = dicom_export(report_of(radiograph, "zscore"), radiograph, None)
    for content in export.files.values():
        assert judged(content, tmp_path)[0] == []


def test_long_and_foreign_words_are_valid(radiograph: Radiograph, tmp_path: Path) -> None:
    engine = long_names()
    export = dicom_export(report_of(radiograph, engine=engine), radiograph, None)
    for content in export.files.values():
        assert judged(content, tmp_path)[0] == []
        assert dcmread(io.BytesIO(content)).SpecificCharacterSet == "ISO_IR 192"


def test_without_a_link_no_byte_names_the_patient() -> None:
    data = source()
    assert all(word in data for word in secrets())  # the words are really there
    radiograph = read_radiograph(data, "x")
    export = dicom_export(report_of(radiograph), radiograph, None)
    for content in (*export.files.values(), zipped(export.files)):
        assert [word for word in secrets() if word in content] == []
    assert WINDOW not in export.files
    assert "original image" in export.note
    assert read(export, CAPTURE).PatientID == read(export, REPORT).PatientID == ""


def test_a_link_copies_exactly_what_a_study_must_agree_in() -> None:
    export = linked(source())
    for name in (CAPTURE, REPORT, WINDOW):
        dataset = read(export, name)
        assert {k: str(dataset[k].value) for k in LINKED} == {k: PATIENT[k] for k in LINKED}
        assert dataset.SOPInstanceUID != PATIENT["SOPInstanceUID"]
        assert dataset.SeriesInstanceUID != PATIENT["SeriesInstanceUID"]
        kept = (*LINKED, "SeriesInstanceUID", "SOPInstanceUID")
        assert [word for word in secrets(kept) if word in export.files[name]] == []
    assert export.note == ""
    reference = read(export, WINDOW).ReferencedSeriesSequence[0]
    assert reference.SeriesInstanceUID == PATIENT["SeriesInstanceUID"]
    image = reference.ReferencedImageSequence[0]
    assert image.ReferencedSOPInstanceUID == PATIENT["SOPInstanceUID"]
    assert read(export, CAPTURE).SourceImageSequence[0] == image


def test_all_objects_of_one_export_share_a_study_and_nothing_else(radiograph: Radiograph) -> None:
    export = dicom_export(report_of(radiograph), radiograph, None)
    capture, report = read(export, CAPTURE), read(export, REPORT)
    assert capture.StudyInstanceUID == report.StudyInstanceUID
    assert capture.SeriesInstanceUID != report.SeriesInstanceUID
    other = dicom_export(report_of(radiograph, "rescale"), radiograph, None)
    assert read(other, CAPTURE).SOPInstanceUID != capture.SOPInstanceUID
    assert dicom_export(report_of(radiograph), radiograph, None) == export


def test_the_capture_is_the_overlay_with_its_warning() -> None:
    radiograph = read_radiograph(source(), "x")
    report = report_of(radiograph, "rescale")
    dataset = read(dicom_export(report, radiograph, None), CAPTURE)
    assert (dataset.Modality, dataset.PhotometricInterpretation) == ("OT", "RGB")
    assert (dataset.pixel_array == captioned(report)).all()
    assert dataset.pixel_array.shape[1] >= 640
    assert dataset.ImageComments.startswith(IN_PIXELS)
    assert report.cautions[0] in dataset.ImageComments
    assert "Not to be used: " in dataset.ImageComments


def test_the_capture_opens_with_gdcm(radiograph: Radiograph, tmp_path: Path) -> None:
    gdcm = pytest.importorskip("gdcm")
    report = report_of(radiograph)
    path = tmp_path / CAPTURE
    path.write_bytes(dicom_export(report, radiograph, None).files[CAPTURE])
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    image = reader.GetImage()
    height, width, _ = captioned(report).shape
    assert [image.GetDimension(i) for i in (0, 1)] == [width, height]
    raw = image.GetBuffer().encode("utf-8", "surrogateescape")
    assert np.frombuffer(raw, np.uint8).tobytes() == captioned(report).tobytes()


def test_what_cannot_be_linked_to() -> None:
    for data in (png(RAMP), source(StudyInstanceUID=""), source(SeriesInstanceUID="")):
        assert "Leave the link out" in link_check(data)[0]
    assert link_check(source()) == ("", "")


def test_what_a_link_leaves_out_is_said(radiograph: Radiograph) -> None:
    data = source(AccessionNumber=["AC", "12"])
    assert radiograph.controls is None  # which file it was read from can't be told
    sentence = "declares: Accession Number."
    assert link_check(data)[1].endswith(sentence)
    export = dicom_export(report_of(radiograph), radiograph, data)
    assert export.note.endswith(sentence)
    assert dcmread(io.BytesIO(export.files[CAPTURE])).AccessionNumber == ""


def test_a_day_that_is_none_is_left_out_of_the_objects(radiograph: Radiograph) -> None:
    data = source(PatientBirthDate="20160231")
    export = dicom_export(report_of(radiograph), radiograph, data)
    assert export.note.endswith("declares: Patient's Birth Date.")
    assert dcmread(io.BytesIO(export.files[CAPTURE])).PatientBirthDate == ""


def test_warnings_are_muted_for_one_export_at_a_time(
    radiograph: Radiograph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Warning filters are the process's: whoever ends first would restore them for all others."""
    inside, most = [0], [0]
    original = export_module.capture

    def counted(*given: Any) -> Any:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.2)
        inside[0] -= 1
        return original(*given)

    monkeypatch.setattr(export_module, "capture", counted)
    report = report_of(radiograph)
    with ThreadPoolExecutor(2) as pool:
        for made in [pool.submit(dicom_export, report, radiograph, None) for _ in range(2)]:
            assert CAPTURE in made.result().files
    assert most == [1]


def test_other_content_has_another_uid(radiograph: Radiograph) -> None:
    """A UID names one object for ever (PS3.5 9): archives keep the first that came with it."""
    report = report_of(radiograph)
    first, *others = report.classes
    changes: dict[str, Any] = {
        "classes": (replace(first, probability=0.25), *others),
        "contract_figures": report.contract_figures | {"coverage": 0.123},
        "gate_verdict": "open",
        "aside": "Another sentence.",
        "technical": (*report.technical, ("Modality", "DX")),
        "model_name": "another",
        "versions": (*report.versions, ("another", "1.0")),
        "overlay": report.overlay[::-1],
    }
    reports = [report, *(replace(report, **{name: value}) for name, value in changes.items())]
    exports = [dicom_export(each, radiograph, None) for each in reports]
    exports.append(dicom_export(report, radiograph, None, b"%PDF"))
    for name in (CAPTURE, REPORT):
        uids = {read(export, name).SOPInstanceUID for export in exports}
        assert len(uids) == len(exports)
    again = dicom_export(report, radiograph, None)
    assert again.files == exports[0].files


def test_the_app_is_the_same_device_whatever_it_made(radiograph: Radiograph) -> None:
    seen = set()
    for scheme in (None, "rescale"):
        export = dicom_export(report_of(radiograph, scheme), radiograph, None)
        text = str(read(export, REPORT))
        seen |= set(re.findall(r"Device Observer UID.*?UID\s+UI: (\S+)", text, re.DOTALL))
        assert "Device Observer Serial Number" not in text  # a version is none
    assert len(seen) == 1


@pytest.mark.parametrize("link", [False, True])
def test_the_report_is_carried_whole(link: bool, tmp_path: Path) -> None:
    data = source()
    radiograph = read_radiograph(data, "x")
    pdf = b"%PDF-1.4 of an odd length"
    export = dicom_export(report_of(radiograph), radiograph, data if link else None, pdf)
    dataset = read(export, "report.dcm")
    assert dataset.EncapsulatedDocument[: dataset.EncapsulatedDocumentLength] == pdf
    assert "research only" in dataset.DocumentTitle
    kept = {k: str(dataset[k].value) for k in LINKED if k in dataset and dataset[k].value}
    own_study = {"StudyInstanceUID", "StudyDate", "StudyTime"}
    assert set(kept) == (set(LINKED) if link else own_study)
    assert {k for k in kept if kept[k] == PATIENT[k]} == (set(LINKED) if link else set())
    errors, warnings = judged(export.files["report.dcm"], tmp_path)
    assert errors == []
    assert [w for w in warnings if not any(known in w for known in MEANT)] == []


def test_only_own_and_linked_objects_are_known_as_such() -> None:
    data = source()
    radiograph = read_radiograph(data, "x")
    for content in dicom_export(report_of(radiograph), radiograph, data, b"%PDF").files.values():
        assert study_of_own(content) == PATIENT["StudyInstanceUID"]
    unlinked = dicom_export(report_of(radiograph), radiograph, None).files[CAPTURE]
    for other in (data, unlinked, b"", png(RAMP)):
        with pytest.raises(InputError, match="dicom --link"):
            study_of_own(other)


def test_a_damaged_object_is_refused_in_a_sentence() -> None:
    whole = linked(source()).files[CAPTURE][:2000]
    for seed in range(40):
        random = np.random.default_rng(seed)
        damaged = bytearray(whole)
        for place in random.integers(132, len(damaged), 60):
            damaged[place] = random.integers(0, 256)
        with contextlib.suppress(InputError):
            study_of_own(bytes(damaged))


@pytest.mark.parametrize(
    "error", [NotImplementedError, struct.error, BytesLengthException, RecursionError]
)
def test_whatever_the_parser_raises_is_a_sentence(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error("damaged")

    monkeypatch.setattr(export_module, "dcmread", fail)
    with pytest.raises(InputError, match="received another file"):
        study_of_own(source())


def test_another_file_than_the_one_that_was_read_is_not_linked_to() -> None:
    radiograph = read_radiograph(source(), "x")
    with pytest.raises(InputError, match="or one that has changed"):
        dicom_export(report_of(radiograph), radiograph, source(PatientID="SOMEBODY-ELSE"))


def test_the_zip_holds_the_files(radiograph: Radiograph) -> None:
    files = dicom_export(report_of(radiograph), radiograph, None).files
    with zipfile.ZipFile(io.BytesIO(zipped(files))) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files
