"""What a file's header says against the model's knowing its image."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread

from tests.conftest import make_radiograph
from tests.fakes import FakeEngine, card_content, fake_card
from tests.gate_rules import ENTRY, fake_rule
from xray_app.batch import model as batch_model
from xray_app.batch.item import Item
from xray_app.batch.scoring import BatchOptions, score_all
from xray_app.cards.card_parts import TrainingData
from xray_app.core.gate_rule import Finding
from xray_app.diagnosis.diagnosis import diagnose
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.evaluation.repeatability import encode_dicom
from xray_app.gate import judge as gate_judge
from xray_app.gate.stated import BODY_PART, VIEW, contradiction
from xray_app.readers import read_isolated, read_radiograph
from xray_app.readers.dicom.facts import age_years

KNOWN = {"ages": (1, 5), "body_parts": ("CHEST", "THORAX"), "views": ("AP", "PA")}


def known(**changes: object) -> TrainingData:
    content = card_content()["training_data"] | {"population": "children of 1 to 5 years"} | KNOWN
    return TrainingData.model_validate(content | changes)


@pytest.mark.parametrize(
    ("technical", "age", "finding"),
    [
        ({}, None, None),
        ({BODY_PART: "CHEST", VIEW: "AP"}, 3.0, None),
        ({BODY_PART: "chest ", VIEW: "pa"}, 5.9, None),
        ({BODY_PART: "HAND"}, 3.0, "no_chest"),
        ({VIEW: "LL"}, None, "no_chest"),
        ({}, 67.0, "other_population"),
        ({}, 18.0, "other_population"),
        ({}, 6.0, "older_child"),
        ({}, 0.5, "unlike"),
    ],
)
def test_what_the_header_says(
    technical: dict[str, str], age: float | None, finding: Finding | None
) -> None:
    said = contradiction(known(), technical, age)
    assert (said[0] if said else None) == finding
    if said:
        assert "children of 1 to 5 years" in said[1]
        assert "67" not in said[1]  # an age is a patient's, and is not shown


def test_what_the_card_does_not_state_is_not_compared() -> None:
    silent = known(ages=None, body_parts=(), views=())
    assert contradiction(silent, {BODY_PART: "HAND", VIEW: "LL"}, 67.0) is None


def test_an_open_gate_is_closed_by_the_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_judge, "rule_of", lambda card: fake_rule())
    data = card_content()["training_data"] | KNOWN
    engine = FakeEngine(fake_card(gate=ENTRY, training_data=data))
    radiograph = make_radiograph(np.tile(np.linspace(60, 200, 40, dtype=np.uint8), (48, 1)))
    reports = [
        diagnose(engine, replace(radiograph, age_years=age), Choices()).gate for age in (3.0, 67.0)
    ]
    assert [(r.verdict, r.finding) for r in reports if r] == [
        ("open", "known"),
        ("closed", "other_population"),
    ]


def test_what_the_pixels_say_stays_where_they_close_the_gate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gate_judge, "rule_of", lambda card: fake_rule())
    data = card_content()["training_data"] | KNOWN
    engine = FakeEngine(fake_card(gate=ENTRY, training_data=data))
    dark = make_radiograph(np.tile(np.linspace(0, 40, 40, dtype=np.uint8), (48, 1)))
    report = diagnose(engine, replace(dark, age_years=67.0), Choices()).gate
    assert report is not None
    assert (report.finding, report.fix) == ("negative", "invert")


@pytest.mark.parametrize("age", ["67", "abcY", "-67Y"])
def test_an_age_that_is_none_is_no_age(age: str) -> None:
    dataset = Dataset()
    dataset.add_new("PatientAge", "LO", age)
    assert age_years(dataset) is None


@pytest.mark.parametrize(
    ("age", "years"),
    [("067Y", 67.0), ("018M", 1.5), ("052W", 52 / 52.18), ("010D", 10 / 365.25), ("", None)],
)
def test_the_age_of_a_file_is_weighed_and_never_shown(age: str, years: float | None) -> None:
    dataset = dcmread(BytesIO(encode_dicom(np.full((16, 16), 100, np.uint8))))
    dataset.PatientAge, dataset.BodyPartExamined, dataset.ViewPosition = age, "HAND", "LL"
    buffer = BytesIO()
    dataset.save_as(buffer)
    radiograph = read_radiograph(buffer.getvalue())
    assert radiograph.age_years == (None if years is None else pytest.approx(years))
    assert radiograph.technical[BODY_PART] == "HAND"
    assert not any("age" in name.lower().split() for name in radiograph.technical)
    isolated = read_isolated(buffer.getvalue())
    assert isolated.age_years == radiograph.age_years


def test_a_row_of_a_batch_is_closed_by_the_header(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(gate_judge, "rule_of", lambda card: fake_rule())
    monkeypatch.setattr(batch_model, "rule_of", lambda card: fake_rule())
    data = card_content()["training_data"] | KNOWN
    engine = FakeEngine(fake_card(gate=ENTRY, training_data=data))
    gray = np.tile(np.linspace(60, 200, 40, dtype=np.uint8), (48, 1))
    items = []
    for name, age in (("child.dcm", "003Y"), ("adult.dcm", "067Y")):
        dataset = dcmread(BytesIO(encode_dicom(gray)))
        dataset.PatientAge = age
        dataset.save_as(tmp_path / name)
        items.append(Item(name, str(tmp_path / name)))
    rows = [scored.row for scored in score_all(engine, items, BatchOptions(workers=1))]
    assert [(r.gate_verdict, r.gate_finding) for r in rows] == [
        ("open", "known"), ("closed", "other_population")
    ]  # fmt: skip
