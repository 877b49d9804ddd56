"""The class of an image and of its changed copies, and the words and rows about them."""

import numpy as np
import pytest

from tests.fakes import SIZE, FakeEngine
from xray_app.core.images.changes import MEANINGLESS
from xray_app.diagnosis.class_stability import ClassStability, Version, class_stability
from xray_app.evaluation.class_stability import ANY, flip_rows
from xray_app.presentation.words import stability_sentence


def test_a_uniform_image_keeps_its_class(fake: FakeEngine) -> None:
    found = class_stability(fake, np.full((SIZE, SIZE), 0.2, np.float32))
    assert found.predicted == "normal"
    assert [v.change for v in found.versions] == list(MEANINGLESS)
    assert found.flips == ()
    assert all(v.probability == pytest.approx(found.probability, abs=0.02) for v in found.versions)
    assert "stays Normal under all 9 changes" in stability_sentence(fake.card, found)


def test_an_image_at_the_boundary_flips_under_one_pixel(fake: FakeEngine) -> None:
    """A bright border column is doubled when the image moves away from it, lost the other way."""
    display = np.full((SIZE, SIZE), 0.5, np.float32)
    display[:, :1] = 1.0
    display[:, -2:] = 0.25
    found = class_stability(fake, display)
    by_change = {v.change: v for v in found.versions}
    right, left = by_change["moved 1 pixel right"], by_change["moved 1 pixel left"]
    assert (right.predicted, left.predicted) == ("bacterial_pneumonia", "normal")
    assert right.flips != left.flips
    assert "under" in stability_sentence(fake.card, found)


def stability(*flips: bool) -> ClassStability:
    versions = tuple(
        Version(f"change {i}", "b" if f else "a", 0.4 if f else 0.8, f) for i, f in enumerate(flips)
    )
    return ClassStability("a", 0.9, versions)


def test_rows_count_flips_and_resample_patients() -> None:
    found = [stability(True, False), stability(False, False), stability(True, True)]
    one, two, anyhow = flip_rows(found, ["p1", "p2", "p3"])
    assert [(r.flips, r.rate.value) for r in (one, two)] == [(2, 0.6667), (1, 0.3333)]
    assert (anyhow.change, anyhow.flips) == (ANY, 2)
    assert one.rate.low <= one.rate.value <= one.rate.high
    assert one.largest_fall == 0.5
    # None of three patients flips: up to 71 % may, which has a chance of 2.5 %.
    none = flip_rows([stability(False)] * 3, ["p1", "p2", "p3"])[0].rate
    assert (none.low, none.high) == (0.0, pytest.approx(1 - 0.025 ** (1 / 3), abs=1e-4))
    # All images of one patient come together or not at all.
    whole = flip_rows([stability(True), stability(False)], ["p1", "p1"])[0].rate
    assert (whole.low, whole.high) == (0.5, 0.5)
