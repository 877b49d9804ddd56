"""Maps judged by anatomy, with lungs and evidence whose places are known."""

import io
import json
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tests.fakes import CELLS, SIZE, STRETCHED, FakeEngine, card_content, fake_card
from xray_app.__main__ import main
from xray_app.anatomy.lungs import Lungs, LungsFound
from xray_app.cards import ModelCard
from xray_app.cards.anatomy_record import ANATOMY_FILE, anatomy_of
from xray_app.commands import heatmaps
from xray_app.core import CardError, FloatArray, InputError
from xray_app.engines import find_card, list_models
from xray_app.engines import lung_network as lungs
from xray_app.evaluation import anatomy
from xray_app.explain import EXPLANATIONS

STEP = SIZE // CELLS
CLASSES = [{"name": n, "label": n} for n in ("normal", "bacterial_pneumonia", "viral_pneumonia")]


NETWORK = SimpleNamespace(record=SimpleNamespace(sha256="1" * 64))  # where the installed one is


def lungs_in(card: ModelCard, display: FloatArray) -> LungsFound:
    """The two middle columns of cells, but for an image whose corner is white."""
    if display[0, 0] > 0.9:
        return LungsFound(None, "Lungs are not drawn: they are not there.")
    right, left = np.zeros((SIZE, SIZE), bool), np.zeros((SIZE, SIZE), bool)
    right[:, STEP : 2 * STEP] = left[:, 2 * STEP : 3 * STEP] = True
    return LungsFound(Lungs(right, left))


@pytest.fixture(autouse=True)
def _lungs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anatomy, "draw_lungs", lungs_in)
    monkeypatch.setattr(anatomy, "lung_network", lambda: NETWORK)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Sixteen images, each with one bright cell, and one whose lungs can't be drawn."""
    path = tmp_path / "spots.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for cell in (*range(CELLS**2), None):
            pixels = np.full((SIZE, SIZE), 120, np.uint8)
            if cell is None:
                pixels[:] = 255
            else:
                row, column = divmod(cell, CELLS)
                pixels[row * STEP : (row + 1) * STEP, column * STEP : (column + 1) * STEP] = 255
                pixels[0, 0] = 120
            buffer = io.BytesIO()
            Image.fromarray(pixels).save(buffer, "PNG")
            name = f"test/bacterial_pneumonia/person{99 if cell is None else cell}_bacteria_1.png"
            archive.writestr(name, buffer.getvalue())
    return path


def engine() -> FakeEngine:
    return FakeEngine(fake_card(lungs="behind_heart", classes=CLASSES))


def test_half_the_evidence_by_hand(data: Path) -> None:
    fewer = data.with_name("fewer.zip")
    with zipfile.ZipFile(data) as whole, zipfile.ZipFile(fewer, "w") as part:
        for name in whole.namelist()[:5]:
            part.writestr(name, whole.read(name))
    record = anatomy.measure_anatomy(engine(), [data, fewer], 100, 3, "none")
    first, second = record.sets
    assert (first.data, second.data) == ("spots.zip", "fewer.zip")
    assert (second.images, second.without_lungs) == (5, 0)
    assert (first.images, first.without_lungs, first.area) == (17, 1, 0.5)
    by_method = {one.method: one for one in first.methods}
    assert set(by_method) == set(EXPLANATIONS)
    # Each image's evidence is in its bright cell alone: of sixteen cells eight are lung.
    found = by_method["hirescam"]
    assert found.images == 16
    # The first, the middle and the last image.
    assert by_method["scorecam"].images == 3
    assert found.evidence.value == pytest.approx(0.5, abs=0.05)
    assert found.gain.value == pytest.approx(found.evidence.value - 0.5, abs=1e-4)
    assert found.evidence.low < 0.5 < found.evidence.high
    assert "of the evidence in them" in anatomy.anatomy_text(record)


def test_a_card_that_says_nothing_of_lungs_is_one_sentence(data: Path) -> None:
    with pytest.raises(InputError, match="Expected field lungs on the model's card"):
        anatomy.measure_anatomy(FakeEngine(), [data], 10, 0, "none")


def test_no_network_is_one_sentence(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anatomy, "lung_network", lambda: None)
    with pytest.raises(InputError, match="Expected a network in models/lungs"):
        anatomy.measure_anatomy(engine(), [data], 10, 0, "none")


def test_the_command_writes_beside_the_weights(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = card_content(
        lungs="behind_heart", classes=CLASSES, input={"height": SIZE, "width": SIZE, **STRETCHED}
    )
    (tmp_path / "card.json").write_text(json.dumps(content))
    card = fake_card(lungs="behind_heart", classes=CLASSES).beside(tmp_path)
    monkeypatch.setattr(heatmaps, "open_engine", lambda _: FakeEngine(card))
    monkeypatch.setattr(heatmaps, "installed_model", lambda _: card.name)
    assert main(["anatomy", str(data), "--images", "8", "--slow-images", "0", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((tmp_path / ANATOMY_FILE).read_text())
    assert (
        printed["command"]
        == "python -m xray_app anatomy spots.zip --model fake --images 8 --slow-images 0"
    )
    assert anatomy_of(card) is not None
    assert main(["anatomy", str(data), "--images", "0"]) == 2
    assert "at least 1, received 0" in capsys.readouterr().err
    assert main(["anatomy", str(data), "--slow-images", "-1"]) == 2
    assert "at least 0, received -1" in capsys.readouterr().err
    assert main(["anatomy", str(data), str(tmp_path / "b" / data.name)]) == 2
    assert "different names, received spots.zip and spots.zip" in capsys.readouterr().err


def test_a_record_of_one_set_is_of_an_older_version(tmp_path: Path) -> None:
    (tmp_path / ANATOMY_FILE).write_text(json.dumps({"format": 1, "model": "fake"}))
    with pytest.raises(CardError, match="run python -m xray_app anatomy"):
        anatomy_of(fake_card().beside(tmp_path))


@pytest.mark.parametrize("name", list_models())
def test_the_figures_are_of_the_network_that_draws_the_lungs(name: str) -> None:
    record, network = anatomy_of(find_card(name)), lungs()
    assert record is not None and network is not None
    assert record.lungs_sha256 == network.record.sha256
