"""Whatever the pipeline: its description makes the tensor again, or there is none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.pipelines import holds, outcome_of
from benchmarks.random_pipelines import made_radiograph, random_pipeline
from xray_app.pipeline.code import pipeline_code
from xray_app.pipeline.describing import describe_pipeline
from xray_app.pipeline.steps.description import reproduce

# The pipelines of these seeds differ in library, fit, contrast and type; each is described.
SEEDS = (0, 3, 7, 9, 21, 71, 100, 116, 242, 261, 323, 5000384)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_description_makes_the_tensor_again_or_there_is_none(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pipeline = random_pipeline(rng, unknown=0.3)
    image = pipeline.image(rng)
    tensor = pipeline.run(image)
    report = describe_pipeline(image, tensor)
    if report.description is None:
        assert report.text.startswith("Not explained")
        assert report.largest > 1e-3
        return
    made = reproduce(report.description, image)
    assert made.shape == tensor.shape
    width = float(np.ptp(tensor.astype(np.float64)))
    apart = np.abs(made - tensor.astype(np.float64)) / width
    if report.within == "float":
        assert apart.max() <= 1.1e-3
    else:  # bytes rounded, or a histogram's bins: the report says so
        assert (apart > 1e-3).mean() <= 0.25
        assert "to one gray level" in report.text or "but for a few values" in report.text


@pytest.mark.parametrize("seed", SEEDS)
def test_the_description_holds_for_an_image_that_it_was_not_found_on(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pipeline = random_pipeline(rng)
    image, other = pipeline.image(rng), pipeline.image(rng)
    report = describe_pipeline(image, pipeline.run(image))
    assert report.description is not None, report.text
    assert holds(report.description, report.within, other, pipeline.run(other)), report.text


def test_a_window_with_an_open_end_holds_where_it_is_known() -> None:
    outcome = outcome_of(5000083)  # the window comes before resizing: a value mixes many pixels
    assert outcome.verdict == "as far as known"
    assert outcome.report.known[0] is None and outcome.report.known[1] is not None


@pytest.mark.parametrize("seed", SEEDS)
def test_the_code_makes_the_tensor(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pipeline = random_pipeline(rng)
    image, other = pipeline.image(rng), pipeline.image(rng)
    report = describe_pipeline(image, pipeline.run(image))
    assert report.description is not None, report.text
    white = 65535.0 if image.dtype == np.uint16 else 255.0
    for each in (image, other):  # nothing in the code is the first image's own
        tensor = pipeline.run(each)
        names = {"image": each}
        exec(pipeline_code(report.description, white), names)
        made = np.asarray(names["tensor"], np.float64)
        assert made.shape == tensor.shape
        apart = np.abs(made - tensor) / np.ptp(tensor.astype(np.float64))
        # A value on the border of two gray levels or bins may fall to either side.
        assert (apart > 1e-3).mean() <= 0.01


def test_noise_is_not_explained() -> None:
    image = made_radiograph(np.random.default_rng(1), (120, 100))
    report = describe_pipeline(image, np.random.default_rng(2).normal(size=(64, 64, 3)))
    assert report.description is None
    assert "Not explained" in report.text
