"""What is read and normalized from files, arrays, bytes and samples."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import xray_app as xa
from tests.fakes import FakeEngine
from tests.pipeline.synthetic import synthetic
from xray_app.core.errors import InputError, UnknownChoice
from xray_app.readers import read_radiograph
from xray_app.samples import read_sample

GRAY = synthetic(48, 40)
COLOUR = synthetic(48, 40, colour=True)


def test_a_file_an_array_bytes_and_a_sample_are_read(tmp_path: Path) -> None:
    Image.fromarray(GRAY).save(tmp_path / "chest.png")
    for given in (tmp_path / "chest.png", str(tmp_path / "chest.png"), GRAY):
        assert (np.asarray(xa.read(given)) == GRAY).all()
    assert (xa.read((tmp_path / "chest.png").read_bytes()).pixels == GRAY).all()
    sample = xa.read("sample:normal_1")
    assert sample.digest == read_radiograph(read_sample("normal_1")).digest
    assert xa.read(sample) is sample
    gray = xa.read(COLOUR)
    assert gray.pixels[3, 4] == pytest.approx(COLOUR[3, 4] @ [0.299, 0.587, 0.114], rel=1e-6)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("missing.png", "Can't read missing.png: No such file"),
        (b"text", "Expected one of DICOM"),
        (np.full((4, 4), 7), "is 7 everywhere"),
        (np.array([[-2.0, 2.0]]), "from 0 black to white, at most 65,535, received -2 to 2"),
        (np.zeros((2, 3, 4, 5)), "Expected an image of shape"),
        (np.array(["a"]), "real numbers"),
    ],
)
def test_what_can_t_be_read_is_one_sentence(given: Any, words: str) -> None:
    with pytest.raises(InputError) as caught:
        xa.read(given)
    assert words in str(caught.value)


def test_normalize_is_the_formula() -> None:
    mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    expected = (GRAY[..., None] / 255.0 - mean) / std
    assert np.abs(xa.normalize(GRAY, "imagenet") - expected).max() < 1e-5
    dataset = xa.normalize(GRAY, "dataset", statistics=(0.5, 0.25))
    assert np.abs(dataset - (GRAY[..., None] / 255.0 - 0.5) / 0.25).max() < 1e-5
    with pytest.raises(InputError, match="dataset"):
        xa.normalize(GRAY, "dataset")
    with pytest.raises(UnknownChoice, match="Did you mean 'imagenet'"):
        xa.normalize(GRAY, "imagnet")


def test_white_of_integers_is_the_most_that_their_type_holds() -> None:
    """Not what the brightest pixel suggests: one pixel of 256 changed every other."""
    for dtype, white in ((np.uint8, 255), (np.int16, 32767), (np.uint16, 65535)):
        ramp = np.array([[0, 100], [50, 7]], dtype)
        assert xa.read(ramp).white == white
        assert xa.read(ramp).display[0, 1] == pytest.approx(100 / white)
    brighter = np.array([[0, 100], [50, 256]], np.int16)
    assert xa.read(brighter).display[0, 1] == pytest.approx(100 / 32767)
    (notice,) = xa.read(GRAY.astype(np.int64)).notices
    assert "white is 9.22337e+18, the most that int64 holds" in notice
    assert xa.read(GRAY).notices == ()
    assert xa.read(GRAY.astype(np.uint16) * 16).notices == ()


def test_a_pipeline_of_signed_integers_is_that_of_the_same_bytes() -> None:
    tensor = (GRAY / 255.0).astype(np.float32)
    said = xa.describe_pipeline(GRAY.astype(np.int64), tensor).text
    assert said == xa.describe_pipeline(GRAY, tensor).text


def test_the_same_bytes_in_another_order_shape_or_type_are_another_image() -> None:
    """A model keeps the pass as trained of the last image."""
    swapped = (GRAY.astype(np.uint16) * 16).byteswap()
    mended = swapped.view(swapped.dtype.newbyteorder())
    dim = GRAY // 2
    same_bytes = (
        (swapped, mended),
        (GRAY, GRAY.reshape(GRAY.shape[::-1])),
        (dim, dim.view(np.int8)),
    )
    model = xa.Model("fake", FakeEngine())
    for first, second in same_bytes:
        assert first.tobytes() == second.tobytes()
        before = model.predict(first).to_dict()["probabilities"]
        found = model.predict(second).to_dict()["probabilities"]
        alone = xa.Model("fake", FakeEngine()).predict(second).to_dict()["probabilities"]
        assert found == alone != before
        assert xa.read(first).digest != xa.read(second).digest
    floats = np.array([[0.0, 0.25], [0.5, 1.0]])
    assert xa.read(floats).digest == xa.read(np.asfortranarray(floats)).digest
