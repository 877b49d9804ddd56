"""The structured report, read back by pydicom."""

import io
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.sr.codedict import codes

from tests.conftest import make_radiograph
from tests.documents.made import bright, calibrated, report_of
from tests.documents.objects import REPORT, judged, read
from tests.fakes import FakeEngine, fake_card
from tests.gate_rules import gated
from xray_app.core.records import Radiograph
from xray_app.documents.dicom.codes import SCHEME
from xray_app.documents.dicom.export import dicom_export


def items(dataset: Dataset) -> list[Dataset]:
    found = []
    for item in dataset.get("ContentSequence") or ():
        found += [item, *items(item)]
    return found


def named(dataset: Dataset, meaning: str) -> list[Dataset]:
    return [
        item
        for item in items(dataset)
        if "ConceptNameCodeSequence" in item
        and item.ConceptNameCodeSequence[0].CodeMeaning == meaning
    ]


def measured(dataset: Dataset, meaning: str) -> float:
    (item,) = named(dataset, meaning)
    return float(item.MeasuredValueSequence[0].NumericValue)


def evaluated(dataset: Dataset, meaning: str) -> str:
    (item,) = named(dataset, meaning)
    return str(item.ConceptCodeSequence[0].CodeMeaning)


def test_the_structured_report_holds_the_result(radiograph: Radiograph) -> None:
    report = report_of(radiograph)
    dataset = read(dicom_export(report, radiograph, None), REPORT)
    assert dataset.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    title = dataset.ConceptNameCodeSequence[0]
    assert title.CodeValue == codes.cid7021.ImagingMeasurementReport.value
    assert (dataset.VerificationFlag, dataset.CompletionFlag) == ("UNVERIFIED", "PARTIAL")
    assert dataset.PreliminaryFlag == "PRELIMINARY"
    for row in report.classes:
        value = measured(dataset, f"Raw probability of {row.label}")
        assert value == pytest.approx(row.probability, abs=1e-6)
    assert measured(dataset, "Fraction of the training range covered") <= 1.0
    assert evaluated(dataset, "Whether the model knows such images") == "Not checked"
    assert evaluated(dataset, "Whether the normalization fits the training") == "Fits training"
    assert evaluated(dataset, "Most probable class") == report.headline[:-5]
    assert "not a medical device" in evaluated(dataset, "Intended use")
    (algorithm,) = named(dataset, "Algorithm Name")
    assert algorithm.TextValue == "fake"
    assert dataset.CodingSchemeIdentificationSequence[0].CodingSchemeDesignator == SCHEME


def test_the_structured_report_of_what_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    report = report_of(bright(), "rescale", gated(monkeypatch))
    dataset = read(dicom_export(report, bright(), None), REPORT)
    assert not named(dataset, "Most probable class")
    assert named(dataset, "Most probable class, not to be used")
    assert evaluated(dataset, "Whether the model knows such images").startswith("Outside")
    fit = evaluated(dataset, "Whether the normalization fits the training")
    assert fit == "Does not fit: the prediction can't be relied on"


def test_a_label_with_what_dicom_reserves_is_one_value(tmp_path: Path) -> None:
    """A backslash would begin a second value (PS3.5 6.2), a control character is none of LO."""
    classes = [*fake_card().model_dump()["classes"][:2], {"name": "odd", "label": "A\\B\tC\x1bD"}]
    engine = FakeEngine(fake_card(classes=classes))
    image = make_radiograph(np.full((40, 40), 90, np.uint8))
    content = dicom_export(report_of(image, engine=engine), image, None).files[REPORT]
    dataset = dcmread(io.BytesIO(content))
    assert named(dataset, "Raw probability of A B C D")
    assert judged(content, tmp_path)[0] == []


def test_both_probabilities_of_a_calibrated_model(radiograph: Radiograph) -> None:
    report = report_of(radiograph, engine=calibrated())
    dataset = read(dicom_export(report, radiograph, None), REPORT)
    for row in report.classes:
        assert row.raw is not None
        raw = measured(dataset, f"Raw probability of {row.label}")
        shown = measured(dataset, f"Calibrated probability of {row.label}")
        assert raw == pytest.approx(row.raw, abs=1e-6)
        assert shown == pytest.approx(row.probability, abs=1e-6)
