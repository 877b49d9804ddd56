import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from tests.readers.reader_files import (
    DEEP,
    GRAY,
    PALETTE,
    RAMP,
    exif_block,
    png,
    png_chunk,
    raw_png,
    step_names,
)
from xray_app.core.errors import FileTooLarge, UnreadableFile
from xray_app.readers import read_radiograph

LUMA = (0.299, 0.587, 0.114)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([np.uint8, np.uint16]).flatmap(
        lambda dtype: arrays(dtype, array_shapes(min_dims=2, max_dims=2, max_side=9))
    )
)
def test_gray_round_trip_is_exact(array):
    radiograph = read_radiograph(png(array))
    np.testing.assert_array_equal(radiograph.pixels, array)
    np.testing.assert_array_equal(radiograph.stored, array)
    assert radiograph.stored.dtype == array.dtype
    assert radiograph.white == np.iinfo(array.dtype).max


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [2, 3, 4])
def test_equal_channels_and_opaque_alpha_are_exact(dtype, channels):
    gray = (DEEP >> (16 - np.iinfo(dtype).bits)).astype(dtype)
    samples = np.repeat(gray[..., None], channels, -1)
    if channels in (2, 4):
        samples[..., -1] = np.iinfo(dtype).max
    radiograph = read_radiograph(png(samples))
    np.testing.assert_array_equal(radiograph.pixels, gray)
    assert radiograph.stored.dtype == dtype
    assert not radiograph.notices


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_colour_keeps_the_full_depth(dtype):
    rgb = np.random.default_rng(3).integers(0, np.iinfo(dtype).max + 1, (5, 7, 3), dtype=dtype)
    radiograph = read_radiograph(png(rgb))
    expected = sum(rgb[..., i] * weight for i, weight in enumerate(LUMA))
    np.testing.assert_allclose(radiograph.pixels, expected, rtol=3e-7)
    assert "ITU-R 601" in radiograph.steps[1].detail


def test_white_in_colour_is_white():
    rgb = np.full((2, 2, 3), 65535, np.uint16)
    rgb[0, 0] = (65535, 65535, 0)  # differing channels, so that luma is used
    assert read_radiograph(png(rgb)).pixels.max() == pytest.approx(65535.0, rel=1e-7)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_alpha_is_composited_over_black(dtype):
    white = np.iinfo(dtype).max
    gray_alpha = np.array([[[white, 0], [white, white], [100, white // 5]]], dtype)
    radiograph = read_radiograph(png(gray_alpha))
    np.testing.assert_allclose(radiograph.pixels, [[0.0, white, 20.0]], rtol=1e-6)
    assert step_names(radiograph) == ["Decoded", "Alpha"]
    assert any("transparent" in notice for notice in radiograph.notices)


@pytest.mark.parametrize(
    ("depth", "expected"),
    [(1, [0, 0, 0, 1, 1, 0, 1, 1]), (2, [0, 1, 2, 3]), (4, [1, 11])],
)
def test_shallow_gray(depth, expected):
    data = raw_png(8 // depth, 1, depth, GRAY, b"\0\x1b")  # 0b00011011
    radiograph = read_radiograph(data)
    np.testing.assert_array_equal(radiograph.pixels, [expected])
    assert (radiograph.bits, radiograph.white) == (depth, 2**depth - 1)


def test_shallow_gray_with_a_transparent_level():
    data = raw_png(4, 1, 2, GRAY, b"\0\x1b", extra=png_chunk(b"tRNS", b"\0\3"))
    np.testing.assert_array_equal(read_radiograph(data).pixels, [[0, 1, 2, 0]])


def test_palette():
    colours = png_chunk(b"PLTE", bytes([0, 0, 0, 200, 200, 200, 255, 0, 0, 7, 7, 7]))
    radiograph = read_radiograph(raw_png(4, 1, 2, PALETTE, b"\0\x1b", extra=colours))
    np.testing.assert_allclose(radiograph.pixels, [[0, 200, 255 * 0.299, 7]], rtol=1e-6)
    assert radiograph.bits == 8
    opaque_but_one = png_chunk(b"tRNS", bytes([255, 51]))
    radiograph = read_radiograph(
        raw_png(4, 1, 2, PALETTE, b"\0\x1b", extra=colours + opaque_but_one)
    )
    np.testing.assert_allclose(radiograph.pixels, [[0, 40, 255 * 0.299, 7]], rtol=1e-6)


@pytest.mark.parametrize("array", [RAMP, DEEP])
def test_exif_orientation(array):
    block = exif_block(6).removeprefix(b"Exif\0\0")
    radiograph = read_radiograph(png(array, png_chunk(b"eXIf", block)))
    np.testing.assert_array_equal(radiograph.pixels, np.rot90(array, -1))


def test_damaged_exif_says_nothing_about_the_pixels():
    radiograph = read_radiograph(png(RAMP, png_chunk(b"eXIf", b"II*\0nonsense")))
    np.testing.assert_array_equal(radiograph.pixels, RAMP)


def test_gamma_does_not_change_the_values():
    gamma = png_chunk(b"gAMA", (45455).to_bytes(4))
    np.testing.assert_array_equal(read_radiograph(png(DEEP, gamma)).pixels, DEEP)


@pytest.mark.parametrize(("brightest", "noticed"), [(4095, True), (8191, True), (8192, False)])
def test_notice_when_little_of_the_depth_is_used(brightest, noticed):
    array = np.array([[0, brightest]], np.uint16)
    radiograph = read_radiograph(png(array))
    np.testing.assert_array_equal(radiograph.pixels, array)  # the depth is not guessed
    assert any(f"{brightest} of 65535" in n for n in radiograph.notices) is noticed


def test_uniform_image_is_noticed():
    radiograph = read_radiograph(png(np.full((1, 1), 200, np.uint8)))
    assert radiograph.notices == (
        "Every pixel has the same value, so there is nothing to be seen.",
    )


def test_missing_rows_are_an_error_though_the_file_is_well_formed():
    scanlines = (b"\0" + bytes(16)) * 8  # half of the sixteen rows that the header promises
    with pytest.raises(UnreadableFile):
        read_radiograph(raw_png(16, 16, 8, GRAY, scanlines))


def test_animation_is_noticed():
    control = png_chunk(b"acTL", bytes([0, 0, 0, 1, 0, 0, 0, 0]))
    assert "animated" in read_radiograph(png(RAMP, control)).notices[0]


def test_header_is_demanded():
    with pytest.raises(UnreadableFile, match="header"):
        read_radiograph(b"\x89PNG\r\n\x1a\n" + png_chunk(b"IDAT", b""))


@pytest.mark.parametrize("shape", [(1, 257), (514, 2)])
def test_a_strip_is_refused_before_it_is_fitted_into_a_square(shape: tuple[int, int]) -> None:
    """To 256 pixels by the shorter side, 1 x 60,000 takes 16 GB."""
    strip = np.zeros(shape, np.uint8)
    with pytest.raises(FileTooLarge, match="a longer side of at most 256 times the shorter"):
        read_radiograph(png(strip))
    assert read_radiograph(png(strip[:, :256][:512])).pixels.size
