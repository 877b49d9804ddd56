"""Deletion, insertion and randomization with the fake engine, whose evidence is known."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.conftest import BUNDLED, ROOT
from tests.fakes import CELLS, SIZE, FakeEngine, card_content, fake_card
from xray_app.__main__ import main
from xray_app.cards.as_trained import model_input
from xray_app.cards.faithfulness_record import (
    FAITHFULNESS_FILE,
    beats_mean,
    best_first,
    mean_sentence,
    read_faithfulness,
    thresholds_of,
)
from xray_app.commands import faithfulness
from xray_app.core.errors import CardError
from xray_app.core.normalization.schemes import PRESETS
from xray_app.core.probabilities import softmax
from xray_app.core.records import Saliency
from xray_app.evaluation.faithfulness.baselines import BASELINES, blind_maps, mean_maps
from xray_app.evaluation.faithfulness.cascading_randomization import measure_randomization
from xray_app.evaluation.faithfulness.curves import COVERED, curves_of, order_of
from xray_app.evaluation.faithfulness.deletion import measure_faithfulness
from xray_app.evaluation.faithfulness.placement import measure_placement
from xray_app.evaluation.faithfulness.record import (
    blob_sentence,
    faithfulness_rows,
    reservation,
)
from xray_app.evaluation.faithfulness.stability import measure_stability
from xray_app.explain.body import CORNERS
from xray_app.explain.class_activation import CLASS_ACTIVATIONS
from xray_app.explain.registry import EXPLANATIONS, SLOW

CLASSES = [
    {"name": name, "label": name}
    for name in ("normal", "bacterial_pneumonia", "viral_pneumonia")
]  # fmt: skip


def spotted(cell: int) -> bytes:
    """Middle gray, which says nothing to the fake, with one bright cell."""
    pixels = np.full((SIZE, SIZE), 127, np.uint8)
    step = SIZE // CELLS
    row, column = divmod(cell, CELLS)
    pixels[row * step : (row + 1) * step, column * step : (column + 1) * step] = 255
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "spots.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for cell in range(CELLS**2):
            for split in ("train", "test", "val"):
                name = f"{split}/bacterial_pneumonia/{cell:02}.png"
                archive.writestr(name, spotted(cell))
    return path


def test_the_highest_place_comes_first() -> None:
    saliency = np.array([[0.0, 3.0], [1.0, 2.0]], np.float32)
    order = order_of(saliency, (8, 8), np.random.default_rng(0))
    assert sorted(order.ravel() * 64) == list(range(64))
    assert order[0, 7] < order[7, 7] < order[7, 0] < order[0, 0]
    empty = np.zeros((2, 2), np.float32)
    assert order_of(empty, (8, 8), np.random.default_rng(0)).max() == 63 / 64


def test_a_map_that_finds_the_spot_beats_a_random_one(data: Path) -> None:
    engine = FakeEngine(fake_card(classes=CLASSES))
    (last,) = measure_faithfulness(engine, data, 16, 4)  # the fake has one layer
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


def test_the_mean_map_is_that_of_the_training_images(data: Path) -> None:
    engine = FakeEngine(fake_card(classes=CLASSES))
    means = mean_maps(engine, data, engine.layers)
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


def record_of(*rows: tuple[str, str, float, bool | None]) -> dict[str, Any]:
    """A record's results: method, layer, probability lost when covered, beats the mean map."""
    return {
        "results": [
            {
                "method": m,
                "layer": layer,
                "cover": {"value": c},
                "images": 40,
                "beats_mean": b,
                "beats_random": True,
            }
            for m, layer, c, b in rows
        ]
    }


def test_what_is_said_beside_a_map() -> None:
    record = record_of(
        ("gradcam", "last", 0.2, True),
        ("layercam", "last", 0.1, False),
        ("mean", "last", 0.15, False),
    )
    assert mean_sentence(record, "gradcam") == (
        "On test images, covering the top 15 % of maps like this costs 0.20 of the probability, "
        "covering that of the mean map of all training images 0.15."
    )
    assert "not shown that such a map tells more" in str(mean_sentence(record, "layercam", "last"))
    assert mean_sentence(record, "layercam", "another") is None
    assert mean_sentence(None, "gradcam") is None
    assert beats_mean(record, "hirescam") is None


def test_the_method_that_wins_is_offered_first() -> None:
    record = record_of(
        ("gradcam", "last", 0.20, True), ("layercam", "last", 0.25, True),
        ("gradcam++", "last", 0.30, False), ("mean", "last", 0.15, False),
    )  # fmt: skip
    methods = ("gradcam", "gradcam++", "layercam", "hirescam")
    assert best_first(record, methods) == ("layercam", "gradcam", "gradcam++", "hirescam")
    assert best_first(None, methods) == methods


def test_the_command_writes_the_record_and_prints_its_figures(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XRAY_APP_MODELS", str(tmp_path))
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "card.json").write_text(json.dumps(card_content(classes=CLASSES)))
    engine = FakeEngine(fake_card(classes=CLASSES))
    monkeypatch.setattr(faithfulness, "open_engine", lambda name, **_: engine)
    asked = ["faithfulness", str(data), "--images", "4", "--slow-images", "2"]
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


@pytest.mark.parametrize("option", ["--images", "--slow-images"])
def test_no_images_are_one_sentence(
    data: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["faithfulness", str(data), option, "0"]) == 2
    assert "at least 1" in capsys.readouterr().err


def test_a_shuffled_head_turns_the_map_round(data: Path) -> None:
    engine = FakeEngine(fake_card(classes=CLASSES))
    steps = {step.method: step for step in measure_randomization(engine, data, 8, 2)}
    assert set(steps) == set(EXPLANATIONS)
    # The fake's only stage exchanges what dark and bright speak for: the spot, which was the whole
    # evidence, becomes the one place without.
    assert steps["gradcam"].stage == "head"
    assert (steps["gradcam"].images, steps["gradcam"].defined) == (8, 8)
    assert steps["gradcam"].rank_correlation == pytest.approx(-1.0)
    likeness = steps["gradcam"].structural_similarity
    assert likeness is not None
    assert likeness < 0.2
    assert steps["scorecam"].images == steps["integrated-gradients"].images == 2


def test_an_engine_that_shuffles_nothing_keeps_its_maps(data: Path) -> None:
    class Stubborn(FakeEngine):
        def randomize(self, stage: str, seed: int) -> None:
            """Forget nothing."""

    found = measure_randomization(Stubborn(fake_card(classes=CLASSES)), data, 4, 4)
    assert [step.rank_correlation for step in found] == [1.0] * len(EXPLANATIONS)
    assert [step.structural_similarity for step in found] == [1.0] * len(EXPLANATIONS)


def test_stability_by_scheme(data: Path) -> None:
    found = measure_stability(FakeEngine(fake_card(classes=CLASSES)), data, 4, 1)
    assert {row.method for row in found} == set(EXPLANATIONS)
    assert {row.scheme for row in found} == set(PRESETS) - {"raw"}
    by_key = {(row.method, row.scheme): row for row in found}
    # Under caffe the bright spot stays the brightest; divided by 255 all is dark to the fake, and
    # nothing speaks for bacterial any more.
    assert by_key["gradcam", "caffe"].rank_correlation == pytest.approx(1.0)
    assert by_key["gradcam", "rescale"].rank_correlation is None
    assert by_key["gradcam", "rescale"].defined == 0
    assert by_key["gradcam", "rescale"].verdict == "mismatch"
    assert by_key["gradcam", "caffe"].images == 4
    assert by_key["scorecam", "caffe"].images == 1


def test_thresholds_and_corners_are_counted(data: Path) -> None:
    found = measure_placement(FakeEngine(fake_card(classes=CLASSES)), data)
    assert found.validation_images == 16
    assert set(found.thresholds) == set(CLASS_ACTIVATIONS)
    bacterial = next(row for row in found.corner_peaks if row.predicted == "bacterial_pneumonia")
    # Each of the 16 cells is the spot once, so each corner of 4 x 4 holds the peak once.
    assert bacterial.images == 16
    assert bacterial.peaks == dict.fromkeys(CORNERS, 1)
    # A corner rectangle is a seventh of 32 pixels wide, 5 at one side and 4 at the other; a spot of
    # 8 x 8 in a corner has 25, 20, 20 or 16 of its 64 pixels there. Of these 16 fractions, twelve
    # of them 0, the 95th percentile lies a quarter of the way from the 15th to the 16th.
    assert found.corner_thresholds["gradcam"] == pytest.approx(
        20 / 64 + 0.25 * (25 - 20) / 64, abs=1e-3
    )


def test_reservations() -> None:
    record = json.loads((ROOT / "models" / BUNDLED / FAITHFULNESS_FILE).read_text())
    assert reservation(None, "gradcam") == "Grad-CAM was not checked for this model."
    for result in record["results"]:
        result["beats_random"] = result["method"] == "hirescam"
        result["beats_mean"] = None
    assert reservation(record, "hirescam") is None
    assert "no better than a random map" in str(reservation(record, "layercam"))
    record["results"] = [r for r in record["results"] if r["method"] != "layercam"]
    assert "not checked" in str(reservation(record, "layercam"))
    assert thresholds_of(None, "gradcam") is None
    assert thresholds_of(record, "scorecam") is None


def test_a_broken_record_is_one_sentence(tmp_path: Path) -> None:
    assert read_faithfulness(tmp_path / "none.json") is None
    for content in ("{}", "no json", '{"results": [{"method": "nope"}]}'):
        (tmp_path / "broken.json").write_text(content)
        with pytest.raises(CardError, match="broken.json is not a record"):
            read_faithfulness(tmp_path / "broken.json")


def test_the_bundled_record_is_of_all_methods() -> None:
    record = json.loads((ROOT / "models" / BUNDLED / FAITHFULNESS_FILE).read_text())
    assert {row["method"] for row in record["results"]} == {*EXPLANATIONS, *BASELINES}


def test_a_record_of_the_earlier_format_is_shown(tmp_path: Path) -> None:
    """Without layers, covering and the mean map, as other people's models have it."""
    figure = {"value": 0.1, "low": 0.0, "high": 0.2}
    names = ("deletion", "insertion", "deletion_gain", "insertion_gain", "outside")
    result = dict.fromkeys(names, figure) | {
        "method": "gradcam", "images": 4, "beats_random": True, "randomized": 0.0
    }  # fmt: skip
    old = {
        "images": 4,
        "results": [result],
        "shortcuts": {"thresholds": {"gradcam": 0.3}, "corner_thresholds": {"gradcam": 0.4}},
    }
    (tmp_path / FAITHFULNESS_FILE).write_text(json.dumps(old))
    record = read_faithfulness(tmp_path / FAITHFULNESS_FILE)
    (row,) = faithfulness_rows(record or {})
    assert (row["Lost when covered"], row["Beats random"]) == ("undefined", "yes")
    assert thresholds_of(record, "gradcam") == (0.3, 0.4)
    assert mean_sentence(record, "gradcam") is None
