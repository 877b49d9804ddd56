"""The images that a gate is fitted and reported on."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from tests.fakes import fake_card
from xray_app.core.errors import InputError
from xray_app.core.images import Geometry
from xray_app.evaluation.gate.collection import read_image_set, read_other_images, read_sources
from xray_app.evaluation.gate.image_sets import others_of
from xray_app.evaluation.gate.other_images import (
    FIT_DRAWINGS,
    FIT_FILES,
    REPORT_DRAWINGS,
    REPORT_FILES,
)
from xray_app.evaluation.gate.report import HANDLINGS
from xray_app.evaluation.gate.variations import handled, turned


def test_turned_images_keep_their_pixels() -> None:
    random = np.random.default_rng(0)
    image = random.random((8, 8), np.float32)
    assert_array_equal(turned("negative", image, random), 1.0 - image)
    for kind in ("upside_down", "sideways"):
        made = turned(kind, image, random)
        assert_array_equal(np.sort(made, axis=None), np.sort(image, axis=None))
        assert not np.array_equal(made, image)
    assert_array_equal(turned("known", image, random), image)


def test_handling_stays_in_the_display_domain() -> None:
    random = np.random.default_rng(0)
    image = random.random((40, 32), np.float32)
    before = image.copy()
    results = [handled(image, random) for _ in range(60)]
    results += [handling(image) for handling in HANDLINGS.values()]
    for result in results:
        assert (result.shape, result.dtype) == (image.shape, np.float32)
        assert 0.0 <= result.min() <= result.max() <= 1.0
    assert_array_equal(image, before)


def test_no_image_both_fits_and_reports() -> None:
    assert not set(FIT_FILES) & set(REPORT_FILES)
    assert not set(FIT_DRAWINGS) & set(REPORT_DRAWINGS)


@pytest.mark.parametrize("report", [False, True])
def test_images_that_are_no_chest(report: bool) -> None:
    random = np.random.default_rng(0)
    image_set, real = read_other_images(32, random, report=report, views_each=2, drawings_each=3)
    assert len(real) >= 10
    assert len(image_set.images) == 2 * len(real) + 3 * 4 == len(image_set.units)
    for image in image_set.images:
        assert (image.shape, image.dtype) == ((32, 32), np.float32)
        assert 0.0 <= image.min() <= image.max() <= 1.0


CHILDREN = others_of(fake_card().training_data)


def save_gray(path: Path, gray: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (8, 8), gray).save(path)


def test_sources_of_others_by_group(tmp_path: Path) -> None:
    for gray, name in enumerate(("fit/adult/a/1.png", "fit/adult/a/2.png", "fit/child/b/1.png",
                                 "report/adult/a/3.png", "fit/not_chest/c/1.png")):  # fmt: skip
        save_gray(tmp_path / "others" / name, 50 * gray)
    found = read_sources(tmp_path, "fit", Geometry(4, 4), CHILDREN)
    assert {name: (s.kind, len(s.images.images)) for name, s in found.items()} == {
        "adult/a": ("other_population", 2), "child/b": ("older_child", 1),
        "not_chest/c": ("no_chest", 1),
    }  # fmt: skip
    assert list(read_sources(tmp_path, "report", Geometry(4, 4), CHILDREN)) == ["adult/a"]


@pytest.mark.parametrize("name", ["fit/child/b/1.png", "fit/aliens/b/1.png", "adult/1.png"])
def test_sources_in_other_folders_are_one_sentence(tmp_path: Path, name: str) -> None:
    save_gray(tmp_path / name, 0)
    with pytest.raises(InputError, match="Expected folders fit/GROUP/SOURCE/.*adult among them"):
        read_sources(tmp_path, "fit", Geometry(4, 4), CHILDREN)


def test_a_fraction_of_no_real_images_is_not_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xray_app.evaluation.gate.collection.read_installed", lambda names: {})
    with pytest.raises(InputError, match="Expected images in .*scikit-image.*, found none"):
        read_other_images(32, np.random.default_rng(0), report=True, views_each=1, drawings_each=1)


def test_a_folder_without_images(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"Expected images in train of .*, found none"):
        read_image_set(tmp_path, "train", Geometry(32, 32))
