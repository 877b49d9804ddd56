"""Images much wider than high, and tensors of a few rows."""

import numpy as np
import pytest
from PIL import Image

from tests.pipeline.synthetic import synthetic
from xray_app.pipeline.describing import describe_pipeline
from xray_app.pipeline.steps.images import GRAY, as_sources
from xray_app.pipeline.steps.placement import FITS
from xray_app.pipeline.steps.recipe import Recipe
from xray_app.pipeline.steps.rendering import Renderer


@pytest.mark.parametrize("size", [(2, 300), (3, 40), (300, 2)])
def test_a_tensor_of_two_or_three_rows_is_searched(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).normal(size=size)
    assert describe_pipeline(synthetic(100, 300), noise).description is None


def test_a_wide_image_padded_to_a_square_is_described() -> None:
    image = synthetic(120, 400)
    square = np.pad(image, ((140, 140), (0, 0)))
    tensor = np.asarray(Image.fromarray(square).resize((224, 224), Image.Resampling.BILINEAR)) / 255
    found = describe_pipeline(image, tensor).description
    assert found is not None
    assert (found.recipe.placement.fit, found.recipe.orientation) == ("square-first", "as stored")


@pytest.mark.parametrize("rows", [[0, 5, 40], [0, 100, 223], [90, 110, 130]])
def test_rows_beside_a_wide_image_in_its_square_are_padding(rows: list[int]) -> None:
    """A search may ask for rows none of which shows the image."""
    placement = FITS["square-first"].place(120, 400, 224, 224, 0.0)
    assert placement is not None
    recipe = Recipe(GRAY, "", "as stored", placement, "bilinear-antialiased", padding=0.25)
    renderer = Renderer.of(as_sources(synthetic(120, 400))[0])
    some, whole = renderer.some(recipe, np.array(rows)), renderer.render(recipe)
    np.testing.assert_allclose(some, whole[rows], atol=1e-6)
    np.testing.assert_allclose(whole[[0, 5, 40, 223]], 0.25, atol=1e-6)
