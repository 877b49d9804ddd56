"""Fits and kernels against TensorFlow, Keras, and values of torchvision and OpenCV."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from tests.conftest import make_radiograph
from xray_app.core.errors import InputError, UnknownChoice
from xray_app.core.images import FITS, KERNELS, Box, Geometry, fitted, refitted
from xray_app.core.images.geometry_effect import measure_geometry
from xray_app.core.images.heatmap import heat_for_display
from xray_app.core.images.resampling import resize
from xray_app.core.records import FloatArray, Saliency

TENSORFLOW = {"bicubic": "bicubic", "lanczos": "lanczos3"} | {
    name: name for name in ("bilinear", "area")
} | {"nearest": "nearest"}  # fmt: skip


def noise(height: int, width: int) -> FloatArray:
    return np.random.default_rng(0).random((height, width), np.float32)


@pytest.mark.parametrize("antialias", [True, False])
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("shape", [(37, 53), (300, 211), (13, 90)])
def test_kernels_are_those_of_tensorflow(
    kernel: str, shape: tuple[int, int], *, antialias: bool
) -> None:
    import tensorflow as tf

    image = noise(*shape)
    # TensorFlow reads this one kernel from a table of 1,024 places between two pixels.
    near = 1e-3 if (kernel, antialias) == ("bicubic", False) else 5e-5
    for size in ((24, 24), (31, 50), (80, 96)):
        found = resize(image, *size, kernel, antialias=antialias)
        expected = tf.image.resize(
            image[..., np.newaxis], size, TENSORFLOW[kernel], antialias=antialias
        )
        assert_allclose(found, expected.numpy()[..., 0], atol=near)


@pytest.mark.parametrize(
    ("shape", "size"), [((37, 53), (24, 24)), ((60, 20), (31, 50)), ((90, 301), (48, 32))]
)
def test_padding_is_that_of_tensorflow(shape: tuple[int, int], size: tuple[int, int]) -> None:
    import tensorflow as tf

    image = noise(*shape) + 1.0
    found = Geometry(*size, "pad", antialias=False).of(image)
    expected = tf.image.resize_with_pad(image[..., np.newaxis], *size).numpy()[..., 0]
    assert_allclose(found, expected, atol=5e-5)


@pytest.mark.parametrize(
    ("shape", "size"), [((37, 53), (24, 24)), ((60, 20), (31, 50)), ((90, 301), (48, 32))]
)
def test_cropping_is_that_of_keras(shape: tuple[int, int], size: tuple[int, int]) -> None:
    import keras

    image = noise(*shape)
    layer = keras.layers.Resizing(*size, crop_to_aspect_ratio=True)
    expected = keras.ops.convert_to_numpy(layer(image[np.newaxis, ..., np.newaxis]))[0, ..., 0]
    assert_allclose(Geometry(*size, "crop", antialias=False).of(image), expected, atol=5e-5)


ROWS, COLUMNS = np.arange(8)[:, np.newaxis], np.arange(11)[np.newaxis]
PATTERN = ((3 * ROWS**2 + COLUMNS**2 + 5 * ROWS * COLUMNS) % 17 / 16).astype(np.float32)


# v2.Compose([v2.Resize(5, ..., antialias=...), v2.CenterCrop(4)]) of torchvision 0.29.1. Bicubic
# without antialias has another constant there (-0.75 for Keys' -0.5), so it is not among them.
@pytest.mark.parametrize(
    ("kernel", "antialias", "expected"),
    [
        ("nearest", False, [
            [0.25, 1.0, 0.125, 0.8125], [0.125, 0.0, 0.375, 0.1875],
            [0.4375, 0.5, 0.0, 0.0], [0.625, 0.25, 0.375, 1.0],
        ]),
        ("bilinear", True, [
            [0.325994, 0.590216, 0.276746, 0.616690], [0.272049, 0.168191, 0.293699, 0.436863],
            [0.578776, 0.405615, 0.287094, 0.438737], [0.474711, 0.357272, 0.361845, 0.574595],
        ]),
        ("bilinear", False, [
            [0.276562, 0.759896, 0.129687, 0.670312], [0.100000, 0.039062, 0.325521, 0.321875],
            [0.617188, 0.286458, 0.028646, 0.375000], [0.520312, 0.265104, 0.339583, 0.850000],
        ]),
        ("bicubic", True, [
            [0.331393, 0.623738, 0.244578, 0.635456], [0.239925, 0.110363, 0.284480, 0.434151],
            [0.629713, 0.409591, 0.277404, 0.460610], [0.471833, 0.329542, 0.360929, 0.593788],
        ]),
    ],
)  # fmt: skip
def test_resize_then_crop_is_that_of_torchvision(
    kernel: str, expected: list[list[float]], *, antialias: bool
) -> None:
    geometry = Geometry(4, 4, "resize-crop", kernel, antialias, resize_to=5)
    assert_allclose(geometry.of(PATTERN), expected, atol=2e-6)


def test_area_is_that_of_opencv() -> None:
    # cv2.resize(PATTERN, (4, 3), interpolation=cv2.INTER_AREA) of OpenCV 5.0.0
    expected = [
        [0.247159, 0.400568, 0.363636, 0.571023],
        [0.540483, 0.443892, 0.410511, 0.343750],
        [0.467330, 0.410511, 0.489347, 0.510653],
    ]
    assert_allclose(resize(PATTERN, 3, 4, "area"), expected, atol=2e-6)


SHAPES = st.tuples(st.integers(1, 40), st.integers(1, 40))


@given(
    shape=SHAPES,
    size=SHAPES,
    fit=st.sampled_from(sorted(FITS)),
    kernel=st.sampled_from(sorted(KERNELS)),
    antialias=st.booleans(),
    value=st.floats(0, 1, width=32),
)
def test_a_uniform_image_stays_uniform_in_every_geometry(
    shape: tuple[int, int],
    size: tuple[int, int],
    fit: str,
    kernel: str,
    value: float,
    *,
    antialias: bool,
) -> None:
    geometry = Geometry(*size, fit, kernel, antialias, pad_value=value)
    pixels = np.full(shape, value, np.float32)
    found = fitted(make_radiograph(pixels, white=1.0), geometry)
    assert found.shape == size
    assert found.dtype == np.float32
    assert_allclose(found, np.full(size, value, np.float32), atol=1e-5)


@given(shape=SHAPES, size=SHAPES, fit=st.sampled_from(sorted(FITS)))
def test_the_box_is_where_the_input_lies(
    shape: tuple[int, int], size: tuple[int, int], fit: str
) -> None:
    box = Geometry(*size, fit).box(*shape)
    # Its middle is the image's, within a pixel of either.
    for start, length, whole, pixels in (
        (box.top, box.height, shape[0], size[0]),
        (box.left, box.width, shape[1], size[1]),
    ):
        assert abs(start + length / 2 - whole / 2) <= 0.5 + length / pixels
    if fit == "pad":
        assert box.height >= shape[0] - 1e-6
        assert box.width >= shape[1] - 1e-6
    else:
        assert box.height <= shape[0] + 1e-6
        assert box.width <= shape[1] + 1e-6


def test_boxes_by_hand() -> None:
    assert Geometry(10, 10).box(20, 40) == Box(0, 0, 20, 40)
    assert Geometry(10, 10, "crop").box(20, 40) == Box(0, 10, 20, 20)
    assert Geometry(10, 10, "pad").box(20, 40) == Box(-8, 0, 40, 40)  # 5 rows, 2 above them
    # Shorter side 20 to 16: two columns of the file a column; 8 of 32 beside, of 16 rows 3 above
    assert Geometry(10, 10, "resize-crop", resize_to=16).box(20, 40) == Box(3.75, 13.75, 12.5, 12.5)
    assert Box(5, 10, 10, 20).within(20, 40) == Box(0.25, 0.25, 0.5, 0.5)


def test_what_does_the_same_is_the_same() -> None:
    assert Geometry(8, 8, kernel="nearest") == Geometry(8, 8, kernel="nearest", antialias=False)
    assert Geometry(8, 8, kernel="area", antialias=False) == Geometry(8, 8, kernel="area")
    assert Geometry(8, 8, pad_value=0.5, resize_to=9) == Geometry(8, 8)


@pytest.mark.parametrize(
    ("fit", "sentence"),
    [
        ("fill", "Unknown fit 'fill'"),
        ("pad=white", "Expected pad=NUMBER, received 'pad=white'"),
        ("pad=2", "Expected a value to pad with from 0"),
        ("pad=nan", "Expected a value to pad with from 0"),
        ("resize-crop=1.5", "Expected resize-crop=NUMBER"),
        ("resize-crop=8", "Expected a size to crop from of 32 to 128 pixels, received 8"),
        ("resize-crop=0", "Expected a size to crop from of 32 to 128 pixels, received 0"),
        ("stretch=2", "Fit stretch takes no number"),
        ("", "Unknown fit ''"),
    ],
)
def test_a_wrong_fit_is_one_sentence(fit: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        refitted(Geometry(32, 32), fit)


def test_an_unknown_kernel_is_one_sentence() -> None:
    with pytest.raises(UnknownChoice, match="Unknown kernel 'cubic'.*bicubic"):
        Geometry(8, 8, kernel="cubic")


def test_what_a_fit_does_is_measured() -> None:
    square = Geometry(10, 10)
    image = np.tile(np.linspace(0, 1, 40, dtype=np.float32), (20, 1))
    cropped = refitted(square, "crop")
    effect = measure_geometry((20, 40), cropped, cropped.of(image), square, square.of(image))
    assert (effect.visible, effect.padding, effect.widening) == (0.5, 0.0, 1.0)
    assert effect.correlation == pytest.approx(1.0, abs=1e-3)  # a ramp is a ramp
    # Column k looks at 4 k + 1.5 of 39 stretched, at 10.5 + 2 k cropped: apart by |2 k - 9| / 39.
    assert effect.difference == pytest.approx(5 / 39, abs=2e-3)
    assert effect.message.startswith("centre crop where training had it stretched: 50% of the")
    same = measure_geometry((20, 40), square, square.of(image), square, square.of(image))
    assert same.is_trained
    assert same.widening == 0.5
    assert same.message == "as in training: stretched, bilinear, antialiased."


def test_a_uniform_image_has_no_correlation() -> None:
    square, blank = Geometry(4, 4), np.zeros((4, 4), np.float32)
    effect = measure_geometry((4, 4), refitted(square, "pad=1"), blank, square, blank)
    assert effect.correlation is None
    assert "correlation" not in effect.message


def test_heat_lies_where_the_input_does() -> None:
    saliency = Saliency("gradcam", "last", "a", np.ones((2, 2), np.float32), 1.0, "")
    cropped = heat_for_display(saliency, 1.0, 4, 8, Box(0.0, 0.25, 1.0, 0.5))
    assert_array_equal(cropped, np.tile([0, 0, 1, 1, 1, 1, 0, 0], (4, 1)))
    # Padded above and below: of the input's eight rows the image has the middle four.
    heat = np.zeros((8, 1), np.float32)
    heat[2] = 1.0
    padded = heat_for_display(
        Saliency("gradcam", "last", "a", heat, 1.0, ""), 1.0, 4, 8, Box(-0.5, 0.0, 2.0, 1.0)
    )
    assert padded[0].min() > 0.9
    assert not padded[2:].any()
