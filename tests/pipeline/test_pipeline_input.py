"""What can't be described is refused in one sentence."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.conftest import make_radiograph
from tests.pipeline.synthetic import synthetic
from xray_app.core.errors import InputError
from xray_app.core.images.geometry import Geometry
from xray_app.pipeline.code import pipeline_code
from xray_app.pipeline.contracts.cards import contract_of
from xray_app.pipeline.describing import describe_pipeline
from xray_app.pipeline.steps.contrast import SCIKIT_IMAGE_CLAHE_BEFORE
from xray_app.pipeline.steps.description import reproduce, reproduced
from xray_app.pipeline.steps.images import GRAY, as_sources
from xray_app.pipeline.steps.placement import every_placement
from xray_app.pipeline.steps.recipe import Recipe
from xray_app.pipeline.steps.rendering import Renderer
from xray_app.pipeline.steps.sampling import SAMPLINGS
from xray_app.pipeline.steps.whole_image import keep

IMAGE = synthetic(60, 50)
TENSOR = IMAGE / 255.0
LOWEST, HIGHEST = IMAGE.min() * 20.0 - 1024.0, IMAGE.max() * 20.0 - 1024.0


def refusal(image: Any, tensor: Any) -> str:
    with pytest.raises(InputError) as caught:
        describe_pipeline(image, tensor)
    return str(caught.value)


def with_one(value: float) -> np.ndarray:
    tensor = TENSOR.copy()
    tensor[3, 4] = value
    return tensor


@pytest.mark.parametrize(
    ("image", "tensor", "words"),
    [
        (np.full((60, 50), 7, np.uint8), TENSOR, "The image is 7 everywhere"),
        (IMAGE, np.zeros((60, 50)), "The tensor is 0 everywhere"),
        (IMAGE, with_one(np.nan), "1 values that are NaN or infinite"),
        (IMAGE, with_one(np.inf), "1 values that are NaN or infinite"),
        (IMAGE, np.zeros((0, 50)), "The tensor is empty: its shape is (0, 50)"),
        (np.zeros((0, 0), np.uint8), TENSOR, "The image is empty"),
        ([], TENSOR, "Expected at least one image"),
        (IMAGE, np.array([[None, 1], [2, 3]], object), "received dtype object"),
        (IMAGE, np.array([["a", "b"]]), "received dtype <U1"),
        (IMAGE, TENSOR + 1j, "received dtype complex128"),
        (IMAGE, [[1.0, 2.0], [3.0]], "received a ragged list"),
        (np.zeros((2, 3, 4, 5), np.uint8), TENSOR, "Expected an image of shape"),
        (IMAGE, np.arange(7.0), "received shape (7,)"),
        (IMAGE, np.arange(2 * 60 * 50.0).reshape(2, 60, 50), "received shape (2, 60, 50)"),
        (IMAGE, np.arange(5 * 60 * 50.0).reshape(60, 50, 5), "received shape (60, 50, 5)"),
        ([IMAGE, IMAGE // 2], TENSOR, "Expected a tensor of 2 images"),
        (IMAGE * np.int16(20) - np.int16(1024), TENSOR, f"received {LOWEST:g} to {HIGHEST:g}, of"),
        (TENSOR * 2.0 - 1.0, TENSOR, "none is known to be black or white"),
        (IMAGE * np.int32(400), TENSOR, "from 0 black to white, at most 65,535, received"),
    ],
)
def test_what_is_no_image_or_tensor_is_refused_in_a_sentence(
    image: Any, tensor: Any, words: str
) -> None:
    sentence = refusal(image, tensor)
    assert words in sentence
    assert "\n" not in sentence


def test_a_radiograph_goes_in_as_its_pixels() -> None:
    pixels = IMAGE.astype(np.float32) * 16.0
    radiograph = make_radiograph(pixels, white=4095.0)
    report = describe_pipeline(radiograph, radiograph.display)
    assert report.description is not None
    assert report.description.scale.name == "unit"


@pytest.mark.parametrize(
    ("make", "layout"),
    [
        (lambda x: x, "HW"),
        (lambda x: x[..., np.newaxis], "HWC"),
        (lambda x: x[np.newaxis], "CHW"),
        (lambda x: x[np.newaxis, ..., np.newaxis], "NHWC"),
        (lambda x: x[np.newaxis, np.newaxis], "NCHW"),
        (lambda x: np.stack([x] * 3), "CHW"),
        (lambda x: np.stack([x] * 3, axis=-1)[np.newaxis], "NHWC"),
    ],
)
def test_every_layout_is_read(make: Any, layout: str) -> None:
    report = describe_pipeline(IMAGE, make(TENSOR))
    assert report.description is not None
    assert report.description.layout == layout


@pytest.mark.parametrize(
    ("cut", "depth"),
    [
        (lambda v: v >> 8, "high-byte"),
        (lambda v: v & 255, "low-byte"),
        (lambda v: np.minimum(v, 255), "clipped"),
    ],
)
def test_sixteen_bits_cut_to_eight_are_seen(cut: Any, depth: str) -> None:
    # Dark enough that even clipping at 255, and the low byte, leave something of the image.
    deep = (IMAGE.astype(np.uint16) * {"high-byte": 250}.get(depth, 1)) + 40
    report = describe_pipeline(deep, cut(deep).astype(np.uint8) / 255.0)
    assert report.description is not None, report.text
    assert report.description.recipe.depth == depth
    assert report.description.scale.name == "unit"


@pytest.mark.parametrize(
    ("make", "scale", "white"),
    [
        (lambda v: v.astype(np.float64), "stored", 0.0),
        (lambda v: v / 255.0, "stored-255", 0.0),
        (lambda v: v / 4095.0, "unit", 4095.0),
        (lambda v: v / 65535.0, "unit", 0.0),
    ],
)
def test_what_stands_for_white_in_sixteen_bits_is_said(make: Any, scale: str, white: float) -> None:
    deep = IMAGE.astype(np.uint16) * 16
    report = describe_pipeline(deep, make(deep))
    assert report.description is not None, report.text
    assert (report.description.scale.name, report.description.scale.white) == (scale, white)


def test_an_inverted_image_is_seen() -> None:
    report = describe_pipeline(IMAGE, 1.0 - TENSOR)
    assert report.description is not None
    assert report.description.scale.inverted
    assert report.description.scale.name == "unit"


def test_hounsfield_units_less_their_smallest_are_described() -> None:
    """No "values 0 to 1", as of the values themselves that were taken for these."""
    units = IMAGE * np.int16(20) - np.int16(1024)
    report = describe_pipeline(units - units.min(), units.astype(np.float32))
    assert report.description is not None, report.text
    assert report.description.scale.name == "affine"
    assert report.description.scale.offset == pytest.approx([float(units.min())], abs=0.1)


def test_a_contract_of_one_channel_takes_a_colour_image_of_floats() -> None:
    contract = contract_of("a test", Geometry(60, 50), "signed", channels=1)
    image = synthetic(60, 50, colour=True) / 255.0
    made = reproduce(contract.description(image.shape), image)
    luma = image @ np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(made[0, ..., 0], 2.0 * luma - 1.0, atol=1e-6)


def test_a_square_image_leaves_open_how_it_was_fitted_and_the_report_says_so() -> None:
    square = synthetic(100, 100)
    report = describe_pipeline(square, square[2::5, 2::5] / 255.0)
    assert report.description is not None
    assert report.description.recipe.placement.fit == "stretch"
    assert any("kept in shape and padded" in sentence for sentence in report.also)


def test_a_symmetric_image_leaves_open_whether_it_was_mirrored() -> None:
    half = synthetic(60, 30)
    both = np.concatenate([half, half[:, ::-1]], axis=1)
    report = describe_pipeline(both, both / 255.0)
    assert report.description is not None
    assert any("mirrored left to right" in sentence for sentence in report.also)


def test_a_windows_end_that_no_pixel_reaches_is_said_to_be_open() -> None:
    high = 0.95  # the image ends below
    assert IMAGE.max() / 255.0 < high
    tensor = np.clip((TENSOR - 0.2) / (high - 0.2), 0.0, 1.0)
    report = describe_pipeline(IMAGE, (tensor - 0.37) / 0.19)
    assert report.description is not None, report.text
    assert report.description.recipe.contrast.numbers == (0.2, 1.0)
    assert "No pixel reaches the window's upper end" in report.text
    assert report.known == (None, pytest.approx(TENSOR.max(), abs=1e-6))
    assert f"brighter than {TENSOR.max():.4g} of white, these images don't tell" in report.text


def test_black_beside_a_stretched_image_may_be_its_darkest_gray() -> None:
    """A z-score hides a stretch from the image's 0; the padding of other images would show it."""
    pixels = IMAGE.astype(np.float64) - IMAGE.min()
    image = pixels.astype(np.uint8)
    tensor = Geometry(48, 48, "pad").of(pixels / pixels.max())
    report = describe_pipeline(image, (tensor - tensor.mean()) / tensor.std())
    steps = [(each.recipe.contrast.name, each.scale.name) for each in report.alternatives]
    assert ("minmax", "zscore") in steps, report.text
    own = Geometry(48, 48, "pad").of((IMAGE - float(IMAGE.min())) / np.ptp(IMAGE))
    found = describe_pipeline(IMAGE, (own - own.mean()) / own.std()).description
    assert found is not None and IMAGE.min() > 0
    assert (found.recipe.contrast.name, found.recipe.padding) == ("minmax", 0.0)


def test_grays_that_the_crop_takes_away_tell_nothing_of_a_window() -> None:
    """The white band is above the crop, which shows grays up to 0.55."""
    image = np.rint(synthetic(200, 100) * 0.55).astype(np.uint8)
    image[:20] = 255
    windowed = np.clip((image / 255.0 - 0.3) / 0.5, 0.0, 1.0)
    tensor = Geometry(48, 48, "resize-crop", resize_to=64).of(windowed)
    report = describe_pipeline(image, (tensor - 0.37) / 0.19)
    assert report.description is not None, report.text
    assert report.description.recipe.contrast.name == "window"
    assert report.known[1] is not None and report.known[1] < 0.56
    assert len(report.limits) == 1
    assert report.limits[0] in report.text
    assert report.code.startswith(f"# {report.limits[0]}")


def test_the_code_pads_with_the_gray_that_was_found() -> None:
    """White instead of black beside the image before it is resized."""
    image = synthetic(90, 60)
    square = np.pad(image, ((0, 0), (15, 15)))
    tensor = np.asarray(Image.fromarray(square).resize((48, 48), Image.Resampling.BILINEAR)) / 255
    found = describe_pipeline(image, tensor).description
    assert found is not None
    assert found.recipe.placement.fit == "square-first"
    white = replace(found, recipe=replace(found.recipe, padding=1.0))
    names = {"image": image}
    exec(pipeline_code(white), names)
    expected = reproduced(white, [Renderer.of(as_sources(image)[0])])[0, 0]
    np.testing.assert_allclose(np.squeeze(names["tensor"]), expected, atol=1.01 / 255)


@pytest.mark.parametrize("rounding", ["", "round", "floor", "clipped"])
def test_rows_after_clahe_are_those_of_the_whole_up_to_a_line(rounding: str) -> None:
    image = synthetic(300, 240)
    placement = next(p for p in every_placement((300, 240), (48, 48)) if p.fit == "stretch")
    sampling = next(iter(SAMPLINGS))
    recipe = Recipe(GRAY, "", "as stored", placement, sampling, rounding, SCIKIT_IMAGE_CLAHE_BEFORE)
    rows = np.arange(0, 48, 5)
    some = Renderer.of(as_sources(image)[0]).some(recipe, rows)
    whole = Renderer.of(as_sources(image)[0]).render(recipe)[rows]
    gain, offset = np.polyfit(some.ravel(), whole.ravel(), 1)
    np.testing.assert_allclose(gain * some + offset, whole, atol=2e-6)


def test_what_the_search_keeps_is_bounded_by_bytes() -> None:
    kept: dict[int, object] = {}
    large = np.zeros(45_000_000, np.uint8)
    for key in range(4):
        keep(kept, key, large)
    assert list(kept) == [2, 3]  # a third would pass a hundred million bytes
    keep(kept, 4, (large, np.zeros(80_000_000, np.uint8)))
    assert list(kept) == [4]  # the last one, whatever it has
    for key in range(5, 30):
        keep(kept, key, np.zeros(1))
    assert len(kept) == 10
