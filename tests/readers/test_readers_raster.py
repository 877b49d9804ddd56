from io import BytesIO

import imagecodecs
import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.readers.reader_files import DEEP, RAMP, exif_block, pillow
from xray_app.core.errors import UnreadableFile
from xray_app.readers import read_radiograph

NOISE = np.random.default_rng(5).integers(0, 256, (24, 16), dtype=np.uint8)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("pillow_format", "options"), [("JPEG", {}), ("WEBP", {"lossless": True})])
def test_exif_orientation(orientation, pillow_format, options):
    data = pillow(NOISE, pillow_format, exif=exif_block(orientation), **options)
    radiograph = read_radiograph(data)
    with Image.open(BytesIO(data)) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("L"))
    np.testing.assert_array_equal(radiograph.pixels, expected)
    steps = [step for step in radiograph.steps if step.name == "Orientation"]
    assert len(steps) == (orientation != 1)


def test_orientations_by_hand():
    upright = np.array([[10, 20, 30], [40, 50, 60]], np.uint8)
    as_stored = {  # how a camera that writes the number would have stored the upright image
        2: [[30, 20, 10], [60, 50, 40]],
        3: [[60, 50, 40], [30, 20, 10]],
        4: [[40, 50, 60], [10, 20, 30]],
        5: [[10, 40], [20, 50], [30, 60]],
        6: [[30, 60], [20, 50], [10, 40]],
        7: [[60, 30], [50, 20], [40, 10]],
        8: [[40, 10], [50, 20], [60, 30]],
    }
    for orientation, stored in as_stored.items():
        array = np.array(stored, np.uint8)
        data = pillow(array, "WEBP", lossless=True, exif=exif_block(orientation))
        np.testing.assert_array_equal(read_radiograph(data).pixels, upright)


@pytest.mark.parametrize("orientation", [0, 9, 4711])
def test_undefined_orientations_change_nothing(orientation):
    data = pillow(NOISE, "WEBP", lossless=True, exif=exif_block(orientation))
    np.testing.assert_array_equal(read_radiograph(data).pixels, NOISE)


def test_jpeg_gray_and_colour():
    gray = read_radiograph(pillow(NOISE, "JPEG", quality=95))
    assert gray.stored.dtype == np.uint8
    assert [step.name for step in gray.steps] == ["Decoded"]
    rgb = np.random.default_rng(6).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    data = pillow(rgb, "JPEG", quality=95)
    with Image.open(BytesIO(data)) as image:
        expected = np.asarray(image.convert("L"), np.float32)
    colour = read_radiograph(data)
    np.testing.assert_allclose(colour.pixels, expected, atol=0.51)  # Pillow rounds
    assert colour.steps[1].name == "Colour to gray"


def test_cmyk_jpeg():
    image = Image.new("CMYK", (8, 8), (0, 0, 0, 128))
    out = BytesIO()
    image.save(out, "JPEG")
    np.testing.assert_allclose(read_radiograph(out.getvalue()).pixels, 127, atol=1.5)


@pytest.mark.parametrize(("bits", "lossless"), [(8, True), (16, True), (12, False)])
def test_medical_jpegs_keep_their_depth(bits, lossless):
    array = DEEP.repeat(4, 0).repeat(4, 1) >> (16 - bits)
    array = array.astype(np.uint8 if bits == 8 else np.uint16)
    data = imagecodecs.jpeg8_encode(array, level=100, bitspersample=bits, lossless=lossless)
    radiograph = read_radiograph(data)
    np.testing.assert_allclose(radiograph.pixels, array, atol=0 if lossless else 24)
    assert radiograph.white == 2**bits - 1
    with pytest.raises(UnreadableFile, match="cut short"):
        read_radiograph(data[:-20])


def test_bmp_kinds():
    np.testing.assert_array_equal(read_radiograph(pillow(NOISE, "BMP")).pixels, NOISE)
    rgb = np.repeat(NOISE[..., None], 3, -1)
    np.testing.assert_array_equal(read_radiograph(pillow(rgb, "BMP")).pixels, NOISE)
    bilevel = NOISE > 99
    radiograph = read_radiograph(pillow(bilevel, "BMP"))
    np.testing.assert_array_equal(radiograph.pixels, bilevel)
    assert (radiograph.bits, radiograph.white) == (1, 1.0)


def test_webp_alpha():
    gray = np.repeat(NOISE[..., None], 3, -1)
    alpha = np.full((*NOISE.shape, 1), 51, np.uint8)
    data = pillow(np.concatenate([gray, alpha], -1), "WEBP", lossless=True, exact=True)
    np.testing.assert_allclose(read_radiograph(data).pixels, NOISE / 5, rtol=1e-6)


def test_lossy_webp_size_is_read():
    assert read_radiograph(pillow(NOISE, "WEBP")).pixels.shape == NOISE.shape


def animation(pillow_format):
    frames = [Image.fromarray(NOISE), Image.fromarray(NOISE[::-1].copy())]
    out = BytesIO()
    frames[0].save(
        out, pillow_format, save_all=True, append_images=frames[1:], duration=99, lossless=True
    )
    return out.getvalue()


@pytest.mark.parametrize("pillow_format", ["GIF", "WEBP"])
def test_first_frame_of_an_animation(pillow_format):
    radiograph = read_radiograph(animation(pillow_format))
    np.testing.assert_array_equal(radiograph.pixels, NOISE)
    assert "only the first" in radiograph.notices[0]


def test_gif_with_a_transparent_colour():
    image = Image.fromarray(RAMP).convert("P")
    out = BytesIO()
    image.save(out, "GIF", transparency=255)
    pixels = read_radiograph(out.getvalue()).pixels
    expected = np.where(RAMP == 255, 0, RAMP)
    np.testing.assert_array_equal(pixels, expected)
