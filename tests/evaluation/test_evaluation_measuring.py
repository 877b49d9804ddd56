"""Repeatability, everything measured in one go, its record and its document."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.conftest import BUNDLED, ROOT, make_radiograph
from tests.fakes import SIZE, FakeEngine, card_content
from tests.labelled_data import CLASSES, png
from xray_app.cards.card import parse_card, read_card
from xray_app.cards.evaluation_record import EVALUATION_FILE, read_evaluation
from xray_app.core.errors import CardError, InputError, UnknownChoice
from xray_app.core.images.changes import moved
from xray_app.core.images.image_files import encode_jpeg
from xray_app.engines.protocol import Engine
from xray_app.evaluation.calibration import calibrate
from xray_app.evaluation.evaluation import evaluate
from xray_app.evaluation.figures import FIGURES
from xray_app.evaluation.measuring import measure, write_measured
from xray_app.evaluation.repeatability import CHANGES, encode_dicom, repeatability
from xray_app.evaluation.text import record_markdown
from xray_app.readers import read_radiograph


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


CROPPED = {"height": SIZE, "width": SIZE, "fit": "resize-crop", "kernel": "bilinear",
           "antialias": True}  # fmt: skip


def test_what_is_changed_at_the_models_size_is_not_fitted_again() -> None:
    """Fitting by a crop would zoom in a second time, and the change would be that zoom."""
    card = parse_card(card_content(input=CROPPED), "fake")
    gray = np.random.default_rng(0).integers(0, 256, (50, 60), np.uint8)
    radiograph = make_radiograph(gray)
    plain = card.input.geometry.of(radiograph.display)
    changed = {name: change(card, radiograph) for name, change in CHANGES.items()}
    assert {image.shape for image in changed.values()} == {(SIZE, SIZE)}
    small = changed["reduced to the model's size, then stored as PNG"]
    assert np.abs(small - np.clip(plain, 0.0, 1.0)).max() <= 0.5 / 255 + 1e-6
    assert_array_equal(changed["moved 2 pixels right"][:, 2:], np.clip(plain, 0.0, 1.0)[:, :-2])
    assert_array_equal(changed["stored as PNG"], np.clip(plain, 0.0, 1.0))


def test_everything_in_one_go(engine: FakeEngine, data: Path, tmp_path: Path) -> None:
    adults = tmp_path / "adults" / "no_finding"
    adults.mkdir(parents=True)
    (adults / "1.png").write_bytes(png(230))
    card, record = measure(
        engine, data, adults, adults.parent, schemes=("clahe+zscore", "none+unit", "raw")
    )
    fed = [e.condition for e in record.evaluations]
    assert fed.count("fed as clahe+zscore") == 1
    assert fed.count("fed as rescale") == 1  # none+unit is what every model is fed
    assert "fed as raw" not in fed  # as trained
    assert record.command.endswith("--schemes clahe+zscore,none+unit,raw")
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
    with pytest.raises(UnknownChoice, match="nothing"):
        measure(engine, data, schemes=("nothing",))


def test_a_rate_of_no_radiographs_is_not_measured(
    engine: FakeEngine, data: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=f"Expected radiographs in {tmp_path.name}, found none"):
        measure(engine, data, tmp_path)


def test_a_broken_record_is_one_sentence(tmp_path: Path) -> None:
    assert read_evaluation(tmp_path / "none.json") is None
    for content, expected in (("{}", "is wrong in field format"), ("no json", "is not JSON")):
        (tmp_path / "evaluation.json").write_text(content)
        with pytest.raises(CardError, match=expected):
            read_evaluation(tmp_path / "evaluation.json")


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
    assert document.startswith(record_markdown(record, card))


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
