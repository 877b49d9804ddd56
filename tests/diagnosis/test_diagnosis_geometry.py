"""Another fit than that of training: what is fed, what is said, and where its heatmap lies."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.conftest import make_radiograph
from tests.fakes import SIZE, FakeEngine, fake_card
from xray_app.core.errors import InputError, UnknownChoice
from xray_app.core.images import Box, Geometry, fitted, refitted
from xray_app.diagnosis.comparison import compare
from xray_app.diagnosis.diagnosis import diagnose
from xray_app.diagnosis.geometry_pass import compare_geometries, usual_geometries
from xray_app.diagnosis.reference_pass import feed_as_trained
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.presentation.geometry_words import (
    fit_sentence,
    geometry_label,
    geometry_sentence,
    geometry_text,
)
from xray_app.presentation.images import overlay_on

LABELS = {
    "normal": "Normal",
    "bacterial_pneumonia": "Bacterial pneumonia",
    "viral_pneumonia": "Viral pneumonia",
}
# Twice as wide as high, bright but for dark sides: cropping them off changes the class.
PIXELS = np.full((SIZE, 2 * SIZE), 200, np.uint8)
PIXELS[:, : SIZE // 2] = PIXELS[:, -SIZE // 2 :] = 0
WIDE = make_radiograph(PIXELS)


def test_the_scale_fits_and_the_fit_does_not(fake: FakeEngine) -> None:
    found = diagnose(fake, WIDE, Choices(fit="crop"))
    assert found.contract.verdict == "matches"  # compared with the same fit
    assert not found.geometry.is_trained
    assert found.prediction.predicted == "bacterial_pneumonia"
    assert found.trained_prediction.predicted == "normal"
    assert found.box == Box(0.0, 0.25, 1.0, 0.5)
    said = fit_sentence(found.geometry, found.contract)
    assert said is not None
    assert said.startswith(
        "Right scale, but centre crop where training had it stretched: 50% of the image is cut off"
    )
    assert ("Resized", "64 × 32 to 32 × 32 pixels, centre crop, bilinear, antialiased") in [
        (step.name, step.detail) for step in found.provenance
    ]


def test_a_wrong_scale_and_a_wrong_fit_are_both_said(fake: FakeEngine) -> None:
    found = diagnose(fake, WIDE, Choices("rescale", fit="pad"))
    assert found.contract.verdict == "mismatch"
    said = fit_sentence(found.geometry, found.contract)
    assert said is not None
    assert said.startswith("The fit is another, too: padded with 0 where training had it stretched")


def test_fitted_as_trained_nothing_is_said_and_nothing_run_again(fake: FakeEngine) -> None:
    found = diagnose(fake, WIDE, Choices(fit="stretch", kernel="bilinear", antialias=True))
    assert found.geometry.is_trained
    assert fit_sentence(found.geometry, found.contract) is None
    assert fake.calls == 1


def test_a_model_trained_on_padded_images_gets_them_padded() -> None:
    size = {"height": SIZE, "width": SIZE, "fit": "pad", "kernel": "area", "antialias": True}
    engine = FakeEngine(fake_card(input=size | {"pad_value": 1.0}))
    found = diagnose(engine, WIDE, Choices())
    assert found.geometry.is_trained
    assert_array_equal(
        found.display, fitted(WIDE, Geometry(SIZE, SIZE, "pad", "area", pad_value=1))
    )
    assert_array_equal(found.display[0], np.ones(SIZE))
    assert found.box == Box(-0.5, 0.0, 2.0, 1.0)
    other = diagnose(engine, WIDE, Choices(fit="stretch"))
    said = fit_sentence(other.geometry, other.contract)
    assert said is not None
    assert "stretched where training had it padded with 1: things look 0.50 times as wide" in said


def test_the_heatmap_of_a_crop_lies_over_what_was_cropped(fake: FakeEngine) -> None:
    found = diagnose(fake, WIDE, Choices(fit="crop"))
    image = overlay_on(WIDE.display, found, 1.0, "inferno")
    gray = np.ptp(image[:, : SIZE // 2].astype(int), axis=-1)
    assert not gray.any()  # the sides were never seen, and so have no colour
    assert np.ptp(image[:, SIZE // 2 : -SIZE // 2].astype(int), axis=-1).any()


def test_a_whole_comparison_can_be_fitted_otherwise(fake: FakeEngine) -> None:
    found = compare(fake, WIDE, ("raw", "rescale"), Choices(fit="crop"))
    assert not found.geometry.is_trained
    assert found.trained.prediction.predicted == "bacterial_pneumonia"
    assert found.row("raw").verdict == "matches"


def test_the_usual_fits_beside_each_other(fake: FakeEngine) -> None:
    geometries = usual_geometries(fake.card)
    assert len(geometries) == 6
    reference = feed_as_trained(fake, WIDE)
    found = compare_geometries(fake, reference, geometries, Choices())
    flips = [one.effect.geometry.fit for one in found.passes if one.flips]
    assert flips == ["crop", "resize-crop"]
    assert {one.scheme_pass.saliency.target for one in found.passes} == {"normal"}
    labels = [geometry_label(g, geometries[0]) for g in geometries]
    assert labels == [
        "As trained",
        "Padded",
        "Centre crop",
        "Resized, then cropped",
        "Bicubic",
        "Not antialiased",
    ]
    assert geometry_sentence(found, LABELS).endswith(
        "as trained; 2 of 3 other fits change the class: Bacterial pneumonia when centre crop, "
        "Bacterial pneumonia when resized, then cropped; none of 2 other ways to resample changes "
        "the class."
    )
    assert len(geometry_text(found, LABELS).splitlines()) == 6


def test_another_padding_and_another_size_before_the_crop_resample_nothing() -> None:
    """They put something else around the image, or cut another part out of it."""
    size = {"height": SIZE, "width": SIZE, "kernel": "bilinear", "antialias": True}
    for own, other in (("pad", "pad=1"), ("resize-crop", "resize-crop=64")):
        engine = FakeEngine(fake_card(input=size | {"fit": own}))
        geometries = [refitted(engine.card.input.geometry, other)]
        reference = feed_as_trained(engine, WIDE)
        found = compare_geometries(engine, reference, geometries, Choices())
        said = geometry_sentence(found, LABELS)
        assert "of 1 other fits change" in said
        assert "resample" not in said


@pytest.mark.parametrize("choices", [Choices(fit="fill"), Choices(kernel="cubic")])
def test_what_does_not_exist_is_named(fake: FakeEngine, choices: Choices) -> None:
    with pytest.raises(UnknownChoice, match="Unknown"):
        diagnose(fake, WIDE, choices)
    with pytest.raises(InputError, match="Expected pad=NUMBER"):
        diagnose(fake, WIDE, Choices(fit="pad=x"))
    assert fake.calls == 2  # as trained alone


def test_another_kernel_is_antialiased_unless_training_was_not() -> None:
    trained = Geometry(8, 8)
    assert Choices(kernel="lanczos").geometry(trained).antialias
    assert not Choices(kernel="lanczos", antialias=False).geometry(trained).antialias
    aliased = Geometry(8, 8, antialias=False)
    assert not Choices(kernel="bicubic").geometry(aliased).antialias
    assert Choices(kernel="bicubic").geometry(Geometry(8, 8, kernel="nearest")).antialias
