"""Deletion and insertion with the fake engine, whose evidence is known."""

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.evaluation.spots import CLASSES, spotted
from tests.fakes import CELLS, SIZE, FakeEngine, card_content, fake_card
from xray_app.__main__ import main
from xray_app.cards.as_trained import model_input
from xray_app.cards.faithfulness_record import FAITHFULNESS_FILE
from xray_app.commands import faithfulness
from xray_app.core.probabilities import softmax
from xray_app.core.records import Saliency
from xray_app.evaluation.faithfulness.baselines import BASELINES, blind_maps, mean_maps
from xray_app.evaluation.faithfulness.curves import COVERED, curves_of, order_of
from xray_app.evaluation.faithfulness.deletion import measure_faithfulness
from xray_app.evaluation.faithfulness.record import blob_sentence
from xray_app.explain.class_activation import CLASS_ACTIVATIONS
from xray_app.explain.registry import EXPLANATIONS, SLOW


def test_the_highest_place_comes_first() -> None:
    saliency = np.array([[0.0, 3.0], [1.0, 2.0]], np.float32)
    order = order_of(saliency, (8, 8), np.random.default_rng(0))
    assert sorted(order.ravel() * 64) == list(range(64))
    assert order[0, 7] < order[7, 7] < order[7, 0] < order[0, 0]
    empty = np.zeros((2, 2), np.float32)
    assert order_of(empty, (8, 8), np.random.default_rng(0)).max() == 63 / 64


def test_a_map_that_finds_the_spot_beats_a_random_one(spots: Path) -> None:
    engine = FakeEngine(fake_card(classes=CLASSES))
    (last,) = measure_faithfulness(engine, spots, 16, 4)  # the fake has one layer
    results = {r.method: r for r in last}
    assert set(results) == {*EXPLANATIONS, *BASELINES}
    assert {m for m, r in results.items() if r.images == 4} == set(SLOW) & set(EXPLANATIONS)
    assert {m for m, r in results.items() if r.images == 16} == {*CLASS_ACTIVATIONS, *BASELINES}
    assert results["integrated-gradients"].beats_random
    assert results["gradcam"].beats_random
    assert results["gradcam"].deletion.value < results["centre"].deletion.value
    assert results["gradcam"].insertion.value > results["centre"].insertion.value
    assert not results["random"].beats_random
    assert results["random"].randomized is None
    # The spot is in every place once, so the mean map knows nothing of where it is.
    assert results["gradcam"].beats_mean
    assert results["mean"].beats_mean is False
    assert results["mean"].cover_over_mean is not None
    assert results["mean"].cover_over_mean.value == 0.0
    assert {r.layer for r in last} == {"cells", "the input"}


def test_covering_takes_what_the_map_names() -> None:
    """A bright cell is a sixteenth of the image; the top 15 % holds it whole, or none of it."""
    engine = FakeEngine(fake_card(classes=CLASSES))
    display = np.full((SIZE, SIZE), 127 / 255, np.float32)
    step = SIZE // CELLS
    display[:step, :step] = 1.0
    spot = np.zeros((CELLS, CELLS), np.float32)
    spot[0, 0] = 1.0
    maps = {
        name: Saliency("gradcam", "cells", "bacterial_pneumonia", values, 1.0, "")
        for name, values in (("own", spot), ("far", spot[::-1, ::-1].copy()))
    }
    found = curves_of(engine, display, 1, maps)
    covered = np.where(order_of(spot, display.shape, np.random.default_rng(0)) < COVERED,
                       display.mean(), display)  # fmt: skip
    logits = engine.forward(
        np.stack([model_input(engine.card, x.astype(np.float32)).array for x in (display, covered)])
    ).logits
    before, after = softmax(logits)[:, 1]
    assert found["own"].cover == pytest.approx(before - after, abs=1e-6)
    assert found["own"].cover > 0.01 > abs(found["far"].cover)
    assert found["own"].deletion < found["far"].deletion


def test_the_mean_map_is_that_of_the_training_images(spots: Path) -> None:
    engine = FakeEngine(fake_card(classes=CLASSES))
    means = mean_maps(engine, spots, engine.layers)
    # Each of 16 maps is 1 in its own cell and 0 elsewhere.
    np.testing.assert_allclose(means["cells"], np.full((CELLS, CELLS), 1 / 16), atol=0.02)
    blind = blind_maps((CELLS, CELLS), means["cells"], np.random.default_rng(0))
    assert set(blind) == set(BASELINES)
    assert set(blind_maps((2, 2), None, np.random.default_rng(0))) == {"random", "centre"}


def test_without_training_images_nothing_is_said_of_a_mean_map(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "few.zip", "w") as archive:
        for cell in range(4):
            archive.writestr(f"test/bacterial_pneumonia/{cell}.png", spotted(cell))
    engine = FakeEngine(fake_card(classes=CLASSES))
    (last,) = measure_faithfulness(engine, tmp_path / "few.zip", 4, 1)
    assert {r.beats_mean for r in last} == {None}
    assert "mean" not in {r.method for r in last}


def test_the_command_writes_the_record_and_prints_its_figures(
    spots: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XRAY_APP_MODELS", str(tmp_path))
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "card.json").write_text(json.dumps(card_content(classes=CLASSES)))
    engine = FakeEngine(fake_card(classes=CLASSES))
    monkeypatch.setattr(faithfulness, "open_engine", lambda name, **_: engine)
    asked = ["faithfulness", str(spots), "--images", "4", "--slow-images", "2"]
    assert main(asked) == 0
    out, err = capsys.readouterr()
    assert err == ""  # half a minute passes before a log gets a line
    record = json.loads((tmp_path / "fake" / FAITHFULNESS_FILE).read_text())
    assert record["command"] == (
        "python -m xray_app faithfulness spots.zip --model fake --images 4 --slow-images 2"
    )
    lines = out.splitlines()
    assert lines[0].split("  ")[0] == "Map"
    assert re.match(r"Grad-CAM +cells +4 +", lines[1])
    assert lines[-1] == blob_sentence(record)


def test_maps_that_beat_a_blob_are_listed_as_a_sentence_does() -> None:
    def result(method: str, deletion: float, insertion: float, images: int = 9) -> dict[str, Any]:
        figures = {"deletion": {"value": deletion}, "insertion": {"value": insertion}}
        return {"method": method, "images": images, **figures}

    results = [
        result("centre", 0.5, 0.5),
        result("gradcam", 0.4, 0.6),
        result("gradcam++", 0.4, 0.4),
        result("layercam", 0.4, 0.6),
        result("hirescam", 0.3, 0.7),
        result("scorecam", 0.1, 0.9, images=2),
    ]
    said = blob_sentence({"results": results})
    assert said.startswith(
        "At the last layer Grad-CAM, LayerCAM and HiResCAM do better than a blob"
    )
    assert "no map does better" in blob_sentence({"results": results[:1]})


@pytest.mark.parametrize("option", ["--images", "--slow-images"])
def test_no_images_are_one_sentence(
    spots: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["faithfulness", str(spots), option, "0"]) == 2
    assert "at least 1" in capsys.readouterr().err
