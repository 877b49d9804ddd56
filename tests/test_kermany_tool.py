"""What makes the children's data set from its authors' download."""

import csv
import re
import subprocess
import sys
import zipfile
from collections import Counter
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tools.kermany.__main__ import main, write
from xray_app.study import find_study, read_study

ROOT = Path(__file__).parents[1]
LIST = ROOT / "tools/kermany/images.csv"


def places() -> list[str]:
    with LIST.open(newline="") as file:
        return [place for place, _ in csv.reader(file)]


def a_download(root: Path, **images: bytes) -> Path:
    for name, data in images.items():
        path = root / "chest_xray" / name.replace("__", "/")
        path.with_suffix(".jpeg").parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".jpeg").write_bytes(data)
    return root


def gray(value: int) -> bytes:
    Image.new("L", (300, 200), value).save(out := BytesIO(), "JPEG")
    return out.getvalue()


def test_the_list_is_of_the_data_that_the_studies_are_of() -> None:
    counted = Counter(tuple(place.split("/")[:2]) for place in places())
    images = read_study(find_study("compact_resnet_64")).data["images"]
    assert counted == {
        (split, name.upper()): count for split in images for name, count in images[split].items()
    }


def test_no_patient_of_a_series_is_in_two_splits() -> None:
    """The four series of names are numbered each for itself: docs/data.md."""
    of: dict[str, set[str]] = {"train": set(), "val": set(), "test": set()}
    for place in places():
        found = re.search(r"person\d+_(bacteria|virus)|(NORMAL2-)?IM-\d+", place)
        assert found, place
        of[place.split("/")[0]].add(found.group())
    assert sum(map(len, of.values())) == len(set.union(*of.values()))


def test_only_listed_images_of_the_right_part_are_taken(tmp_path: Path) -> None:
    download = a_download(
        tmp_path,
        test__PNEUMONIA__person100_bacteria_475=gray(90),
        train__PNEUMONIA__person100_bacteria_477=gray(90),  # a test image's name in train/
        train__NORMAL__unheard_of=gray(90),
    )
    assert write(download, tmp_path / "out.zip") == (1, 5830, 1)
    with zipfile.ZipFile(tmp_path / "out.zip") as made:
        (name,) = made.namelist()
        image = Image.open(BytesIO(made.read(name)))
    assert name == "test/BACTERIA/person100_bacteria_475.jpeg"
    assert (image.mode, image.size, set(np.unique(image))) == ("L", (224, 224), {90})


def test_a_download_that_is_none_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["kermany", str(tmp_path / "none.zip"), "out.zip"])
    assert main() == 2
    assert capsys.readouterr().out.count("\n") == 1


def test_the_published_radiographs_become_those_of_the_data_set(
    data_directory: Path, tmp_path: Path
) -> None:
    published = sorted((data_directory / "full_size").iterdir())
    download = a_download(
        tmp_path,
        **{f"train__ANY__{f.stem.split('_', 1)[1]}": f.read_bytes() for f in published},
    )
    out = tmp_path / "kermany_cxr_224.zip"
    ran = subprocess.run(
        [sys.executable, "-m", "tools.kermany", download, out],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = f"{len(published)} of 5,830 images; 0 with other pixels than listed.\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, said, "")
    with (
        zipfile.ZipFile(out) as made,
        zipfile.ZipFile(data_directory / "kermany_cxr_224.zip") as held,
    ):
        for name in made.namelist():
            found, expected = (Image.open(BytesIO(z.read(name))) for z in (made, held))
            np.testing.assert_array_equal(np.asarray(found), np.asarray(expected))
