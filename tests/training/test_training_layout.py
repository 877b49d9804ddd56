import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.training_data import write_images, write_splits
from xray_app.core.errors import InputError
from xray_app.core.images import Geometry
from xray_app.core.patients import patient_of
from xray_app.training.data import reading
from xray_app.training.data.layout import arrange, class_name, ordered_classes
from xray_app.training.data.reading import load_dataset


def zipped(root: Path, inside: str = "") -> Path:
    path = root.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(root.rglob("*.png")):
            archive.write(file, inside + file.relative_to(root).as_posix())
    return path


def test_class_folders_become_card_names() -> None:
    assert class_name("Viral Pneumonia") == "viral_pneumonia"
    assert class_name("1st") == "class_1st"


def test_negative_class_comes_first() -> None:
    assert ordered_classes(["VIRUS", "BACTERIA", "NORMAL"]) == ("NORMAL", "BACTERIA", "VIRUS")
    assert ordered_classes(["b", "a"]) == ("a", "b")
    assert ordered_classes(["b", "a"], "B") == ("b", "a")
    with pytest.raises(InputError, match="negative class"):
        ordered_classes(["a", "b"], "c")


@given(st.dictionaries(st.integers(0, 60), st.sets(st.integers(0, 9), min_size=1), min_size=14))
def test_no_patient_is_in_two_splits(images: dict[int, set[int]]) -> None:
    classes = ("NORMAL", "SICK")
    files = [
        f"{classes[person % 2]}/person{person}_x_{i}.png"
        for person, numbers in images.items()
        for i in numbers
    ]
    files += [f"{c}/person{k}_x_0.png" for c in classes for k in range(70 + len(c), 76 + len(c))]
    try:
        entries = arrange(files, classes)
    except InputError:
        return  # a class was left without patients of its own
    seen = {(patient_of(e.path), e.split) for e in entries}
    assert len(seen) == len({patient for patient, _ in seen})
    assert {e.split for e in entries} == {"train", "val", "test"}
    assert arrange(reversed(files), classes) == entries


def test_automatic_split_is_about_70_15_15() -> None:
    files = [
        f"{c}/person{n}_{c}.png"
        for c in ("A", "B")
        for n in range(1000 * ord(c), 1000 * ord(c) + 100)
    ]
    splits = [e.split for e in arrange(files, [])]
    assert [splits.count(s) for s in ("train", "val", "test")] == [140, 30, 30]


def test_folder_and_zip_give_the_same_arrays(tmp_path: Path) -> None:
    root = write_splits(tmp_path / "data", train=4, held=2)
    here = load_dataset(root, Geometry(32, 32))
    packed = load_dataset(zipped(root), Geometry(32, 32))
    wrapped = load_dataset(zipped(root, "outer/inner/"), Geometry(32, 32))
    assert here.classes == ("normal", "sick")
    assert here.train.images.shape == (8, 32, 32)
    for other in (packed, wrapped):
        np.testing.assert_array_equal(other.train.images, here.train.images)
        np.testing.assert_array_equal(other.test.labels, here.test.labels)
    assert packed.digest == here.digest
    assert here.counts()["val"] == {"normal": 2, "sick": 2}


def test_plain_class_folders_are_split(tmp_path: Path) -> None:
    for label, name in enumerate(("normal", "sick")):
        write_images(tmp_path / "d" / name, label, 20)
    data = load_dataset(tmp_path / "d", Geometry(48, 48))
    assert [len(s) for s in (data.train, data.val, data.test)] == [28, 6, 6]
    assert data.val.images.shape[1:] == (48, 48)


def test_statistics_are_those_of_the_training_pixels(tmp_path: Path) -> None:
    data = load_dataset(write_splits(tmp_path / "data", train=4, held=2), Geometry(32, 32))
    pixels = data.train.images.astype(np.float64)
    assert data.statistics.mean == pytest.approx(pixels.mean(), abs=1e-12)
    assert data.statistics.std == pytest.approx(pixels.std(), abs=1e-12)


def test_corrupt_image_is_skipped_and_named(tmp_path: Path) -> None:
    root = write_splits(tmp_path / "data", train=4, held=2)
    (root / "train" / "NORMAL" / "person0_0.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    data = load_dataset(root, Geometry(32, 32))
    assert data.notices == (
        "Skipped 1 of 16 images that can't be read: train/NORMAL/person0_0.png.",
    )
    assert len(data.train) == 7


def test_damage_inside_a_zip_is_skipped(tmp_path: Path) -> None:
    root = write_splits(tmp_path / "data", train=4, held=2)
    path = zipped(root)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("train/SICK/person100_1.png").header_offset
    content[start + 100 : start + 400] = bytes(300)
    path.write_bytes(content)
    data = load_dataset(path, Geometry(32, 32))
    assert "Skipped 1 of 16 images" in data.notices[0]
    assert "train/SICK/person100_1.png" in data.notices[0]


@pytest.mark.parametrize(
    ("files", "folders", "sentence"),
    [
        ([], [], "found no image"),
        (["a.png"], [], "found the image a.png"),
        (["A/1.png", "A/2.png"], ["A"], "one class only, A"),
        (["A/1.png"], ["A", "B"], "Class folder B/ has no image"),
        (["train/A/1.png", "val/A/2.png"], [], r"no image in test/"),
        (["train/A/1.png", "val/A/2.png", "test/A/3.png"], [], "one class only, A"),
        (
            ["train/A/1.png", "train/B/1.png", "val/A/2.png", "test/A/3.png", "test/B/3.png"],
            [],
            r"Class 'B' has no readable image in val/",
        ),
        (["train/A/1.png", "val/A/2.png", "test/A/3.png"], ["train/B"], r"train/B/ has no image"),
        (["train/A/1.png", "val/A/2.png", "test/3.png"], [], r"found the image test/3.png"),
        (["A/1.png", "B/x/2.png"], [], "found the image B/x/2.png"),
        (["A/1.png", "A/2.png", "B/3.png"], [], "2 patients of its own; .* needs 3 or more"),
        (["A/1.png", "B/2.png"], [], "images of 1 patient of its own"),
    ],
)
def test_wrong_layout_is_one_clear_sentence(
    files: list[str], folders: list[str], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        arrange(files, folders)


def test_class_with_only_corrupt_images_is_named(tmp_path: Path) -> None:
    root = write_splits(tmp_path / "data", train=2, held=1)
    next((root / "val" / "SICK").iterdir()).write_bytes(b"")
    sentence = (
        r"Class 'SICK' has no readable image in val/.* val/SICK/person1100_1.png: .*empty file"
    )
    with pytest.raises(InputError, match=sentence):
        load_dataset(root, Geometry(32, 32))


def test_data_that_are_no_data(tmp_path: Path) -> None:
    (tmp_path / "notes.zip").write_text("no zip")
    with pytest.raises(InputError, match="folder or a zip"):
        load_dataset(tmp_path / "notes.zip", Geometry(32, 32))
    with pytest.raises(InputError, match="Can't read nowhere"):
        load_dataset(tmp_path / "nowhere", Geometry(32, 32))


def test_more_than_fits_into_memory_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixteen images of 32 x 32 float32 pixels take 65,536 bytes."""
    root = write_splits(tmp_path / "data", train=4, held=2)
    monkeypatch.setattr(reading, "_memory", lambda: 65_536)
    assert len(load_dataset(root, Geometry(32, 32)).train) == 8
    monkeypatch.setattr(reading, "_memory", lambda: 65_535)
    monkeypatch.setattr(reading, "_read", None)
    with pytest.raises(InputError, match="16 images of 32 × 32 pixels need .* a smaller --size"):
        load_dataset(root, Geometry(32, 32))


def test_a_class_whose_test_images_are_of_one_patient_is_said(tmp_path: Path) -> None:
    root = write_splits(tmp_path / "data", train=4, held=2, of_each=2)
    assert load_dataset(root, Geometry(32, 32)).notices == (
        "In test/ all images of NORMAL, SICK are of one patient: trust no interval.",
    )
