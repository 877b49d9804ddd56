"""Every contrast at every scale of the product is found again from its tensor."""

from typing import Any

import numpy as np
import pytest

from tests.pipeline.synthetic import synthetic
from xray_app.core.images.geometry import Geometry
from xray_app.core.normalization.contrast import CONTRASTS
from xray_app.core.normalization.scale import SCALES, DatasetStatistics
from xray_app.core.normalization.schemes import normalize, paired
from xray_app.pipeline.describing import describe_pipeline
from xray_app.pipeline.steps.description import PipelineDescription

STATISTICS = DatasetStatistics(0.48, 0.22)
FITS = {
    "stretch": Geometry(48, 40),
    "pad": Geometry(48, 48, "pad"),
    "crop": Geometry(48, 48, "crop", "bicubic"),
    "resize-crop": Geometry(48, 40, "resize-crop", "area", resize_to=57),
}


def fed(geometry: Geometry, contrast: str, scale: str) -> np.ndarray:
    """The product's own way from an image to a model's input, (48, w, 3)."""
    display = np.clip(geometry.of(synthetic(), 255.0) / 255.0, 0.0, 1.0).astype(np.float32)
    return normalize(display, paired(contrast, scale), STATISTICS).array


def names_of(description: PipelineDescription) -> tuple[str, str, str]:
    recipe = description.recipe
    return recipe.contrast.name, description.scale.name, recipe.placement.fit


def found_of(geometry: Geometry, contrast: str, scale: str) -> Any:
    tensor = fed(geometry, contrast, scale)
    return describe_pipeline(synthetic(), tensor, STATISTICS), tensor


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("contrast", CONTRASTS)
def test_every_cell_of_the_grid_is_recovered(contrast: str, scale: str) -> None:
    report, _ = found_of(FITS["stretch"], contrast, scale)
    assert report.description is not None, report.text
    if (contrast, scale) == ("minmax", "zscore"):  # a z-score undoes every gain before it
        assert names_of(report.description) == ("none", "zscore", "stretch")
        return
    if (contrast, scale) == ("minmax", "dataset"):  # of one image a gain could be the data set's
        found = [names_of(each) for each in (report.description, *report.alternatives)]
        assert ("minmax", "dataset", "stretch") in found
        return
    assert names_of(report.description) == (contrast, scale, "stretch")
    assert report.description.recipe.sampling == "bilinear-antialiased"
    assert report.largest <= 1e-3 or report.within == "most"


@pytest.mark.parametrize("contrast", ["none", "percentile"])
@pytest.mark.parametrize("fit", FITS)
def test_every_fit_is_recovered_under_every_kind_of_contrast(fit: str, contrast: str) -> None:
    report, _ = found_of(FITS[fit], contrast, "imagenet")
    assert report.description is not None, report.text
    assert names_of(report.description) == (contrast, "imagenet", fit)
    kernel = FITS[fit].kernel
    assert report.description.recipe.sampling == (
        kernel if kernel == "area" else f"{kernel}-antialiased"
    )
    if fit == "resize-crop":
        assert report.description.recipe.placement.number == 57.0


def test_two_images_tell_a_stretch_of_each_from_a_data_sets_mean() -> None:
    images = [synthetic(), np.ascontiguousarray(synthetic()[::-1] // 2 + 20)]
    tensors = []
    for image in images:
        display = (Geometry(48, 40).of(image, 255.0) / 255.0).astype(np.float32)
        tensors.append(normalize(display, paired("minmax", "dataset"), STATISTICS).array)
    report = describe_pipeline(images, np.stack(tensors))
    assert report.description is not None, report.text
    assert names_of(report.description) == ("minmax", "dataset", "stretch")
    assert report.description.scale.text == "mean 0.48, std 0.22"
