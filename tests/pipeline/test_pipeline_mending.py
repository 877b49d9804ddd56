"""The code that would mend a pipeline, run: it makes the tensor that should have come."""

from typing import Any

import numpy as np
import pytest

from tests.fakes import fake_card
from tests.pipeline.synthetic import synthetic
from xray_app.core.errors import FileTooLarge, InputError
from xray_app.core.normalization import parse_scheme
from xray_app.pipeline import check_apart, check_pipeline
from xray_app.pipeline.checking import PipelineCheck
from xray_app.pipeline.steps.sampling import resampled

COLOUR = synthetic(colour=True)
GRAY = synthetic()
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
# What serving makes, what training makes of the same image, both by hand.
ON_TENSOR = {
    "bgr": (COLOUR[..., ::-1] / 255.0, COLOUR / 255.0),
    "axes": ((COLOUR / 255.0).transpose(2, 0, 1), COLOUR[np.newaxis] / 255.0),
    "batch": (COLOUR[np.newaxis] / 255.0, COLOUR / 255.0),
    "scale": (COLOUR / 255.0, COLOUR / 127.5 - 1.0),
    "imagenet, channels first": (
        (COLOUR / 255.0).transpose(2, 0, 1)[np.newaxis],
        ((COLOUR / 255.0 - MEAN) / STD).transpose(2, 0, 1)[np.newaxis],
    ),
    "bgr and imagenet": (COLOUR[..., ::-1] * 1.0, (COLOUR / 255.0 - MEAN) / STD),
    "one channel for three": (GRAY / 255.0, np.dstack([GRAY / 127.5 - 1.0] * 3)),
    "three channels for one": (np.stack([GRAY / 255.0] * 3)[np.newaxis], GRAY / 1.0),
    "z-score": (COLOUR / 255.0, (COLOUR - COLOUR.mean()) / COLOUR.std()),
}


def run(check: PipelineCheck, image: np.ndarray, tensor: np.ndarray) -> np.ndarray:
    assert check.mending is not None
    names: dict[str, Any] = {"np": np, "image": image, "tensor": tensor}
    exec(check.mending.code, names)
    return np.asarray(names["tensor"])


@pytest.mark.parametrize("what", ON_TENSOR)
def test_a_tensor_is_mended(what: str) -> None:
    served, trained = ON_TENSOR[what]
    image = COLOUR if "one" not in what else GRAY
    check = check_pipeline(image, served, trained)
    assert check.mending is not None
    assert check.mending.on_tensor, check.difference
    mended = run(check, image, served)
    assert mended.shape == trained.shape
    assert np.abs(mended - trained).max() < 1e-3 * np.ptp(trained)


def test_steps_that_lose_something_are_replaced() -> None:
    served = resampled(GRAY, 40, 40, "bilinear") / 255.0
    trained = resampled(GRAY, 48, 40, "bilinear-antialiased") / 255.0
    check = check_pipeline(GRAY, served, trained)
    assert check.mending is not None
    assert not check.mending.on_tensor
    assert np.abs(run(check, GRAY, served) - trained).max() < 1e-3


def test_rounding_stays_and_is_named() -> None:
    from PIL import Image

    small = np.asarray(Image.fromarray(GRAY).resize((32, 32), Image.Resampling.BILINEAR))
    served = np.dstack([small] * 3) / 255.0
    check = check_pipeline(GRAY, served, fake_card())
    assert check.mending is not None
    assert check.mending.leaves == ("rounding",)
    # as trained: 0 to 255, bilinear, antialiased; Pillow's bytes differ by one level at most
    mended = run(check, GRAY, served)
    floats = Image.fromarray(GRAY.astype(np.float32)).resize((32, 32), Image.Resampling.BILINEAR)
    assert np.abs(mended[..., 0] - np.asarray(floats)).max() <= 1.0


def test_values_that_were_rounded_away_are_not_scaled_back() -> None:
    check = check_pipeline(GRAY, (GRAY / 255.0).astype(np.float16), parse_scheme("raw"))
    assert check.mending is not None
    assert not check.mending.on_tensor


def test_a_z_score_does_not_mend_channels_with_offsets_of_their_own() -> None:
    """Caffe's mean of each channel is still in what was standardised."""
    served = COLOUR[..., ::-1] - np.array([103.939, 116.779, 123.68])
    trained = (COLOUR - COLOUR.mean()) / COLOUR.std()
    check = check_pipeline(COLOUR, served, trained)
    assert check.mending is not None
    assert not check.mending.on_tensor
    assert np.abs(run(check, COLOUR, served) - trained).max() < 1e-3


def test_what_matches_needs_nothing() -> None:
    check = check_pipeline(GRAY, GRAY / 255.0, parse_scheme("rescale"))
    assert check.mending is None
    assert check.difference is not None
    assert check.difference.is_same
    assert np.abs(check.received - check.wanted).max() < 1e-6


def test_what_is_not_explained_is_shown_beside_the_closest() -> None:
    rng = np.random.default_rng(1)
    noisy = GRAY[:64, :64] / 255.0 + rng.normal(scale=0.2, size=(64, 64))
    check = check_apart(GRAY[:64, :64], noisy, "raw")
    assert check.difference is None
    assert check.mending is None
    assert check.wanted.shape == check.received.shape == (1, 64, 64)


def test_the_process_apart_answers_alike_and_refuses_in_a_sentence() -> None:
    here = check_pipeline(COLOUR, COLOUR[..., ::-1] / 255.0, fake_card())
    apart = check_apart(COLOUR, COLOUR[..., ::-1] / 255.0, fake_card())
    assert apart.difference == here.difference
    assert apart.mending == here.mending
    with pytest.raises(InputError, match="is 0 everywhere"):
        check_apart(COLOUR, np.zeros((8, 8)), "raw")
    with pytest.raises(FileTooLarge, match="at most 0 s"):
        check_apart(COLOUR, COLOUR / 255.0, "raw", seconds=0.05)
    huge = np.broadcast_to(np.uint8(1), (6000, 6000))
    with pytest.raises(FileTooLarge, match="25 million pixels, received 6000 x 6000"):
        check_apart(huge, COLOUR, "raw")
