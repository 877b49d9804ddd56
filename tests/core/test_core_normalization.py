"""Schemes against Keras' own functions, scikit-image and numbers worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from skimage import exposure

from xray_app.core.errors import InputError, UnknownChoice
from xray_app.core.normalization.contrast import CONTRASTS
from xray_app.core.normalization.scale import SCALES, DatasetStatistics
from xray_app.core.normalization.schemes import PRESETS, normalize, parse_scheme

STATISTICS = DatasetStatistics(mean=0.4822, std=0.2362)
PAIRS = [f"{contrast}+{scale}" for contrast in CONTRASTS for scale in SCALES]
DEGENERATE = {
    "black": np.zeros((8, 8), np.float32),
    "white": np.ones((8, 8), np.float32),
    "gray": np.full((8, 8), 0.3, np.float32),
    "one pixel": np.full((1, 1), 0.7, np.float32),
    "one row": np.linspace(0, 1, 9, dtype=np.float32)[np.newaxis],
    "one bright pixel": np.pad(np.ones((1, 1), np.float32), 20),
    "nearly uniform": np.pad(np.full((1, 1), 1e-6, np.float32), 20),
}


def photo() -> np.ndarray:
    return np.random.default_rng(7).random((24, 20), np.float32)


@pytest.mark.parametrize("name", [*PRESETS, *PAIRS])
def test_every_scheme_keeps_the_contract(name: str) -> None:
    scheme, display = parse_scheme(name), photo()
    before = display.copy()
    result = normalize(display, scheme, STATISTICS)
    assert result.scheme == name
    assert result.array.shape == (24, 20, 3)
    assert result.array.dtype == np.float32
    assert np.isfinite(result.array).all()
    assert not result.array.flags.writeable
    assert_array_equal(display, before)
    assert_array_equal(normalize(display, scheme, STATISTICS).array, result.array)
    assert scheme.label
    assert scheme.formula
    assert r"\bar" not in scheme.formula  # the accent is not drawn in the browser: x - x
    assert scheme.explanation.endswith(".")
    assert scheme.output_range
    assert scheme.source


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("case", DEGENERATE)
def test_degenerate_images_stay_finite(name: str, case: str) -> None:
    assert np.isfinite(normalize(DEGENERATE[case], parse_scheme(name), STATISTICS).array).all()


@pytest.mark.parametrize("contrast", CONTRASTS)
@pytest.mark.parametrize("case", ["black", "white", "gray", "one pixel"])
def test_a_uniform_image_is_not_stretched(contrast: str, case: str) -> None:
    result = normalize(DEGENERATE[case], parse_scheme(f"{contrast}+unit")).array
    assert_array_equal(result[..., 0], DEGENERATE[case])


@pytest.mark.parametrize(
    ("scheme", "mode"), [("signed", "tf"), ("imagenet", "torch"), ("caffe", "caffe")]
)
def test_agrees_with_keras(scheme: str, mode: str) -> None:
    from keras.applications.imagenet_utils import preprocess_input

    display = photo()
    rgb = np.repeat(255 * display[..., np.newaxis], 3, axis=-1)
    expected = preprocess_input(rgb.copy(), data_format="channels_last", mode=mode)
    assert_allclose(normalize(display, parse_scheme(scheme)).array, expected, rtol=1e-6, atol=1e-6)


def test_by_hand() -> None:
    display = np.array([[0.0, 0.5, 1.0]], np.float32)

    def first(name: str) -> list[float]:
        return (
            normalize(display, parse_scheme(name), DatasetStatistics(0.5, 0.25))
            .array[0, :, 0]
            .tolist()
        )

    assert first("raw") == [0.0, 127.5, 255.0]
    assert first("rescale") == [0.0, 0.5, 1.0]
    assert first("signed") == [-1.0, 0.0, 1.0]
    assert first("dataset") == [-2.0, 0.0, 2.0]
    # mean 1/2, population deviation sqrt(1/6)
    assert first("zscore") == pytest.approx([-1.2247449, 0.0, 1.2247449])
    # (0 - 0.485) / 0.229 and (1 - 0.485) / 0.229
    assert first("imagenet")[::2] == pytest.approx([-2.1179039, 2.2489083])
    assert first("caffe")[::2] == pytest.approx([-103.939, 151.061])


def test_contrast_steps_against_scikit_image() -> None:
    display = 0.2 + 0.5 * photo()

    def contrasted(name: str) -> np.ndarray:
        return normalize(display, parse_scheme(f"{name}+unit")).array[..., 0]

    assert_allclose(contrasted("minmax"), exposure.rescale_intensity(display), atol=1e-6)
    ends = tuple(np.percentile(display, (2, 98)))
    stretched = exposure.rescale_intensity(display, in_range=ends)
    assert_allclose(contrasted("percentile"), stretched, atol=1e-6)
    assert_allclose(contrasted("equalize"), exposure.equalize_hist(display), atol=1e-6)
    expected = exposure.equalize_adapthist(display, clip_limit=0.01)
    assert_allclose(contrasted("clahe"), expected, atol=1e-6)


def test_presets_are_the_eleven_with_their_pairs() -> None:
    pairs = {name: (s.contrast.name, s.scale.name) for name, s in PRESETS.items()}
    assert pairs == {
        "raw": ("none", "byte"),
        "rescale": ("none", "unit"),
        "signed": ("none", "signed"),
        "imagenet": ("none", "imagenet"),
        "caffe": ("none", "caffe"),
        "dataset": ("none", "dataset"),
        "zscore": ("none", "zscore"),
        "minmax": ("minmax", "unit"),
        "percentile": ("percentile", "unit"),
        "equalize": ("equalize", "unit"),
        "clahe": ("clahe", "unit"),
    }


@given(arrays(np.float32, (5, 7), elements=st.floats(0, 1, width=32)))
def test_any_display_image_gives_finite_input(display: np.ndarray) -> None:
    for name in PRESETS:
        array = normalize(display, parse_scheme(name), STATISTICS).array
        assert np.isfinite(array).all()
    assert minmax_keeps_or_fills_the_range(display)


def minmax_keeps_or_fills_the_range(display: np.ndarray) -> bool:
    spread = np.ptp(normalize(display, parse_scheme("minmax")).array)
    return bool(spread == 1.0 or spread == np.ptp(display) < 1e-6)


def test_full_bit_depth_survives() -> None:
    sixteen_bit = (np.arange(65536, dtype=np.float32) / 65535).reshape(256, 256)
    assert len(np.unique(normalize(sixteen_bit, parse_scheme("raw")).array)) == 65536


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rescal", "Did you mean 'rescale'?"),
        ("", "expected one of caffe, clahe"),
        ("clahe+bite", "Unknown scale step 'bite'"),
        ("clah+byte", "Unknown contrast step 'clah'"),
        ("clahe+byte+unit", "Unknown scale step 'byte+unit'"),
    ],
)
def test_unknown_schemes_are_named(name: str, expected: str) -> None:
    with pytest.raises(UnknownChoice, match="^Unknown") as caught:
        parse_scheme(name)
    assert expected in str(caught.value)


def test_dataset_without_statistics_says_what_to_do() -> None:
    with pytest.raises(InputError, match="choose another scheme"):
        normalize(photo(), parse_scheme("dataset"))


@pytest.mark.parametrize(
    "display",
    [np.zeros((0, 4), np.float32), np.zeros((2, 2, 3), np.float32), np.full((2, 2), np.nan)],
)
def test_what_is_not_an_image_is_refused(display: np.ndarray) -> None:
    with pytest.raises(InputError, match="Expected a non-empty grayscale image"):
        normalize(display, parse_scheme("raw"))
