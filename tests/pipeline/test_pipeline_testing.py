"""assert_same_preprocessing and the command that does the same for files."""

import os
import subprocess
import sys
from collections import UserDict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT, make_radiograph
from tests.pipeline.synthetic import synthetic
from xray_app.__main__ import main
from xray_app.core.errors import InputError
from xray_app.pipeline.agreement import Preprocessing
from xray_app.pipeline.steps.sampling import resampled
from xray_app.testing import assert_same_preprocessing, preprocessing_differences

GRAY = synthetic()


def trained(image: np.ndarray) -> np.ndarray:
    return resampled(image, 48, 40, "bilinear-antialiased") / 255.0


def test_the_same_function_passes() -> None:
    assert_same_preprocessing(trained, trained, [GRAY, GRAY[::-1]])


def test_what_differs_is_the_message() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_same_preprocessing(
            trained, lambda x: resampled(x, 48, 40, "bilinear") / 127.5 - 1.0, [GRAY]
        )
    message = str(caught.value)
    assert "values lie up to" in message
    assert "Serving resizes bilinear, not antialiased, where training resizes bilinear" in message
    assert "gain 2, offset -1" in message


def test_a_difference_within_what_is_allowed_passes() -> None:
    assert_same_preprocessing(trained, lambda x: trained(x) + 5e-4, [GRAY], atol=1e-3)
    with pytest.raises(AssertionError):
        assert_same_preprocessing(trained, lambda x: trained(x) + 5e-4, [GRAY], atol=1e-4)


@pytest.mark.parametrize(
    ("serve", "words"),
    [
        (lambda x: trained(x)[np.newaxis], "training makes shape (48, 40), serving (1, 48, 40)"),
        (lambda x: trained(x) * np.nan, "values are NaN or infinite"),
        (lambda x: np.full((48, 40), 0.5), "Of serving: The tensor is 0.5 everywhere"),
        (
            lambda x: np.random.default_rng(0).normal(size=(48, 40)),
            "Of serving: Not explained",
        ),
    ],
)
def test_what_can_be_said_of_others(serve: Preprocessing, words: str) -> None:
    assert words in " ".join(preprocessing_differences(trained, serve, [GRAY]))


def test_a_function_that_fails_is_named() -> None:
    with pytest.raises(InputError, match="for serving fails on image 1: ZeroDivisionError"):
        assert_same_preprocessing(trained, lambda _: 1 / 0, [GRAY])
    with pytest.raises(InputError, match="at least one image"):
        assert_same_preprocessing(trained, trained, [])


def in_place(image: np.ndarray) -> np.ndarray:
    image /= 255.0
    return image


def test_a_function_that_changes_its_image_hides_no_difference_and_makes_none() -> None:
    image = GRAY.astype(np.float64)
    assert not preprocessing_differences(in_place, lambda x: x / 255.0, [image])
    said = preprocessing_differences(lambda x: x, in_place, [image])
    assert said[-1] == "Contrast is divided by 255."
    np.testing.assert_array_equal(image, GRAY)


def test_a_function_that_fills_one_array_again_and_again_is_copied() -> None:
    kept = np.empty(GRAY.shape)

    def into_kept(factor: float) -> Preprocessing:
        return lambda x: np.multiply(x, factor, out=kept)

    assert preprocessing_differences(into_kept(1.0), into_kept(2.0), [GRAY])


def test_a_radiograph_is_copied_too() -> None:
    radiograph = make_radiograph(GRAY)
    assert_same_preprocessing(lambda x: x.pixels / 255.0, lambda x: x.display, [radiograph])


@pytest.mark.parametrize(
    ("returned", "received"),
    [
        (lambda x: {"pixel_values": x / 255.0}, "dict"),
        (lambda x: UserDict(pixel_values=x / 255.0), "UserDict"),
        (lambda x: x + 1j, "dtype complex128"),
        (lambda _: None, "NoneType"),
    ],
)
def test_a_function_that_returns_no_array_is_named(returned: Preprocessing, received: str) -> None:
    words = f"for serving to return an array of real numbers, received {received} on image 1; "
    with pytest.raises(InputError, match=words):
        assert_same_preprocessing(trained, returned, [GRAY])
    with pytest.raises(InputError, match="for training to return an array"):
        assert_same_preprocessing(returned, returned, [GRAY])


@pytest.fixture
def own_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's folder with a module of two functions and an image."""
    (tmp_path / "own_preprocessing.py").write_text(
        "def train(image):\n    return image[:, :, ::1] / 255.0\n"
        "def serve(image):\n    return image[:, :, ::-1] / 255.0\n"
        "broken = 3\n"
    )
    Image.fromarray(synthetic(60, 50, colour=True)).save(tmp_path / "image.png")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_check_passes_for_the_same(own_code: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "own_preprocessing:train"
    assert main(["check", name, name, str(own_code / "image.png")]) == 0
    assert capsys.readouterr().out == "The same on 1 image.\n"


def test_check_says_each_difference_in_a_line_and_fails(
    own_code: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["own_preprocessing:train", "own_preprocessing:serve"]
    with pytest.raises(SystemExit) as caught:
        main(["check", *names, str(own_code / "image.png")])
    assert caught.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("image.png: Preprocessing differs")
    assert "image.png: Serving feeds BGR where training feeds RGB." in lines
    assert "image.png: Values agree (gain 1.000, offset 0.0)." in lines


@pytest.mark.parametrize("atol", ["nan", "inf", "-0.5"])
def test_check_refuses_a_distance_that_compares_nothing(
    own_code: Path, capsys: pytest.CaptureFixture[str], atol: str
) -> None:
    names = ["own_preprocessing:train", "own_preprocessing:serve"]
    assert main(["check", *names, str(own_code / "image.png"), f"--atol={atol}"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"Expected for --atol a finite number from 0 up, received {atol}.\n"


@pytest.mark.parametrize("serve", ["train", "serve"])
def test_check_whose_reader_went_away_gives_no_verdict(own_code: Path, serve: str) -> None:
    """Status 1 would say that they differ, of equal functions as well."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    names = ["own_preprocessing:train", f"own_preprocessing:{serve}"]
    done = subprocess.run(
        [sys.executable, "-m", "xray_app", "check", *names, "image.png"],
        cwd=own_code, env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=write_end, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    os.close(write_end)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("serve", "image", "words"),
    [
        ("own_preprocessing", "image.png", "Expected MODULE:FUNCTION"),
        ("own_preprocessing:missing", "image.png", "has no function missing"),
        ("own_preprocessing:broken", "image.png", "has no function broken"),
        ("no_such_module:serve", "image.png", "Can't import no_such_module"),
        ("own_preprocessing:serve", "own_preprocessing.py", "that Pillow reads"),
        ("own_preprocessing:serve", "missing.png", "Can't read"),
    ],
)
def test_check_refuses_in_one_line(
    own_code: Path, capsys: pytest.CaptureFixture[str], serve: str, image: str, words: str
) -> None:
    assert main(["check", "own_preprocessing:train", serve, str(own_code / image)]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 1
    assert words in errors[0]
