"""Histograms, colours and resizing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from tests.conftest import make_radiograph
from xray_app.core.errors import UnknownChoice
from xray_app.core.images.colour import COLOUR_MAPS, blend, colourize
from xray_app.core.images.geometry import Geometry, fitted
from xray_app.core.images.histograms import describe, histogram, pooled
from xray_app.core.images.resampling import resize
from xray_app.core.probabilities import softmax
from xray_app.core.records import Statistics


def test_statistics_by_hand() -> None:
    s = describe(np.array([[1, 2], [3, 6]], np.uint8))
    assert (s.min, s.max, s.mean) == (1, 6, 3)
    assert s.std == pytest.approx(3.5**0.5)  # (4 + 1 + 0 + 9) / 4


def test_sixteen_bit_statistics_do_not_overflow() -> None:
    s = describe(np.full((300, 300), 65535, np.uint16))
    assert (s.mean, s.std) == (65535, 0)


@given(
    arrays(np.int32, array_shapes(max_side=9), elements=st.integers(-(2**30), 2**30))
    | arrays(np.int16, array_shapes(max_side=9))
    | arrays(np.float32, array_shapes(max_side=9), elements=st.floats(-1e6, 1e6, width=32))
)
def test_statistics_are_those_of_numpy(values: np.ndarray) -> None:
    s, wide = describe(values), values.astype(np.float64)
    assert (s.min, s.max) == (wide.min(), wide.max())
    scale = max(1.0, float(np.abs(wide).max()))
    assert s.mean == pytest.approx(wide.mean(), rel=1e-9, abs=1e-9 * scale)
    assert s.std == pytest.approx(wide.std(), rel=1e-9, abs=1e-9 * scale)
    assert histogram(values).statistics == s


@given(
    arrays(np.uint16, array_shapes(max_side=9))
    | arrays(np.int32, array_shapes(max_side=9), elements=st.integers(-(2**20), 2**20))
)
def test_whole_numbers_are_counted_as_numpy_counts_them(values: np.ndarray) -> None:
    h = histogram(values)
    assert_array_equal(h.counts, np.histogram(values, h.edges)[0])


def test_more_pixels_than_a_block_are_all_counted() -> None:
    values = np.arange(300_000, dtype=np.uint32) % 1000
    h = histogram(values.astype(np.uint16), bins=1000)
    assert_array_equal(h.counts[:1000], np.full(1000, 300))
    assert h.statistics.mean == pytest.approx(499.5)
    assert describe(values.astype(np.float32)).std == pytest.approx(((1000**2 - 1) / 12) ** 0.5)


def test_channels_pooled_by_hand() -> None:
    channels = np.array([[0, 2], [4, 6]], np.float32)
    assert pooled([describe(c) for c in channels]) == Statistics(0.0, 6.0, 3.0, 5.0**0.5)


@given(arrays(np.uint16, array_shapes(min_dims=2, max_dims=2, max_side=20)))
def test_histograms_of_integers_lose_no_pixel(values: np.ndarray) -> None:
    h = histogram(values)
    assert h.counts.sum() == values.size
    assert len(h.edges) == len(h.counts) + 1
    widths = np.diff(h.edges)
    assert_array_equal(widths, widths[0])
    assert widths[0] == int(widths[0])


@given(arrays(np.float32, (4, 5), elements=st.floats(-1e6, 1e6, width=32)))
def test_histograms_of_floats_lose_no_pixel(values: np.ndarray) -> None:
    assert histogram(values).counts.sum() == values.size


def test_each_gray_level_has_its_bin() -> None:
    h = histogram(np.arange(128, dtype=np.uint8).reshape(8, 16))
    assert_array_equal(h.counts, np.ones(128))
    assert_array_equal(h.edges[:2], [-0.5, 0.5])


def test_a_given_range_sets_the_bins() -> None:
    h = histogram(np.array([0.1, 0.9], np.float32), bins=4, value_range=(0.0, 2.0))
    assert_array_equal(h.edges, [0, 0.5, 1, 1.5, 2])
    assert_array_equal(h.counts, [1, 1, 0, 0])


@pytest.mark.parametrize("name", COLOUR_MAPS)
def test_colour_maps_run_from_dark_to_bright(name: str) -> None:
    colours = colourize(np.linspace(0, 1, 64, dtype=np.float32), name)
    luminance = colours @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance) > -2e-3).all()
    assert colours.min() >= 0
    assert colours.max() <= 1


def test_colour_map_ends_are_the_published_ones() -> None:
    ends = colourize(np.array([0, 1], np.float32), "viridis")
    expected = np.array([[0x44, 0x01, 0x54], [0xFD, 0xE7, 0x25]]) / 255
    assert_allclose(ends, expected, atol=1e-6)


def test_no_evidence_leaves_the_radiograph_as_it_is() -> None:
    display = np.random.default_rng(0).random((6, 5), np.float32)
    gray = np.rint(255 * display).astype(np.uint8)
    for heat, opacity in ((np.zeros((6, 5), np.float32), 1.0), (np.ones((6, 5), np.float32), 0.0)):
        assert_array_equal(blend(display, heat, opacity), np.repeat(gray[..., None], 3, -1))


def test_full_evidence_at_full_opacity_is_the_top_colour() -> None:
    image = blend(np.zeros((1, 1), np.float32), np.full((1, 1), 3.0, np.float32), 1.0, "viridis")
    assert_array_equal(image[0, 0], [0xFD, 0xE7, 0x25])


def test_a_blend_is_the_weighted_mean_of_gray_and_colour() -> None:
    rng = np.random.default_rng(0)
    display, heat = rng.random((70, 9), np.float32), rng.random((70, 9), np.float32)
    fraction = 0.7 * heat[..., None]
    expected = 255 * ((1 - fraction) * display[..., None] + fraction * colourize(heat, "viridis"))
    # Half a level is lost in rounding to 8 bits.
    assert_allclose(blend(display, heat, 0.7, "viridis"), expected, rtol=0, atol=0.55)


def test_an_unknown_colour_map_is_named() -> None:
    with pytest.raises(UnknownChoice, match="Did you mean 'viridis'"):
        colourize(np.zeros(1, np.float32), "viridi")


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_the_width_of_the_values_changes_nothing(kind: type[np.unsignedinteger]) -> None:
    stored = np.random.default_rng(0).integers(0, np.iinfo(kind).max, (90, 70), kind)
    assert_array_equal(resize(stored, 30, 20), resize(stored.astype(np.float32), 30, 20))
    assert_array_equal(resize(stored[:, ::2], 30, 20), resize(stored[:, ::2] / 1.0, 30, 20))


def test_dividing_after_resizing_is_dividing_before() -> None:
    stored = np.random.default_rng(0).integers(0, 4096, (90, 70), np.uint16)
    radiograph = make_radiograph(stored, 4095.0)
    expected = resize(radiograph.display, 30, 20)
    received = fitted(radiograph, Geometry(30, 20))
    assert received.dtype == np.float32
    assert_allclose(received, expected, rtol=0, atol=1e-6)
    assert_array_equal(fitted(radiograph, Geometry(90, 70)), radiograph.display)


def test_resizing_averages_when_it_halves() -> None:
    # An antialiased bilinear filter of factor 2 spans four pixels, weights 1 3 3 1 over 8.
    row = np.array([0, 0, 8, 8, 0, 0, 0, 0], np.float32)
    image = np.tile(row, (8, 1))
    assert_allclose(resize(image, 8, 4)[0], [8 / 7, 6 + 0.0, 1.0, 0.0], atol=1e-5)


def test_resizing_keeps_values_that_eight_bits_would_lose() -> None:
    image = np.full((20, 20), 1234.5678, np.float32)
    assert_allclose(resize(image, 7, 9), 1234.5678, rtol=1e-6)


def test_the_same_size_is_left_alone() -> None:
    image = np.zeros((4, 4), np.float32)
    assert resize(image, 4, 4) is image


def test_agrees_with_pillow_on_bytes() -> None:
    image = np.random.default_rng(1).integers(0, 256, (60, 90), np.uint8)
    expected = Image.fromarray(image).resize((22, 22), Image.Resampling.BILINEAR)
    assert_allclose(resize(image.astype(np.float32), 22, 22), np.asarray(expected), atol=1.01)


@pytest.mark.parametrize("logits", [[0.0, 0.0, 0.0], [1.5, -2.0, 0.25], [900.0, 0.0, -900.0]])
def test_softmax_agrees_with_scipy(logits: list[float]) -> None:
    from scipy.special import softmax as expected

    one = np.array(logits, np.float32)
    assert_allclose(softmax(one), expected(one), rtol=1e-6, atol=1e-12)
    assert_array_equal(softmax(np.stack([one, one]))[1], softmax(one))
    assert softmax(one).dtype == np.float32
