"""Comparing schemes: agreement of heatmaps, the conclusion in words, and what is downloaded."""

import csv
import io

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.conftest import make_radiograph
from tests.fakes import FakeEngine
from xray_app.core.records import Saliency
from xray_app.diagnosis.comparison import compare, compare_with
from xray_app.diagnosis.reference_pass import feed_as_trained
from xray_app.explain.agreement import rank_correlation, structural_similarity
from xray_app.presentation.images import contact_sheet
from xray_app.presentation.tables import comparison_to_csv
from xray_app.presentation.words import conclude

LABELS = {
    "normal": "Normal",
    "bacterial_pneumonia": "Bacterial pneumonia",
    "viral_pneumonia": "Viral pneumonia",
}
BRIGHT = make_radiograph(np.tile(np.linspace(128, 255, 32).astype(np.uint8), (32, 1)))
DARK = make_radiograph(np.tile(np.linspace(0, 127, 32).astype(np.uint8), (32, 1)))


def saliency(values: list[list[float]]) -> Saliency:
    array = np.array(values, np.float32)
    return Saliency("gradcam", "l", "normal", array, float(array.max()), "logit per cell")


def test_rank_correlation_by_hand() -> None:
    one = saliency([[1, 2], [3, 4]])
    assert rank_correlation(one, saliency([[10, 20], [30, 400]])) == pytest.approx(1.0)
    assert rank_correlation(one, saliency([[4, 3], [2, 1]])) == pytest.approx(-1.0)
    # Ranks 1 2 3 4 and 2 1 3 4: 1 - 6 * (1 + 1) / (4 * 15)
    assert rank_correlation(one, saliency([[2, 1], [3, 4]])) == pytest.approx(0.8)


def test_uniform_maps_have_no_ranks() -> None:
    assert rank_correlation(saliency([[0, 0], [0, 0]]), saliency([[1, 2], [3, 4]])) is None


def test_structural_similarity_depends_on_the_scale() -> None:
    one, faint = saliency([[1, 2], [3, 4]]), saliency([[0.1, 0.2], [0.3, 0.4]])
    assert structural_similarity(one, one, 4.0) == pytest.approx(1.0)
    found = structural_similarity(one, faint, 4.0)
    assert found is not None
    assert found < 0.5


@pytest.mark.parametrize("scale", [0.0, 4.0])  # another scheme's map may not be empty
def test_two_empty_maps_are_not_alike(scale: float) -> None:
    empty, full = saliency([[0, 0], [0, 0]]), saliency([[1, 2], [3, 4]])
    assert structural_similarity(empty, empty, scale) is None
    found = structural_similarity(empty, full, 4.0)
    assert found is not None
    assert found < 0.5


def test_a_flip_is_the_conclusion(fake: FakeEngine) -> None:
    # Bright as trained; divided by 255 everything is dark, which the fake calls normal.
    text = conclude(compare(fake, BRIGHT, ("rescale", "signed")), LABELS)
    assert text == (
        "It does matter here: the same radiograph turns from Bacterial pneumonia into Normal under "
        "2 of 2 other schemes. The model was trained with `raw`; of the others none of them keeps "
        "the values where training had them."
    )


def test_no_flip_and_no_change_is_the_conclusion(fake: FakeEngine) -> None:
    text = conclude(compare(fake, BRIGHT, ("none+byte",)), LABELS)
    assert text.startswith("It hardly shows here: the class stays Bacterial pneumonia under all 1")
    assert "0.00 at most" in text
    assert "only `none+byte` keeps the values" in text


def test_no_flip_but_another_probability_is_the_conclusion(fake: FakeEngine) -> None:
    text = conclude(compare(fake, DARK, ("rescale",)), LABELS)
    assert text.startswith("It does matter here: the class stays Normal under all 1 other schemes")


def test_the_training_scheme_alone(fake: FakeEngine) -> None:
    assert conclude(compare(fake, BRIGHT, ()), LABELS).startswith("Fed as trained, the model says")


def test_rows_are_changes_against_the_training_scheme(fake: FakeEngine) -> None:
    comparison = compare(fake, BRIGHT, ("rescale",))
    trained, other = comparison.rows
    assert (trained.scheme, trained.logit_change, trained.flips) == ("raw", 0.0, False)
    assert trained.rank_correlation == pytest.approx(1.0)
    bacterial = 1
    logits = {name: p.prediction.logits[bacterial] for name, p in comparison.passes.items()}
    assert other.logit_change == pytest.approx(logits["rescale"] - logits["raw"])
    assert other.probability_change == pytest.approx(other.probability - trained.probability)


def test_csv_can_be_read_back(fake: FakeEngine) -> None:
    comparison = compare(fake, BRIGHT)
    rows = list(csv.DictReader(io.StringIO(comparison_to_csv(comparison))))
    assert [row["scheme"] for row in rows] == list(comparison.passes)
    assert float(rows[1]["probability"]) == pytest.approx(comparison.rows[1].probability)
    assert float(rows[0]["max"]) == 255.0


def test_the_sheet_holds_every_scheme(fake: FakeEngine) -> None:
    comparison = compare(fake, BRIGHT, ("rescale", "signed", "caffe", "clahe"))
    sheet = contact_sheet(comparison, 0.6, "inferno")
    # Five tiles in rows of four: two rows of 224 + 3 * 20 + 12, one margin, one line of text.
    assert sheet.shape == (2 * 296 + 12 + 20, 4 * 236 + 12, 3)
    assert_array_equal(sheet[0, 0], [255, 255, 255])
    assert (sheet[20:230, 20:230] < 250).any()


def test_outcomes_arrive_a_few_at_a_time(fake: FakeEngine) -> None:
    told: list[dict[str, str]] = []
    reference = feed_as_trained(fake, BRIGHT)
    found = compare_with(
        fake,
        reference,
        arrived=lambda some: told.append({n: o.prediction.predicted for n, o in some.items()}),
    )
    assert [len(some) for some in told] == [5, 9, 11]  # as trained, and four more each time
    assert told[-1] == {name: found.row(name).predicted for name in found.passes}
    assert found.rows == compare_with(fake, reference).rows
