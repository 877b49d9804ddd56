"""What differs between two pipelines is said in sentences."""

import numpy as np
import pytest

from tests.conftest import BUNDLED, make_radiograph
from tests.fakes import fake_card
from tests.pipeline.synthetic import synthetic
from xray_app.cards.as_trained import model_input, to_model_size
from xray_app.core.errors import InputError
from xray_app.core.images.resampling import resize
from xray_app.core.normalization.scale import IMAGENET_MEAN, IMAGENET_STD, DatasetStatistics
from xray_app.engines import find_card
from xray_app.pipeline.checking import check_pipeline
from xray_app.pipeline.contracts.cards import card_contract
from xray_app.pipeline.describing import describe_pipeline
from xray_app.pipeline.difference import compare_descriptions, difference_from, sampling_of
from xray_app.pipeline.examples import make_example
from xray_app.pipeline.report import PipelineReport
from xray_app.pipeline.steps.description import reproduce
from xray_app.pipeline.steps.sampling import resampled

COLOUR, GRAY = synthetic(colour=True), synthetic()
NAMES = ("training", "your server")


def sized(image: np.ndarray, kernel: str = "bilinear-antialiased") -> np.ndarray:
    planes = [resampled(plane, 48, 40, kernel) for plane in np.atleast_3d(image).transpose(2, 0, 1)]
    return np.stack(planes, axis=-1)


def described(tensor: np.ndarray, image: np.ndarray = COLOUR) -> PipelineReport:
    report = describe_pipeline(image, tensor)
    assert report.is_explained, report.text
    return report


def said(train: np.ndarray, serve: np.ndarray, image: np.ndarray = COLOUR) -> str:
    return difference_from(described(serve, image), described(train, image), NAMES).text


def test_channels_and_antialiasing_are_told_from_values_that_agree() -> None:
    text = said(sized(COLOUR) / 255.0, sized(COLOUR, "bilinear")[..., ::-1] / 255.0)
    assert text == (
        "Your server feeds BGR where training feeds RGB. Your server resizes bilinear, not "
        "antialiased, where training resizes bilinear, antialiased. Values agree (gain 1.000, "
        "offset 0.0)."
    )


def test_the_same_pipeline_twice_differs_in_nothing() -> None:
    first = described((sized(COLOUR) / 255.0 - IMAGENET_MEAN) / IMAGENET_STD)
    difference = difference_from(first, first)
    assert difference.is_same
    assert difference.to_dict()["same"] is True
    assert difference.text == "Values agree (gain 1.000, offset 0.0)."


def test_a_second_division_by_255_is_named() -> None:
    text = said(sized(GRAY) / 255.0, sized(GRAY) / 255.0 / 255.0, GRAY)
    assert "Contrast is divided by 255." in text
    assert "gain 0.003922, offset 0" in text


def test_a_missing_division_by_255_is_named() -> None:
    assert "Contrast is multiplied by 255." in said(sized(GRAY) / 255.0, sized(GRAY), GRAY)


def test_the_line_between_two_scales_is_that_of_their_numbers() -> None:
    signed, unit = described(sized(GRAY) / 127.5 - 1.0, GRAY), described(sized(GRAY) / 255.0, GRAY)
    difference = difference_from(signed, unit)
    assert difference.aspects == ("scale",)
    np.testing.assert_allclose(difference.gain, 2.0, rtol=1e-4)
    np.testing.assert_allclose(difference.offset, -1.0, rtol=1e-4)


def test_orientation_layout_and_geometry_are_told() -> None:
    turned = sized(np.ascontiguousarray(COLOUR[:, ::-1])) / 255.0
    text = said(sized(COLOUR) / 255.0, turned.transpose(2, 0, 1))
    assert "lays the image mirrored left to right (EXIF 2) where training" in text
    assert "3 channels, height, width (CHW), where training" in text
    cropped = np.stack([resize(p[15:135], 48, 48) for p in COLOUR.transpose(2, 0, 1)], axis=-1)
    stretched = np.stack([resize(p, 48, 48) for p in COLOUR.transpose(2, 0, 1)], axis=-1)
    assert "cropped to the input's aspect" in said(stretched / 255.0, cropped / 255.0)


def test_contrast_is_told_and_then_no_line() -> None:
    low, high = np.percentile(sized(GRAY), (2, 98))
    stretched = np.clip((sized(GRAY) - low) / (high - low), 0.0, 1.0)
    difference = difference_from(described(stretched, GRAY), described(sized(GRAY) / 255.0, GRAY))
    assert "contrast" in difference.aspects
    assert difference.gain == ()
    assert "stretched between percentiles 2 and 98" in difference.text


def test_a_scheme_is_compared_in_contrast_and_scale_alone() -> None:
    report = described(sized(COLOUR, "bilinear")[..., ::-1] / 255.0)
    assert difference_from(report, "rescale").is_same
    difference = difference_from(report, "signed")
    assert difference.aspects == ("scale",)
    assert difference.text.startswith("This pipeline gives values 0 to 1 where the scheme signed")
    own = DatasetStatistics(0.5, 0.5)  # the same numbers as those of "signed"
    signed = described(sized(GRAY) / 127.5 - 1.0, GRAY)
    assert difference_from(signed, "dataset", statistics=own).is_same
    with pytest.raises(InputError, match="mean and deviation"):
        difference_from(report, "dataset")


def test_a_models_contract_is_compared_with_its_geometry() -> None:
    card = find_card(BUNDLED)
    radiograph = make_radiograph(GRAY)
    display = to_model_size(card, radiograph)
    as_trained = model_input(card, display).array
    assert difference_from(describe_pipeline(radiograph, as_trained), card).is_same
    size = card.input.height, card.input.width
    blunt = resampled(GRAY, *size, "nearest-corner")
    wrong = describe_pipeline(radiograph, np.stack([blunt] * 3, axis=-1) / 255.0)
    difference = difference_from(wrong, card)
    assert "kernel" in difference.aspects
    assert f"the contract of {card.name}" in difference.text


@pytest.mark.parametrize(("channels", "layout"), [(1, "NCHW"), (1, "NHWC"), (3, "NCHW")])
def test_a_brought_model_is_compared_with_its_own_axes(channels: int, layout: str) -> None:
    own = {"file": "a.onnx", "explanations": [], "channels": channels, "layout": layout}
    card = fake_card(brought=own)
    plane = card.input.geometry.of(GRAY.astype(np.float32))
    tensor = np.stack([plane] * channels, axis=0 if layout == "NCHW" else -1)[np.newaxis]
    check = check_pipeline(GRAY, tensor, card)
    assert check.difference is not None and check.difference.is_same, check.difference
    assert check.mending is None
    turned = np.moveaxis(tensor, 1, -1) if layout == "NCHW" else np.moveaxis(tensor, -1, 1)
    other = check_pipeline(GRAY, turned, card).difference
    assert other is not None and other.aspects == ("layout",)
    np.testing.assert_allclose(make_example("right", GRAY, card), tensor, atol=1e-3)
    contract = card_contract(card)
    assert (contract.channels, contract.layout) == (channels, layout)
    assert reproduce(contract.description(GRAY.shape), GRAY).shape == tensor.shape


def test_of_what_is_not_explained_nothing_else_is_said() -> None:
    noise = describe_pipeline(GRAY, np.random.default_rng(0).normal(size=(32, 32)))
    difference = difference_from(noise, "rescale")
    assert difference.aspects == ("explanation",)
    assert difference.text.startswith("Not explained")
    with pytest.raises(InputError, match="not explained"):
        difference_from(described(sized(GRAY) / 255.0, GRAY), noise)


def test_descriptions_can_be_compared_without_reports() -> None:
    first = described(sized(GRAY) / 255.0, GRAY).description
    second = described(sized(GRAY, "area") / 255.0, GRAY).description
    assert first is not None and second is not None
    difference = compare_descriptions(first, second)
    assert difference.aspects == ("kernel",)
    assert difference.sentences[0].startswith("Serving resizes mean over the area where training")


def test_a_geometry_without_antialiasing_has_the_bare_kernel() -> None:
    from xray_app.core.images.geometry import Geometry

    assert sampling_of(Geometry(32, 32, kernel="bicubic", antialias=False)) == "bicubic"
