"""Labelled images, figures and calibration with the fake engine on made-up images."""

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.conftest import ROOT, make_radiograph
from tests.fakes import SIZE, FakeEngine, card_content, fake_card
from tests.labelled_data import CLASSES
from xray_app.__main__ import main
from xray_app.cards.card import ModelCard, read_card
from xray_app.cards.evaluation_record import EVALUATION_FILE, Evaluation, read_evaluation
from xray_app.commands import common, evaluating
from xray_app.core.errors import InputError
from xray_app.core.probabilities import softmax
from xray_app.diagnosis.diagnosis import diagnose
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.evaluation.calibration import calibrate
from xray_app.evaluation.evaluation import evaluate
from xray_app.evaluation.figures import FIGURES, figure_text_of, figures_of
from xray_app.evaluation.labelled_images import open_split
from xray_app.evaluation.text import evaluation_text
from xray_app.presentation.plain import diagnosis_to_dict


def test_the_split_is_read_in_order(engine: FakeEngine, data: Path, tmp_path: Path) -> None:
    with open_split(data, "val", engine.card) as images:
        assert len(images) == 36
        assert_array_equal(np.bincount(images.labels), [12, 12, 12])
        assert len(images.part(slice(None, None, 5))) == 8
        in_zip = images.paths
    with zipfile.ZipFile(data) as archive:
        archive.extractall(tmp_path / "made_up")
    with open_split(tmp_path / "made_up", "val", engine.card) as images:
        assert images.paths == in_zip
        assert next(iter(images.radiographs())).pixels.shape == (SIZE, SIZE)


def test_data_that_are_not_there_are_named(engine: FakeEngine, data: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Expected images in valid/CLASS/ in made_up.zip"):
        evaluate(engine, data, "valid")
    with pytest.raises(InputError, match=r"Can't read nowhere.zip"):
        evaluate(engine, tmp_path / "nowhere.zip")
    (tmp_path / "text.zip").write_text("no archive")
    with pytest.raises(InputError, match="Expected a folder or a zip"):
        evaluate(engine, tmp_path / "text.zip")
    with pytest.raises(InputError, match="Expected class folders .* received 'BACTERIA'"):
        evaluate(FakeEngine(), data)
    with pytest.raises(InputError, match=r"Expected a prevalence between 0 and 1, received 1"):
        evaluate(engine, data, prevalences=[1.0])


def test_figures_by_hand(engine: FakeEngine, data: Path) -> None:
    found = evaluate(engine, data, prevalences=[0.1])
    assert list(found.figures) == [n for n in FIGURES if not n.startswith("set_")]  # no sets
    # Normal is darkest, so the order is perfect; the fake calls all that is bright bacterial.
    assert found.figures["auc"].value == 1.0
    assert found.figures["sensitivity"].value == found.figures["specificity"].value == 1.0
    # No bootstrap shows how sure a figure is that all images agree on.
    assert 0.5 < found.figures["specificity"].low < 1.0 == found.figures["specificity"].high
    assert found.confusion == ((12, 0, 0), (0, 12, 0), (0, 12, 0))
    assert found.figures["all_classes_accuracy"].value == pytest.approx(2 / 3, abs=1e-4)
    assert found.figures["kinds_accuracy"].value == 0.5
    assert found.figures["ece"] == found.figures["ece_raw"]  # its card has no calibration
    low, high = found.figures["kinds_accuracy"].low, found.figures["kinds_accuracy"].high
    assert low < 0.5 < high
    assert found.roc[0] == (0.0, 0.0)
    assert found.roc[-1] == (1.0, 1.0)
    assert sum(b.images for b in found.reliability["raw"]) == 36
    # Of those called positive all are: how many may not be follows from the specificity's end.
    ppv, alarms = found.predictive_values[0].positive, 1.0 - found.figures["specificity"].low
    assert (ppv.value, ppv.high) == (1.0, 1.0)
    low = found.figures["sensitivity"].low
    assert ppv.low == pytest.approx(0.1 * low / (0.1 * low + 0.9 * alarms), abs=2e-4)
    assert Evaluation.model_validate(json.loads(found.model_dump_json())) == found
    assert "Sensitivity" in evaluation_text(found, engine.card)
    assert evaluate(engine, data, prevalences=[0.1]) == found


@pytest.mark.parametrize("measured", [evaluate, calibrate])
def test_classes_that_do_not_exclude_each_other_are_not_measured(
    measured: Callable[[FakeEngine, Path], object], engine: FakeEngine, data: Path
) -> None:
    engine.card = engine.card.model_copy(update={"outputs": "sigmoid"})
    with pytest.raises(InputError, match=r"exclude each other .* aren't measured here\."):
        measured(engine, data)


def test_another_scheme_is_another_condition(engine: FakeEngine, data: Path) -> None:
    found = evaluate(engine, data, scheme="rescale")
    assert found.condition == "fed as rescale"
    assert found.figures["sensitivity"].value == 0.0  # everything arrives dark, so it is normal


@pytest.mark.parametrize("split", ["test", "train"])
def test_nothing_is_chosen_on_test_images(engine: FakeEngine, data: Path, split: str) -> None:
    with pytest.raises(InputError, match=f"Expected the split 'val' .* received '{split}'"):
        calibrate(engine, data, split)
    assert engine.calls == 0


def test_calibrating_reads_only_validation_images(
    engine: FakeEngine, data: Path, tmp_path: Path
) -> None:
    """Without its test images the data give the same calibration."""
    only_val = tmp_path / "made_up.zip"
    with zipfile.ZipFile(data) as archive, zipfile.ZipFile(only_val, "w") as target:
        for name in archive.namelist():
            if name.startswith("val/"):
                target.writestr(name, archive.read(name))
    assert calibrate(engine, only_val) == calibrate(engine, data)


def test_calibrating_lowers_the_log_loss(engine: FakeEngine, data: Path) -> None:
    found = calibrate(engine, data)
    assert found.trial.images == 36
    assert found.trial.accuracy == pytest.approx(2 / 3, abs=1e-4)
    losses = {method.method: method.log_loss for method in found.trial.methods}
    assert found.trial.chosen == min(losses, key=lambda name: losses[name])
    assert found.card.calibration is not None
    assert found.card.threshold is not None
    assert 0.0 < found.card.threshold.value < 1.0
    assert "made_up.zip" in found.card.calibration.command


def calibrated_card() -> ModelCard:
    calibration = {
        "method": "temperature", "temperatures": [4.0], "fitted_on": "made up", "command": "none",
    }  # fmt: skip
    return fake_card(calibration=calibration)


def test_a_prediction_shows_both_figures() -> None:
    bright = make_radiograph(np.full((SIZE, SIZE), 255, np.uint8))
    prediction = diagnose(FakeEngine(calibrated_card()), bright, Choices()).prediction
    raw = diagnose(FakeEngine(), bright, Choices()).prediction
    assert raw.raw_probabilities is None
    assert prediction.raw_probabilities is not None
    assert_array_equal(prediction.raw_probabilities, raw.probabilities)
    assert prediction.top_probability < raw.top_probability
    # Logits are -2, 4, 1; a quarter of them -0.5, 1, 0.25.
    expected = np.exp([-0.5, 1.0, 0.25])
    assert prediction.probabilities == pytest.approx(expected / expected.sum(), rel=1e-5)


def test_json_has_both_figures() -> None:
    bright = make_radiograph(np.full((SIZE, SIZE), 255, np.uint8))
    result = diagnosis_to_dict(diagnose(FakeEngine(calibrated_card()), bright, Choices()), "a.png")
    assert set(result["raw_probabilities"]) == set(result["probabilities"])
    assert max(result["raw_probabilities"].values()) > max(result["probabilities"].values())


def test_commands(
    engine: FakeEngine, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("XRAY_APP_MODELS", str(tmp_path))
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "card.json").write_text(json.dumps(card_content(classes=CLASSES)))
    for module in (evaluating, common):
        monkeypatch.setattr(module, "open_engine", lambda name, **_: engine)

    assert main(["evaluate", str(data), "--prevalence", "0.2", "--json"]) == 0
    out, err = capsys.readouterr()
    assert [p["prevalence"] for p in json.loads(out)["predictive_values"]] == [0.2]
    assert err == ""  # half a minute passes before a log gets a line
    assert main(["calibrate", str(data), "--split", "test"]) == 2
    assert "reporting only" in capsys.readouterr().err
    assert main(["calibrate", str(data), "--json"]) == 0
    calibration = read_card(tmp_path / "fake" / "card.json").calibration
    assert calibration is not None
    written = calibration.model_dump(mode="json")
    assert json.loads(capsys.readouterr().out)["calibration"] == written
    document = tmp_path / "evaluation.md"
    assert main(["measure", str(data), "--document", str(document)]) == 0
    assert document.read_text().startswith("# What was measured of fake")
    assert document.read_text() == capsys.readouterr().out
    assert (tmp_path / "fake" / EVALUATION_FILE).is_file()


@pytest.mark.parametrize("path", sorted(ROOT.glob("models/*/evaluation.json")), ids=str)
def test_every_printed_interval_of_a_shipped_record_holds_its_figure(path: Path) -> None:
    """The bootstrap of a calibration error may lie above the error itself: 0.0333, 0.04 to 0.12."""
    record = read_evaluation(path)
    assert record is not None
    for evaluation in record.evaluations:
        for name in evaluation.figures:
            text = figure_text_of(evaluation, name)
            ends = re.fullmatch(r"(\S+) \((\S+) to (\S+)\)", text)
            assert (ends is None) == name.startswith("ece") or text == "undefined"
            if ends:
                value, low, high = map(float, ends.groups())
                assert low <= value <= high, (name, text)
    first = record.evaluations[0]
    assert figure_text_of(first, "ece").startswith(
        f"{first.figures['ece'].value:.3f}; chance alone: {first.chance['ece'].low:.3f} to "
    )


def test_images_that_are_surely_negative_keep_their_order() -> None:
    """Of logits 50 and 60 apart 1 - p is 0 for both: a tie, and an AUC of 0.5 in place of 1."""
    logits = np.array([[60.0, 0.0], [50.0, 0.0]])
    labels, counts = np.array([0, 1]), np.ones((1, 2))
    card = fake_card(classes=CLASSES[:2])
    found = figures_of(card, softmax(logits), softmax(logits), labels, counts)
    assert found["auc"].tolist() == [1.0]
