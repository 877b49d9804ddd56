"""Deletion, insertion and randomization with the fake engine, whose evidence is known."""

import argparse
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import BUNDLED, ROOT
from tests.fakes import CELLS, SIZE, FakeEngine, card_content, fake_card
from xray_app.core.errors import CardError
from xray_app.explain.class_activation import EXPLANATIONS
from xray_app.services import faithfulness_report
from xray_app.services.faithfulness import BASELINES, faithfulness, order_of
from xray_app.services.faithfulness_report import (
    FAITHFULNESS_FILE,
    add_faithfulness_arguments,
    faithfulness_markdown,
    read_faithfulness,
    run_faithfulness_command,
)

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
            archive.writestr(f"test/bacterial_pneumonia/{cell:02}.png", spotted(cell))
    return path


def test_the_highest_place_comes_first() -> None:
    saliency = np.array([[0.0, 3.0], [1.0, 2.0]], np.float32)
    order = order_of(saliency, (8, 8), np.random.default_rng(0))
    assert sorted(order.ravel() * 64) == list(range(64))
    assert order[0, 7] < order[7, 7] < order[7, 0] < order[0, 0]
    empty = np.zeros((2, 2), np.float32)
    assert order_of(empty, (8, 8), np.random.default_rng(0)).max() == 63 / 64


def test_a_map_that_finds_the_spot_beats_a_random_one(data: Path) -> None:
    results = {r.method: r for r in faithfulness(FakeEngine(fake_card(classes=CLASSES)), data, 16)}
    assert set(results) == {*EXPLANATIONS, *BASELINES}
    assert all(r.images == 16 for r in results.values())
    assert results["gradcam"].beats_random
    assert results["gradcam"].deletion.value < results["centre"].deletion.value
    assert results["gradcam"].insertion.value > results["centre"].insertion.value
    assert not results["random"].beats_random
    assert results["random"].randomized is None


def test_the_command_writes_record_and_document(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XRAY_APP_MODELS", str(tmp_path))
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "card.json").write_text(json.dumps(card_content(classes=CLASSES)))
    engine = FakeEngine(fake_card(classes=CLASSES))
    monkeypatch.setattr(faithfulness_report, "open_engine", lambda name, **_: engine)
    parser = argparse.ArgumentParser()
    add_faithfulness_arguments(parser)
    out = tmp_path / "out.md"
    record = run_faithfulness_command(
        parser.parse_args([str(data), "--images", "4", "--document", str(out)])
    )
    assert "test images: 4/4" in capsys.readouterr().err
    assert json.loads((tmp_path / "fake" / FAITHFULNESS_FILE).read_text()) == record
    assert record["command"] == "python -m xray_app faithfulness spots.zip --model fake --images 4"
    assert "| Grad-CAM | " in out.read_text()


def test_a_broken_record_is_one_sentence(tmp_path: Path) -> None:
    assert read_faithfulness(tmp_path / "none.json") is None
    for content in ("{}", "no json", '{"results": [{"method": "nope"}]}'):
        (tmp_path / "broken.json").write_text(content)
        with pytest.raises(CardError, match="broken.json is not a record"):
            read_faithfulness(tmp_path / "broken.json")


def test_the_document_is_what_the_record_says() -> None:
    record = json.loads((ROOT / "models" / BUNDLED / FAITHFULNESS_FILE).read_text())
    assert {row["method"] for row in record["results"]} == {*EXPLANATIONS, *BASELINES}
    assert (ROOT / "docs" / "faithfulness.md").read_text() == faithfulness_markdown(record)
