"""The images that evaluation, calibration and the gate look at, and the files that are none."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from tests.fakes import SIZE, FakeEngine
from tests.labelled_data import write_data
from tests.readers.reader_files import DEEP, dicom, exif_block, pillow, png
from xray_app.cards.as_trained import to_model_size
from xray_app.core.errors import InputError, UnreadableFile
from xray_app.core.images import Geometry
from xray_app.evaluation.evaluation import evaluate
from xray_app.evaluation.gate.collection import read_image_set
from xray_app.evaluation.labelled_images import evenly, open_split
from xray_app.evaluation.scoring import displays_of
from xray_app.readers import read_isolated, registry

FILES = {
    "a.jpeg": pillow(np.tile(np.arange(40, dtype=np.uint8), (50, 1)), "JPEG", exif=exif_block(6)),
    "b.png": png(DEEP),
    "c": dicom(DEEP, PhotometricInterpretation="MONOCHROME1"),
}


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """``FILES`` as test images of one class, and files beside them that are no images."""
    folder = tmp_path / "odd" / "test" / "BACTERIA"
    folder.mkdir(parents=True)
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    for place in ("README.txt", "labels.csv", ".hidden.png"):
        (folder / place).write_text("no image\n")
    return tmp_path / "odd"


def test_the_page_the_evaluation_and_the_gate_see_the_same(engine: FakeEngine, odd: Path) -> None:
    shown = [to_model_size(engine.card, read_isolated(content)) for content in FILES.values()]
    with open_split(odd, "test", engine.card) as images:
        evaluated = list(displays_of(engine, images.radiographs()))
    gated = read_image_set(odd, "test", Geometry(SIZE, SIZE))
    assert gated.units == tuple(f"test/BACTERIA/{name}" for name in FILES)
    for there in (evaluated, gated.images):
        for page, display in zip(shown, there, strict=True):
            assert_array_equal(display, page)


def test_files_are_decoded_in_another_process(
    engine: FakeEngine, odd: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here(*_: object) -> None:
        raise AssertionError("decoded in this process")

    monkeypatch.setattr(registry, "_read", here)
    with open_split(odd, "test", engine.card) as images:
        small = read_image_set(odd, "", Geometry(8, 8)).images
        assert len(list(images.radiographs())) == len(small) == 3


@pytest.mark.parametrize("content", [b"", b"text", png(DEEP)[:50], dicom(DEEP, Rows=60_000)])
def test_an_image_that_cannot_be_read_is_named(
    engine: FakeEngine, odd: Path, content: bytes
) -> None:
    (odd / "test" / "BACTERIA" / "b.png").write_bytes(content)
    with (
        open_split(odd, "test", engine.card) as images,
        pytest.raises(InputError, match=r"^b\.png: Expected"),
    ):
        list(images.radiographs())
    with pytest.raises(InputError, match=r"^b\.png: Expected"):
        read_image_set(odd, "", Geometry(8, 8))


def test_damage_inside_a_zip_is_told_in_a_sentence(engine: FakeEngine, tmp_path: Path) -> None:
    path = write_data(tmp_path / "made_up.zip")
    with zipfile.ZipFile(path) as archive:
        entry = archive.getinfo("test/NORMAL/person3_virus_3.png")
    content = bytearray(path.read_bytes())
    content[entry.header_offset + 60 : entry.header_offset + 100] = bytes(40)
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"^person3_virus_3\.png: Expected a whole file in"):
        evaluate(engine, path)


@given(st.integers(1, 2000), st.integers(1, 2000))
def test_what_is_picked_is_spread_over_all(count: int, wanted: int) -> None:
    """Images come class by class: a part of the list would be a part of the classes."""
    places = list(evenly(count, wanted))
    assert len(places) == len(set(places)) == min(count, wanted)
    assert places == sorted(places)
    assert places[0] == 0
    steps = np.diff([*places, count])
    assert max(steps) <= 2 * count / len(places) + count / 20


@pytest.mark.parametrize("images", [250, 350, 400, 600])
def test_no_class_is_left_out_of_a_larger_part(images: int) -> None:
    """The test images of Kermany 2018: 242, 234 and 148, one class after another."""
    classes = np.repeat([0, 1, 2], [242, 234, 148])
    counts = np.bincount(classes[list(evenly(624, images))])
    assert np.abs(counts / images - np.array([242, 234, 148]) / 624).max() < 0.04
