"""One scene in many files gives one model input."""

import io

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless

from tests.readers.reader_files import dicom, pillow, png
from xray_app.core.images.resampling import resize
from xray_app.core.normalization.schemes import normalize, parse_scheme
from xray_app.readers import read_radiograph
from xray_app.samples.catalogue import list_samples, read_sample

FULL = {"WindowCenter": 2048, "WindowWidth": 4096}  # the identity on twelve bits


def model_input(data):
    """(224, 224, 3), as a model of that size receives it under 'raw': 0 to 255."""
    display = resize(read_radiograph(data).display, 224, 224)
    return normalize(display, parse_scheme("raw")).array


def as_tiff(array, **options):
    out = io.BytesIO()
    tifffile.imwrite(out, array, **options)
    return out.getvalue()


def as_dicom(twelve, **tags):
    return dicom(twelve, bits=12, **FULL, **tags)


def variants(eight):
    sixteen = eight.astype(np.uint16) * 257
    twelve = np.rint(eight * (4095 / 255)).astype(np.uint16)
    inverse = {"PhotometricInterpretation": "MONOCHROME1"}
    j2k = imagecodecs.jpeg2k_encode(twelve, codecformat="j2k", reversible=True, level=0)
    jls = imagecodecs.jpegls_encode(twelve)
    wrapped = (twelve.astype(np.int32) - 2048).astype(np.int16)
    shift = {"RescaleSlope": 1, "RescaleIntercept": 2048}
    return {
        "16-bit PNG": png(sixteen),
        "12-bit MONOCHROME1": as_dicom(4095 - twelve, **inverse),
        "12-bit MONOCHROME1 INVERSE": as_dicom(
            4095 - twelve, **inverse, PresentationLUTShape="INVERSE"
        ),
        "12-bit MONOCHROME2": as_dicom(twelve),
        "signed with rescale": as_dicom(wrapped, **shift),
        "JPEG 2000": as_dicom(twelve, syntax=JPEG2000Lossless, encapsulated=encapsulate([j2k])),
        "JPEG-LS": as_dicom(twelve, syntax=JPEGLSLossless, encapsulated=encapsulate([jls])),
        "16-bit TIFF": as_tiff(sixteen, compression="zlib"),
        "MINISWHITE TIFF": as_tiff(65535 - sixteen, photometric="miniswhite"),
        "float TIFF": as_tiff((eight / 255).astype(np.float32)),
        "RGB PNG": png(np.repeat(eight[..., None], 3, -1)),
        "BMP": pillow(eight, "BMP"),
        "lossless WebP": pillow(eight, "WEBP", lossless=True),
    }


@pytest.mark.parametrize("sample", list_samples()[::5])
def test_every_format_gives_the_same_model_input_to_one_gray_level(sample):
    data = read_sample(sample)
    with Image.open(io.BytesIO(data)) as image:
        eight = np.asarray(image.convert("L"))
    expected = model_input(data)
    assert expected.max() - expected.min() > 100.0
    for name, variant in variants(eight).items():
        worst = float(np.abs(model_input(variant) - expected).max())
        assert worst <= 1.0, (name, worst)


def test_twelve_bits_keep_what_eight_bits_lose():
    ramp = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    display = read_radiograph(as_dicom(ramp)).display
    assert len(np.unique(display)) == 4096


def test_jpeg_is_within_its_own_loss():
    data = read_sample(list_samples()[0])
    with Image.open(io.BytesIO(data)) as image:
        eight = np.asarray(image.convert("L"))
    for options in ({"quality": 95}, {"quality": 95, "progressive": True}):
        difference = model_input(pillow(eight, "JPEG", **options)) - model_input(data)
        assert np.abs(difference).mean() < 1.0


def test_cmyk_jpeg_agrees_with_pillow():
    data = read_sample(list_samples()[0])
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        image.convert("RGB").convert("CMYK").save(out, "JPEG", quality=95)
    with Image.open(io.BytesIO(out.getvalue())) as image:
        assert image.mode == "CMYK"
        expected = np.asarray(image.convert("RGB").convert("L"), np.float32)
    np.testing.assert_allclose(read_radiograph(out.getvalue()).pixels, expected, atol=0.51)
