"""Maps under shuffled weights and other schemes, and where they lie, with the fake engine."""

from pathlib import Path

import pytest

from tests.evaluation.spots import CLASSES
from tests.fakes import FakeEngine, fake_card
from xray_app.core.normalization.schemes import PRESETS
from xray_app.evaluation.faithfulness.cascading_randomization import measure_randomization
from xray_app.evaluation.faithfulness.placement import measure_placement
from xray_app.evaluation.faithfulness.stability import measure_stability
from xray_app.explain.body import CORNERS
from xray_app.explain.class_activation import CLASS_ACTIVATIONS
from xray_app.explain.registry import EXPLANATIONS


def test_a_shuffled_head_turns_the_map_round(spots: Path) -> None:
    engine = FakeEngine(fake_card(classes=CLASSES))
    steps = {step.method: step for step in measure_randomization(engine, spots, 8, 2)}
    assert set(steps) == set(EXPLANATIONS)
    # The fake's only stage exchanges what dark and bright speak for: the spot, which was the whole
    # evidence, becomes the one place without.
    assert steps["gradcam"].stage == "head"
    assert (steps["gradcam"].images, steps["gradcam"].defined) == (8, 8)
    assert steps["gradcam"].rank_correlation == pytest.approx(-1.0)
    likeness = steps["gradcam"].structural_similarity
    assert likeness is not None
    assert likeness < 0.2
    assert steps["scorecam"].images == steps["integrated-gradients"].images == 2


def test_an_engine_that_shuffles_nothing_keeps_its_maps(spots: Path) -> None:
    class Stubborn(FakeEngine):
        def randomize(self, stage: str, seed: int) -> None:
            """Forget nothing."""

    found = measure_randomization(Stubborn(fake_card(classes=CLASSES)), spots, 4, 4)
    assert [step.rank_correlation for step in found] == [1.0] * len(EXPLANATIONS)
    assert [step.structural_similarity for step in found] == [1.0] * len(EXPLANATIONS)


def test_stability_by_scheme(spots: Path) -> None:
    found = measure_stability(FakeEngine(fake_card(classes=CLASSES)), spots, 4, 1)
    assert {row.method for row in found} == set(EXPLANATIONS)
    assert {row.scheme for row in found} == set(PRESETS) - {"raw"}
    by_key = {(row.method, row.scheme): row for row in found}
    # Under caffe the bright spot stays the brightest; divided by 255 all is dark to the fake, and
    # nothing speaks for bacterial any more.
    assert by_key["gradcam", "caffe"].rank_correlation == pytest.approx(1.0)
    assert by_key["gradcam", "rescale"].rank_correlation is None
    assert by_key["gradcam", "rescale"].defined == 0
    assert by_key["gradcam", "rescale"].verdict == "mismatch"
    assert by_key["gradcam", "caffe"].images == 4
    assert by_key["scorecam", "caffe"].images == 1


def test_thresholds_and_corners_are_counted(spots: Path) -> None:
    found = measure_placement(FakeEngine(fake_card(classes=CLASSES)), spots)
    assert found.validation_images == 16
    assert set(found.thresholds) == set(CLASS_ACTIVATIONS)
    bacterial = next(row for row in found.corner_peaks if row.predicted == "bacterial_pneumonia")
    # Each of the 16 cells is the spot once, so each corner of 4 x 4 holds the peak once.
    assert bacterial.images == 16
    assert bacterial.peaks == dict.fromkeys(CORNERS, 1)
    # A corner rectangle is a seventh of 32 pixels wide, 5 at one side and 4 at the other; a spot of
    # 8 x 8 in a corner has 25, 20, 20 or 16 of its 64 pixels there. Of these 16 fractions, twelve
    # of them 0, the 95th percentile lies a quarter of the way from the 15th to the 16th.
    assert found.corner_thresholds["gradcam"] == pytest.approx(
        20 / 64 + 0.25 * (25 - 20) / 64, abs=1e-3
    )
