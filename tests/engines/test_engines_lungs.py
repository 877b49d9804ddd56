"""The network that draws the lungs, as it is installed."""

import importlib
import shutil
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from xray_app.anatomy import draw_lungs
from xray_app.cards import LUNGS_FILE, read_lungs
from xray_app.core import CardError, WeightsError, models_directory
from xray_app.core.images import resize
from xray_app.engines import find_card, list_models
from xray_app.engines.onnx.lung_network import FOLDER, LungNetwork, lung_network
from xray_app.readers import read_radiograph
from xray_app.samples import list_samples, read_sample

MODULE = importlib.import_module("xray_app.engines.onnx.lung_network")


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The installed network in a folder that may be damaged."""
    shutil.copytree(models_directory() / FOLDER, tmp_path / FOLDER)
    monkeypatch.setattr(MODULE, "models_directory", lambda: tmp_path)
    lung_network.cache_clear()
    yield tmp_path / FOLDER
    lung_network.cache_clear()


def test_the_figures_are_those_that_were_asked_for() -> None:
    record = read_lungs(models_directory() / FOLDER)
    assert record is not None
    assert record.parameters < 500_000
    by_drawing = {test.drawing: test for test in record.tests}
    assert by_drawing["behind_heart"].images == 624
    assert by_drawing["beside_heart"].images == 566
    assert all(test.dice.low <= test.dice.value <= test.dice.high for test in record.tests)


def test_the_folder_is_no_model() -> None:
    assert FOLDER not in list_models()


def test_the_lungs_of_most_samples_are_drawn() -> None:
    card = find_card("cxr_efficientnetb4")
    found = [
        draw_lungs(card, read_radiograph(read_sample(name)).display) for name in list_samples()
    ]
    drawn = [one for one in found if one.lungs is not None]
    assert len(drawn) >= len(found) - 1
    for one in drawn:
        assert one.lungs is not None
        columns = [np.nonzero(lung)[1].mean() for lung in (one.lungs.right, one.lungs.left)]
        assert columns[0] < columns[1]


@pytest.mark.parametrize("gray", [0.0, 0.5, 1.0])
def test_a_blank_image_has_no_lungs(gray: float) -> None:
    card = find_card("cxr_efficientnetb4")
    found = draw_lungs(card, np.full((256, 256), gray, np.float32))
    assert found.lungs is None
    assert found.doubt.startswith("Lungs are not drawn: ")


def test_noise_has_no_lungs() -> None:
    card = find_card("cxr_efficientnetb4")
    noise = np.random.default_rng(0).random((256, 256), np.float32)
    found = draw_lungs(card, noise)
    assert found.lungs is None


def test_children_of_the_official_test(data_directory: Path) -> None:
    """Ten of them, at the masks' own size: the figure of the record, seen again."""
    network = lung_network()
    assert network is not None
    dice = []
    with (
        zipfile.ZipFile(data_directory / "kermany_cxr_224.zip") as images,
        zipfile.ZipFile(data_directory / "kermany_lung_masks_224.zip") as masks,
    ):
        stems = {name.rsplit(".", 1)[0]: name for name in images.namelist()}
        names = sorted(n for n in masks.namelist() if n.startswith("test/") and n[-1] != "/")[::62]
        for name in names:
            radiograph = read_radiograph(images.read(stems[name.rsplit(".", 1)[0]]))
            mask = np.asarray(Image.open(BytesIO(masks.read(name))).convert("L")) >= 128
            given = network.probabilities(radiograph.display, "behind_heart")
            found = resize(given, *mask.shape) >= 0.5
            dice.append(2 * (mask & found).sum() / (mask.sum() + found.sum()))
    assert len(dice) >= 10
    assert np.mean(dice) > 0.92


def test_another_file_is_one_sentence(copy: Path) -> None:
    record = read_lungs(copy)
    assert record is not None
    (copy / record.file).write_bytes(b"not a graph")
    with pytest.raises(WeightsError, match=r"lungs/lungs.onnx with SHA-256 .*found another file"):
        LungNetwork(record)
    (copy / record.file).unlink()
    with pytest.raises(WeightsError, match="found none; restore it"):
        lung_network()


def test_a_damaged_record_is_one_sentence(copy: Path) -> None:
    (copy / LUNGS_FILE).write_text("{")
    with pytest.raises(CardError, match="Record of the lungs lungs.json is not JSON"):
        lung_network()


def test_without_the_folder_nothing_is_drawn(copy: Path) -> None:
    shutil.rmtree(copy)
    assert lung_network() is None
    found = draw_lungs(find_card("cxr_efficientnetb4"), np.zeros((8, 8), np.float32))
    assert (found.lungs, found.doubt) == (None, "")
