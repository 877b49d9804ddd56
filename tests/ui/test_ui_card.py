"""The page Model card under AppTest, its figures, and the calibrated figure on Diagnose."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import BUNDLED, ROOT, make_radiograph
from tests.fakes import SIZE, FakeEngine, fake_card
from xray_app.cards.card import read_card
from xray_app.cards.evaluation_record import EVALUATION_FILE, ModelEvaluation, read_evaluation
from xray_app.core.classifier_metrics import ReliabilityBin
from xray_app.diagnosis.diagnosis import diagnose
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.engines.catalogue import verified_gate
from xray_app.evaluation.gate.figures import gate_rows
from xray_app.presentation.words import certainty
from xray_app.ui.charts import card as card_figures

FOLDER = ROOT / "models" / BUNDLED
CARD = read_card(FOLDER / "card.json")


@pytest.fixture(scope="module")
def record() -> ModelEvaluation:
    found = read_evaluation(FOLDER / EVALUATION_FILE)
    assert found is not None
    return found


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / BUNDLED).mkdir()
    assert CARD.gate is not None
    for name in ("card.json", EVALUATION_FILE, CARD.gate.file):
        shutil.copy(FOLDER / name, tmp_path / BUNDLED)
    monkeypatch.setenv("XRAY_APP_MODELS", str(tmp_path))
    return tmp_path


def open_page(app: AppTest) -> AppTest:
    return app.run().switch_page("xray_app/ui/pages/card.py").run()


def test_the_page_says_what_is_known(models: Path, app: AppTest, record: ModelEvaluation) -> None:
    open_page(app)
    assert not app.exception
    text = "\n".join(e.value for kind in (app.markdown, app.caption) for e in kind)
    assert "It is not a medical device" in text
    assert "children of 1 to 5 years" in text
    assert "for reporting only" in text
    tables = "\n".join(t.value.to_string() for t in app.table)
    first = record.evaluations[0].figures["auc"]
    assert f"{first.value:.3f} ({first.low:.3f} to {first.high:.3f})" in tables
    assert "0.968" in tables  # the published figure stands beside it
    assert "CC BY 4.0" in tables
    gate = verified_gate(CARD)
    assert gate is not None
    for row in gate_rows(gate):
        assert row["Value (95 % interval)"] in tables
    assert "labelled as without a finding" in app.warning[0].value
    assert app.code[-1].value == record.command
    assert 'x, (256, 256), interpolation="bilinear", antialias=True' in app.code[0].value


def test_figures_of_another_threshold_are_said(models: Path, app: AppTest) -> None:
    path = models / BUNDLED / "card.json"
    content = json.loads(path.read_text())
    content["threshold"]["value"] = 0.4321
    path.write_text(json.dumps(content))
    open_page(app)
    assert "have changed since these figures were measured" in app.warning[0].value


def test_a_model_that_was_not_measured_is_said(models: Path, app: AppTest) -> None:
    (models / BUNDLED / EVALUATION_FILE).unlink()
    open_page(app)
    assert not app.exception
    assert "Nothing has been measured" in app.info[0].value
    (models / BUNDLED / EVALUATION_FILE).write_text("{}")
    assert "is wrong in field" in app.run().error[0].value


def test_figures_hold_what_was_measured(record: ModelEvaluation) -> None:
    first = record.evaluations[0]
    _, curve, here, published = card_figures.roc_curve(first, CARD).data
    assert (curve.x[0], curve.y[-1]) == (0.0, 1.0)
    assert here.y[0] == first.figures["sensitivity"].value
    assert published.x[0] == pytest.approx(1 - 0.901)
    shown = [(name, first.reliability[name]) for name in ("raw", "calibrated")]
    _, before, after = card_figures.reliability_diagram(shown, "says", "is so").data
    assert sum(before.customdata) == sum(after.customdata) == 624
    (bin_,) = [ReliabilityBin(0.75, 0.5, 100)]
    _, one = card_figures.reliability_diagram([("after", (bin_,))], "says", "is so").data
    assert one.error_y.array[0] == pytest.approx(0.0962, abs=1e-3)  # Wilson's 0.404 to 0.596
    assert one.error_y.arrayminus[0] == pytest.approx(0.0962, abs=1e-3)
    matrix = np.asarray(card_figures.confusion_matrix(first, CARD).data[0].z)
    assert matrix.sum(axis=1) == pytest.approx([1.0, 1.0, 1.0])


def test_a_class_without_images_has_no_fractions(record: ModelEvaluation) -> None:
    first = record.evaluations[0]
    counts = ((0, 0, 0), *first.confusion[1:])
    chart = card_figures.confusion_matrix(first.model_copy(update={"confusion": counts}), CARD)
    assert np.isnan(np.asarray(chart.data[0].z[0])).all()
    assert list(chart.data[0].text[0]) == ["0<br>undefined"] * 3
    assert chart.data[0].text[1][0].endswith("%")


def test_both_figures_are_said() -> None:
    bright = make_radiograph(np.full((SIZE, SIZE), 255, np.uint8))
    plain = fake_card()
    assert "not calibrated" in certainty(plain, diagnose(FakeEngine(plain), bright, Choices()))
    basis = {"fitted_on": "made up", "command": "none"}
    card = fake_card(
        calibration={"method": "temperature", "temperatures": [4.0], **basis},
        threshold={"value": 0.5, "criterion": "none", **basis},
    )
    said = certainty(card, diagnose(FakeEngine(card), bright, Choices()))
    assert "the model's own figure is Bacterial pneumonia 0.95" in said
    assert "Any class but normal: 0.87, over the threshold of 0.50." in said
    dark = make_radiograph(np.full((SIZE, SIZE), 100, np.uint8))
    careful = card.model_copy(
        update={"threshold": card.threshold.model_copy(update={"value": 0.1})}
    )
    assert "Not ruled out, any class but normal: 0." in certainty(
        careful, diagnose(FakeEngine(card), dark, Choices())
    )
    other = certainty(card, diagnose(FakeEngine(card), bright, Choices(scheme="minmax+byte")))
    assert other.endswith("The calibration holds for the scheme raw only.")
