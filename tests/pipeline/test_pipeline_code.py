"""The code of a description does what the description does, on any image that the file can hold."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.pipeline.synthetic import synthetic
from xray_app.pipeline.code import pipeline_code, scale_code
from xray_app.pipeline.contrast_code import contrast_code
from xray_app.pipeline.steps.contrast import CURVE_TEXTS, NO_CONTRAST, OPENCV_CLAHES, ContrastStep
from xray_app.pipeline.steps.description import STORAGES, PipelineDescription, reproduce
from xray_app.pipeline.steps.images import GRAY
from xray_app.pipeline.steps.placement import FITS
from xray_app.pipeline.steps.recipe import Recipe
from xray_app.pipeline.steps.scale import PER_IMAGE, ScaleStep

SHAPE, INPUT = (90, 70), (48, 40)
UNIT = ScaleStep("unit", (1.0,), (0.0,))
FIRST, SECOND = synthetic(*SHAPE), synthetic(*SHAPE)[::-1] // 2 + 60
STRETCH = ContrastStep("percentile", (2.0, 98.0), "before")
EQUALIZED = [name for name in CURVE_TEXTS if name.startswith("equalize-")]


def described(
    contrast: ContrastStep = NO_CONTRAST, scale: ScaleStep = UNIT, storage: str = "",
    plane: str = GRAY, shape: tuple[int, int] = SHAPE,
) -> PipelineDescription:  # fmt: skip
    placement = FITS["stretch"].place(*shape, *INPUT, 0.0)
    assert placement is not None
    recipe = Recipe(plane, "", "as stored", placement, "bilinear-antialiased", "", contrast)
    return PipelineDescription("CHW", (plane,), recipe, scale, storage)


def run(
    description: PipelineDescription, image: NDArray[Any], white: float = 255.0
) -> NDArray[Any]:
    names: dict[str, Any] = {"image": image}
    exec(pipeline_code(description, white), names)
    return np.asarray(names["tensor"])


def deep(image: NDArray[Any]) -> NDArray[np.uint16]:
    """Many more levels than 256, so that a cut to bytes shows."""
    rng = np.random.default_rng(3)
    return (image * np.uint16(150) + rng.integers(0, 150, image.shape, np.uint16)).astype(np.uint16)


@pytest.mark.parametrize(
    "contrast", [NO_CONTRAST, ContrastStep("percentile", (2.0, 98.0), "before")]
)
@pytest.mark.parametrize("image", [FIRST, SECOND])
def test_a_z_score_before_resizing_is_the_images_own(
    contrast: ContrastStep, image: NDArray[Any]
) -> None:
    description = described(contrast, ScaleStep("zscore-before", (4.0,), (-2.0,)))
    np.testing.assert_allclose(run(description, image), reproduce(description, image), atol=1e-4)


@pytest.mark.parametrize(
    "stored",
    [
        FIRST[..., np.newaxis],
        np.dstack([FIRST] * 3),
        np.dstack([FIRST] * 3 + [np.full(SHAPE, 255, np.uint8)]),
    ],
)
def test_a_gray_image_may_be_stored_in_any_channels(stored: NDArray[Any]) -> None:
    expected = reproduce(described(), stored)
    assert expected.shape == (1, *INPUT)
    np.testing.assert_allclose(run(described(), stored), expected, atol=1e-6)


@pytest.mark.parametrize("plane", ["R", "luma", "luma-bytes", "mean"])
def test_a_colour_image_may_have_alpha(plane: str) -> None:
    colour = synthetic(*SHAPE, colour=True)
    stored = np.dstack([colour, np.full(SHAPE, 255, np.uint8)])
    description = described(plane=plane)
    np.testing.assert_allclose(run(description, stored), reproduce(description, stored), atol=1e-5)


@pytest.mark.parametrize("name", EQUALIZED)
def test_sixteen_bits_are_equalized_by_their_own_levels(name: str) -> None:
    image = deep(synthetic(500, 420))  # Pillow's steps need more pixels than there are levels
    description = described(ContrastStep(name, (), "before"), shape=(500, 420))
    made = run(description, image, 65535.0)
    np.testing.assert_allclose(made, reproduce(description, image), atol=1e-4)


@pytest.mark.parametrize("storage", STORAGES)
def test_every_storage_is_in_the_code(storage: str) -> None:
    scale = ScaleStep("byte", (255.0,), (0.0,))
    description = described(scale=scale, storage=storage)
    made = run(description, FIRST).astype(np.float64)
    apart = np.abs(made - reproduce(description, FIRST))
    assert (apart > 1e-4).mean() < 0.01  # a value between two that a type holds may fall to either
    assert bool(storage) == (pipeline_code(description) != pipeline_code(described(scale=scale)))


def test_every_contrast_and_scale_step_has_its_code() -> None:
    numbers = {"percentile": (2.0, 98.0), "window": (0.1, 0.9), "gamma": (0.5,)}
    numbers["clahe-opencv"] = OPENCV_CLAHES[0].numbers
    for name in CURVE_TEXTS.keys() - {"none"}:
        step = ContrastStep(name, numbers.get(name, ()), "after")
        for white in (255.0, 65535.0):
            compile(f"def plane(x):\n    {contrast_code(step, white)}", name, "exec")
    for name in PER_IMAGE:
        assert "std(" in "".join(scale_code(ScaleStep(name, (1.0,), (0.0,))))
