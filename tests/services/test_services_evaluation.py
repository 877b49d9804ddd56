"""Evaluate, calibrate and measure with the fake engine on made-up images."""

import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from tests.conftest import BUNDLED, ROOT, make_radiograph
from tests.fakes import SIZE, FakeEngine, card_content, fake_card
from xray_app.__main__ import main
from xray_app.commands import evaluating
from xray_app.core.card import ModelCard, read_card
from xray_app.core.errors import CardError, InputError
from xray_app.core.evaluation import EVALUATION_FILE, Evaluation, read_evaluation
from xray_app.engines.protocol import Engine
from xray_app.readers import read_radiograph
from xray_app.services.calibrating import calibrate
from xray_app.services.diagnosis import diagnose
from xray_app.services.evaluation import FIGURES, evaluate
from xray_app.services.evaluation_text import evaluation_text, record_markdown
from xray_app.services.json_text import json_text
from xray_app.services.labelled_images import open_split, person_of
from xray_app.services.measuring import measure, write_measured
from xray_app.services.passes import Choices
from xray_app.services.repeatability import CHANGES, encode_dicom, encode_jpeg, moved, repeatability
from xray_app.services.report import diagnosis_to_dict

CLASSES = [
    {"name": "normal", "label": "Normal", "folders": ["NORMAL"]},
    {"name": "bacterial_pneumonia", "label": "Bacterial pneumonia", "folders": ["BACTERIA"]},
    {"name": "viral_pneumonia", "label": "Viral pneumonia"},
]
# Dark speaks for normal, bright for bacterial; even gray gives the fake equal logits.
GRAYS = {"NORMAL": 20, "BACTERIA": 230, "viral_pneumonia": 150}


def png(gray: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((SIZE, SIZE), gray, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve images a class and split."""
    path = tmp_path_factory.mktemp("data") / "made_up.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for split in ("val", "test"):
            for k, (folder, gray) in enumerate(GRAYS.items()):
                for i in range(12):
                    person = f"person{100 * k + i}_virus"
                    archive.writestr(f"{split}/{folder}/{person}_{i}.png", png(gray + 3 * i - 15))
        archive.writestr("__MACOSX/val/NORMAL/x.png", b"no image")
    return path


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(fake_card(classes=CLASSES))


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


@pytest.mark.parametrize(
    ("path", "person"),
    [
        ("test/VIRUS/person12_virus_3.jpeg", "person12_virus"),
        ("NORMAL2-IM-0051-0001.jpeg", "IM-0051"),
        ("no_finding/00000013_021.png", "00000013"),
        ("a/b.png", "a/b.png"),
    ],
)
def test_persons_are_told_from_names(path: str, person: str) -> None:
    assert person_of(path) == person


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
    assert list(found.figures) == list(FIGURES)
    # Normal is darkest, so the order is perfect; the fake calls all that is bright bacterial.
    assert found.figures["auc"].value == 1.0
    assert found.figures["sensitivity"].value == found.figures["specificity"].value == 1.0
    assert found.confusion == ((12, 0, 0), (0, 12, 0), (0, 12, 0))
    assert found.figures["all_classes_accuracy"].value == pytest.approx(2 / 3, abs=1e-4)
    assert found.figures["kinds_accuracy"].value == 0.5
    assert found.figures["ece"] == found.figures["ece_raw"]  # its card has no calibration
    low, high = found.figures["kinds_accuracy"].low, found.figures["kinds_accuracy"].high
    assert low < 0.5 < high
    assert found.roc[0] == (0.0, 0.0)
    assert found.roc[-1] == (1.0, 1.0)
    assert sum(b.images for b in found.reliability["raw"]) == 36
    assert found.predictive_values[0].positive.value == 1.0
    assert Evaluation.model_validate(json.loads(found.model_dump_json())) == found
    assert "Sensitivity" in evaluation_text(found, engine.card)
    assert evaluate(engine, data, prevalences=[0.1]) == found


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


def test_versions_of_an_image() -> None:
    gray = np.tile(np.arange(0, 250, 5, dtype=np.uint8), (31, 1))
    assert_array_equal(read_radiograph(encode_dicom(gray)).stored, gray)
    jpeg = read_radiograph(encode_jpeg(gray, 75)).stored.astype(int)
    assert np.abs(jpeg - gray).max() < 12
    image = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert_array_equal(moved(image, 0, 1), [[0, 0, 1], [3, 3, 4]])
    assert_array_equal(moved(image, -1, 0), [[3, 4, 5], [3, 4, 5]])


def test_lossless_versions_need_no_second_pass(engine: FakeEngine) -> None:
    radiographs = [make_radiograph(np.full((SIZE, SIZE), g, np.uint8)) for g in (30, 220)]
    found = repeatability(engine, engine.card, lambda: radiographs, "two flat images")
    assert [r.change for r in found] == list(CHANGES)
    windowless = "stored as DICOM without a window"
    assert all(r.flips == 0 and r.images == 2 for r in found if r.change != windowless)
    # A flat image stays the same under every change, but for one: its range becomes the window.
    assert engine.calls == 2
    assert found[0].rate.high == pytest.approx(1 - 0.025**0.5, abs=1e-4)  # exact, none of two


def test_everything_in_one_go(engine: FakeEngine, data: Path, tmp_path: Path) -> None:
    adults = tmp_path / "adults" / "no_finding"
    adults.mkdir(parents=True)
    (adults / "1.png").write_bytes(png(230))
    card, record = measure(engine, data, adults, adults.parent)
    assert record.evaluations[0].condition == "as trained"
    assert record.evaluations[1].roc == ()
    assert record.other_populations[0].called_positive.value == 1.0
    assert {m.name for m in card.metrics} >= {"AUC, fed as rescale", FIGURES["auc"]}
    folder = tmp_path / "fake"
    folder.mkdir()
    content = card_content(classes=CLASSES, limitations=["kept as it is"])
    (folder / "card.json").write_text(json.dumps(content))
    write_measured(folder, card, record)
    written = read_card(folder / "card.json")
    assert written.threshold == card.threshold
    assert written.metrics == card.metrics
    assert written.limitations == ("kept as it is",)
    assert read_evaluation(folder / EVALUATION_FILE) == record
    assert str(tmp_path) not in (folder / EVALUATION_FILE).read_text()
    assert "## Repeatability" in record_markdown(record, card)
    with pytest.raises(InputError, match="no_finding"):
        measure(engine, data, None, data)


def test_a_broken_record_is_one_sentence(tmp_path: Path) -> None:
    assert read_evaluation(tmp_path / "none.json") is None
    for content, expected in (("{}", "is wrong in field format"), ("no json", "is not JSON")):
        (tmp_path / "evaluation.json").write_text(content)
        with pytest.raises(CardError, match=expected):
            read_evaluation(tmp_path / "evaluation.json")


def test_commands(
    engine: FakeEngine, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("XRAY_APP_MODELS", str(tmp_path))
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "card.json").write_text(json.dumps(card_content(classes=CLASSES)))
    monkeypatch.setattr(evaluating, "open_engine", lambda name, **_: engine)

    assert main(["evaluate", str(data), "--prevalence", "0.2", "--json"]) == 0
    out, err = capsys.readouterr()
    assert [p["prevalence"] for p in json.loads(out)["predictive_values"]] == [0.2]
    assert "test, raw: 36/36" in err
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


def test_short_json_stays_on_one_line() -> None:
    value = {"a": [1, 2], "b": [{"name": "x" * 40, "value": 1.0}, {"name": "y" * 40}]}
    assert json.loads(json_text(value)) == value
    assert json_text(value).splitlines()[1] == '  "a": [1, 2],'


def test_the_shipped_record_fits_the_shipped_card() -> None:
    folder = ROOT / "models" / BUNDLED
    card, record = read_card(folder / "card.json"), read_evaluation(folder / EVALUATION_FILE)
    assert record is not None
    first = record.evaluations[0]
    assert first.weights_sha256 == card.weights.sha256
    assert card.threshold is not None
    assert first.threshold == card.threshold.value == record.calibration.threshold
    assert {m.value for m in card.metrics} >= {first.figures["auc"].value}
    assert record.calibration.split == "val"
    assert sum(first.images.values()) == 624
    text = (folder / EVALUATION_FILE).read_text()
    assert not re.search(r'"[^"]*/(work|tmp|home|root)/', text)
    document = (ROOT / "docs" / "evaluation.md").read_text()
    assert document == record_markdown(record, card)


@pytest.mark.slow
def test_the_shipped_record_is_measured_again(bundled: Engine, data_directory: Path) -> None:
    """The whole record, but for what the machine's rounding moves."""
    record = read_evaluation(ROOT / "models" / BUNDLED / EVALUATION_FILE)
    assert record is not None
    again = evaluate(bundled, data_directory / "kermany_cxr_224.zip")
    for name, figure in record.evaluations[0].figures.items():
        assert again.figures[name].value == pytest.approx(figure.value, abs=0.004), name
        assert again.figures[name].low == pytest.approx(figure.low, abs=0.01), name
    trial = calibrate(bundled, data_directory / "kermany_cxr_224.zip").trial
    assert trial.threshold == pytest.approx(record.calibration.threshold, abs=0.01)
    assert trial.chosen == record.calibration.chosen
