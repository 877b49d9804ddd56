from io import BytesIO

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from tests.readers.reader_files import DEEP, RAMP, jpeg2000_of, pillow, tiff
from xray_app.core.errors import UnreadableFile, UnsupportedFile
from xray_app.readers import read_radiograph


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([np.uint8, np.uint16]).flatmap(
        lambda dtype: arrays(dtype, array_shapes(min_dims=2, max_dims=2, max_side=9))
    ),
    st.sampled_from([None, "zlib", "lzw", "packbits"]),
    st.sampled_from(["<", ">"]),
    st.booleans(),
)
def test_round_trip_is_exact(array, compression, order, big):
    data = tiff(array, compression=compression, byteorder=order, bigtiff=big)
    radiograph = read_radiograph(data)
    np.testing.assert_array_equal(radiograph.pixels, array)
    assert radiograph.stored.dtype == array.dtype
    assert radiograph.white == np.iinfo(array.dtype).max


def test_predictor_and_tiles():
    data = tiff(DEEP, compression="zlib", predictor=True, tile=(16, 16))
    np.testing.assert_array_equal(read_radiograph(data).pixels, DEEP)


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_rgb(planar):
    rgb = np.random.default_rng(1).integers(0, 65536, (5, 7, 3), dtype=np.uint16)
    samples = rgb if planar == "contig" else np.moveaxis(rgb, -1, 0)
    radiograph = read_radiograph(tiff(samples, photometric="rgb", planarconfig=planar))
    np.testing.assert_allclose(radiograph.pixels, rgb @ (0.299, 0.587, 0.114), rtol=3e-7)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("unassalpha", 200 * 51 / 255), ("assocalpha", 200), ("unspecified", 200)],
)
def test_extra_samples(kind, expected):
    samples = np.full((2, 3, 4), 200, np.uint8)
    samples[..., 3] = 51
    data = tiff(samples, photometric="rgb", extrasamples=[kind])
    np.testing.assert_allclose(read_radiograph(data).pixels, expected, rtol=1e-6)


def test_palette():
    colours = np.zeros((3, 256), np.uint16)
    colours[:, 1], colours[:, 2] = 40000, (65535, 0, 0)
    indices = np.array([[0, 1, 2]], np.uint8)
    radiograph = read_radiograph(tiff(indices, photometric="palette", colormap=colours))
    np.testing.assert_allclose(radiograph.pixels, [[0, 40000, 65535 * 0.299]], rtol=1e-6)
    assert radiograph.bits == 16


@pytest.mark.parametrize("largest", [255, 65535])
def test_miniswhite_is_inverted_before_it_is_laid_over_black(largest):
    dtype = np.uint8 if largest == 255 else np.uint16
    opacity = [largest, largest // 5, 0, 0]
    samples = np.stack([[0, 0, 0, largest], opacity], -1)[None].astype(dtype)
    radiograph = read_radiograph(
        tiff(samples, photometric="miniswhite", planarconfig="contig", extrasamples=["unassalpha"])
    )
    # value 0 is white: opaque it stays white, at a fifth it is a fifth, transparent it is black
    np.testing.assert_allclose(radiograph.pixels, [[largest, largest // 5, 0, 0]], rtol=1e-6)
    assert [step.name for step in radiograph.steps] == ["Decoded", "Inverted", "Alpha"]
    assert "over black" in " ".join(radiograph.notices)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.uint32])
def test_an_opaque_image_is_not_called_transparent(dtype):
    full = np.iinfo(dtype).max
    samples = np.full((4, 6, 2), full, dtype)
    samples[..., 0] = np.arange(24).reshape(4, 6) * (full // 23)
    radiograph = read_radiograph(
        tiff(samples, photometric="minisblack", extrasamples=["unassalpha"])
    )
    assert radiograph.notices == ()
    np.testing.assert_allclose(radiograph.pixels, samples[..., 0], rtol=1e-6)
    samples[0, 0, 1] = full // 2
    radiograph = read_radiograph(
        tiff(samples, photometric="minisblack", extrasamples=["unassalpha"])
    )
    assert radiograph.notices == ("The image is partly transparent; it is shown over black.",)


@pytest.mark.parametrize("kind", ["unassalpha", "assocalpha"])
def test_opaque_miniswhite_is_inverted_last(kind):
    samples = np.stack([RAMP, np.full_like(RAMP, 255)], -1)
    options = {"photometric": "miniswhite", "planarconfig": "contig", "extrasamples": [kind]}
    radiograph = read_radiograph(tiff(samples, **options))
    np.testing.assert_array_equal(radiograph.pixels, 255 - RAMP)
    np.testing.assert_array_equal(radiograph.stored, RAMP)


@pytest.mark.parametrize("array", [RAMP, DEEP])
def test_miniswhite_is_inverted_once(array):
    radiograph = read_radiograph(tiff(array, photometric="miniswhite"))
    np.testing.assert_array_equal(radiograph.pixels, np.iinfo(array.dtype).max - array)
    np.testing.assert_array_equal(radiograph.stored, array)
    assert [step.name for step in radiograph.steps] == ["Decoded", "Inverted"]


def test_fax_agrees_with_pillow():
    bilevel = np.random.default_rng(2).random((20, 33)) > 0.5
    data = pillow(bilevel, "TIFF", compression="group4")
    radiograph = read_radiograph(data)
    with Image.open(BytesIO(data)) as image:
        np.testing.assert_array_equal(radiograph.pixels, np.asarray(image))
    assert radiograph.bits == 1


def test_jpeg_in_tiff():
    noise = np.random.default_rng(4).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    data = tiff(noise, photometric="rgb", compression="jpeg")
    with Image.open(BytesIO(data)) as image:
        expected = np.asarray(image.convert("L"), np.float32)
    np.testing.assert_allclose(read_radiograph(data).pixels, expected, atol=1.6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(orientation):
    data = tiff(DEEP, extratags=[(274, "H", 1, orientation, True)])
    turned = {
        1: DEEP,
        2: np.fliplr(DEEP),
        3: np.rot90(DEEP, 2),
        4: np.flipud(DEEP),
        5: DEEP.T,
        6: np.rot90(DEEP, -1),
        7: np.rot90(DEEP, 2).T,
        8: np.rot90(DEEP),
    }
    np.testing.assert_array_equal(read_radiograph(data).pixels, turned[orientation])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_within_the_unit_range_stay(dtype):
    array = np.array([[0.25, 0.5, 0.75]], dtype)
    radiograph = read_radiograph(tiff(array))
    np.testing.assert_array_equal(radiograph.pixels, array)
    assert radiograph.white == 1.0
    assert radiograph.bits == array.dtype.itemsize * 8
    assert [step.name for step in radiograph.steps] == ["Decoded"]


def test_other_floats_span_their_own_range():
    radiograph = read_radiograph(tiff(np.array([[-1000.0, 500.0, 2000.0]], np.float32)))
    np.testing.assert_allclose(radiograph.pixels, [[0.0, 0.5, 1.0]])
    step = radiograph.steps[-1]
    assert (step.name, step.before, step.after) == ("Display range", (-1000, 2000), (0, 1))
    assert any("which value is white" in notice for notice in radiograph.notices)


def test_signed_integers_span_their_own_range():
    radiograph = read_radiograph(tiff(np.array([[-1000, 500, 2000]], np.int16)))
    np.testing.assert_allclose(radiograph.pixels, [[0.0, 32767.5, 65535.0]])
    assert radiograph.stored.dtype == np.int16
    assert radiograph.steps[0].before == (-32768.0, 32767.0)


def test_non_finite_floats():
    array = np.array([[np.nan, 0.25, np.inf, 0.5, -np.inf]], np.float32)
    radiograph = read_radiograph(tiff(array))
    np.testing.assert_array_equal(radiograph.pixels, [[0.25, 0.25, 0.25, 0.5, 0.25]])
    assert any(notice.startswith("3 values are infinite") for notice in radiograph.notices)
    with pytest.raises(UnreadableFile, match="finite"):
        read_radiograph(tiff(np.full((2, 2), np.nan, np.float32)))


def test_uint32_stays_within_white():
    radiograph = read_radiograph(tiff(np.array([[0, 2**31, 2**32 - 1]], np.uint32)))
    assert radiograph.pixels.max() == radiograph.white
    assert radiograph.display[0, 1] == pytest.approx(0.5)


def by_hand(pixels, tags):
    """A little-endian TIFF of one strip at byte 200."""
    tags = {**tags, 273: 200, 279: len(pixels)}
    body = b"".join(
        tag.to_bytes(2, "little") + b"\4\0\1\0\0\0" + tags[tag].to_bytes(4, "little")
        for tag in sorted(tags)
    )
    data = b"II*\0\x08\0\0\0" + len(tags).to_bytes(2, "little") + body + b"\0\0\0\0"
    return data + bytes(200 - len(data)) + pixels


def test_packed_twelve_bits():
    values = np.array([[0, 1, 2048, 4095]], np.uint16)
    packed = bytes([0x00, 0x00, 0x01, 0x80, 0x0F, 0xFF])  # 000 001 800 fff
    data = by_hand(packed, {256: 4, 257: 1, 258: 12, 259: 1, 262: 1, 278: 1})
    radiograph = read_radiograph(data)
    np.testing.assert_array_equal(radiograph.pixels, values)
    assert (radiograph.bits, radiograph.white) == (12, 4095.0)


def test_further_pages_are_noticed():
    out = BytesIO()
    with tifffile.TiffWriter(out) as writer:
        writer.write(DEEP)
        writer.write(RAMP)
    radiograph = read_radiograph(out.getvalue())
    np.testing.assert_array_equal(radiograph.pixels, DEEP)
    assert radiograph.notices == ("The file holds 2 pages; page 1 is shown.",)


@pytest.mark.parametrize(
    "data",
    [
        tiff(np.zeros((2, 2), np.complex64)),
        tiff(np.zeros((2, 2, 4), np.uint8), photometric="separated"),
        tiff(np.zeros((5, 6, 7), np.uint8), photometric="minisblack", planarconfig="contig"),
    ],
)
def test_unsupported_kinds_are_named(data):
    with pytest.raises(UnsupportedFile, match="Export it"):
        read_radiograph(data)


@pytest.mark.parametrize("compression", [None, "lzw", "zlib", "packbits", "jpeg", "zstd", "lzma"])
def test_one_missing_byte_is_noticed(compression):
    noise = np.random.default_rng(8).integers(0, 256, (48, 64), dtype=np.uint8)
    data = tiff(noise, compression=compression, rowsperstrip=16)
    read_radiograph(data)
    with pytest.raises(UnreadableFile):
        read_radiograph(data[:-1])


def test_missing_strips_are_an_error_not_black_rows():
    packbits = 32773
    row = b"\xfd\x07"  # four times the value 7
    tags = {256: 4, 257: 1, 258: 8, 259: packbits, 262: 1, 278: 1}
    np.testing.assert_array_equal(read_radiograph(by_hand(row, tags)).pixels, 7)
    with pytest.raises(UnreadableFile, match="9 strips"):
        read_radiograph(by_hand(row, tags | {257: 9}))


def test_photometric_interpretation_is_demanded():
    with pytest.raises(UnreadableFile, match="black or white"):
        read_radiograph(by_hand(b"\1\2\3\4", {256: 4, 257: 1, 258: 8, 259: 1, 278: 1}))


def with_inner(compression, codestream):
    """A TIFF of 16 x 16 whose one strip is this codestream, whatever that says of itself."""
    out = BytesIO()
    tifffile.imwrite(
        out, iter([codestream]), shape=(16, 16), dtype=np.uint8, compression=compression,
        rowsperstrip=16, photometric="minisblack",
    )  # fmt: skip
    return out.getvalue()


def jpeg_of(rows, columns):
    """A JPEG whose header claims another size than it holds."""
    data = pillow(RAMP, "JPEG")
    place = data.index(b"\xff\xc0")
    return data[: place + 5] + rows.to_bytes(2) + columns.to_bytes(2) + data[place + 9 :]


@pytest.mark.parametrize(
    ("compression", "codestream"),
    [(7, jpeg_of(24_000, 24_000)), (34712, jpeg2000_of(24_000, 24_000))],
)
def test_a_codestream_that_contradicts_its_tiff_is_refused(compression, codestream):
    data = with_inner(compression, codestream)
    assert len(data) < 2_000
    with pytest.raises(UnreadableFile, match="received one of 24000 x 24000"):
        read_radiograph(data)


def test_a_codestream_that_agrees_is_read():
    radiograph = read_radiograph(with_inner(7, pillow(RAMP, "JPEG", quality=95)))
    assert abs(radiograph.pixels.astype(float) - RAMP).max() < 8


def test_a_strip_that_is_no_codestream():
    with pytest.raises(UnreadableFile, match="begin with their header"):
        read_radiograph(with_inner(7, b"no JPEG at all"))


@pytest.mark.parametrize("compression", [50001, 50002, 34887, 34933])
def test_a_compression_whose_size_can_not_be_checked_is_refused(compression):
    # WebP, JPEG XL, LERC and PNG each carry a size of their own
    with pytest.raises(UnsupportedFile, match="Save it with one of these"):
        read_radiograph(with_inner(compression, b"whatever"))


def test_small_tiles_and_strips_of_jpeg():
    noise = np.random.default_rng(0).integers(0, 256, (100, 90), np.uint8)
    for options in ({"tile": (32, 48)}, {"rowsperstrip": 24}):
        radiograph = read_radiograph(tiff(noise, compression="jpeg", **options))
        assert radiograph.pixels.shape == noise.shape


def test_chromaticities_are_recorded_and_not_applied():
    # TIFF 6.0 section 20: WhitePoint and PrimaryChromaticities are rationals
    white = (318, 5, 2, (3127, 10000, 3290, 10000), True)
    radiograph = read_radiograph(tiff(RAMP, extratags=[white]))
    np.testing.assert_array_equal(radiograph.pixels, RAMP)
    (step,) = radiograph.steps[1:]
    assert "white point" in step.detail
    assert "not applied" in step.detail
