"""Score-CAM and Integrated Gradients against numbers worked out by hand."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from xray_app.cards.as_trained import to_model_size, trained_scheme
from xray_app.core.normalization.schemes import normalize
from xray_app.diagnosis.explanations import black_as_trained
from xray_app.engines.protocol import Engine
from xray_app.explain.integrated_gradients import integrated_gradients
from xray_app.explain.method import Question
from xray_app.explain.occlusion import _places
from xray_app.explain.pooling import to_cells
from xray_app.explain.score_cam import mask_of, most_varied, score_cam
from xray_app.readers import read_radiograph
from xray_app.samples.catalogue import list_samples, read_sample

# Two pixels in a row; channel 1 is active on the left, channel 2 on the right, channel 3 nowhere.
IMAGE = np.array([[[4.0] * 3, [2.0] * 3]], np.float32)
ACTIVATIONS = np.array([[[2.0, 0.0, 1.0], [0.0, 5.0, 1.0]]], np.float32)
WEIGHTS = np.array([[[1.0] * 3, [-1.0] * 3]], np.float32)


def linear(batch: np.ndarray) -> np.ndarray:
    return np.asarray((batch * WEIGHTS).sum(axis=(1, 2, 3)), np.float32)


def squared(batch: np.ndarray) -> np.ndarray:
    return np.asarray((batch**2).sum(axis=(1, 2, 3)), np.float32)


def question(logit=linear, gradients=None, black=0.0, **changes) -> Question:
    slopes = gradients or (lambda batch: np.broadcast_to(WEIGHTS, batch.shape))
    found = {"image": IMAGE, "activations": ACTIVATIONS, "black": np.full_like(IMAGE, black)}
    return Question(**(found | changes), logit=logit, gradients=slopes)


def completeness_gap(asked: Question, attributions: np.ndarray) -> float:
    """How much of the logit's change the attributions leave out, as a fraction of it."""
    image, black = asked.logit(np.stack([asked.image, asked.black])).astype(np.float64)
    change = image - black
    gap = abs(float(attributions.sum(dtype=np.float64)) - change)
    return gap / abs(change) if change else gap


def test_score_cam_by_hand() -> None:
    # Behind channel 1 only the left pixel is seen: 3 * 4 = 12; behind channel 2 only the right
    # one: 3 * -2 = -6; black gives 0. So the map is 2 * 12 on the left and 5 * -6 on the right.
    assert_allclose(score_cam(question()), [[24.0, -30.0]])
    # Of one channel only, the more varied second is asked: nothing on the left.
    assert_allclose(score_cam(question(), channels=1), [[0.0, -30.0]])


def test_score_cam_measures_from_black_as_trained() -> None:
    # Black is 1: behind channel 1 the left pixel is 4 and the right 1, 12 - 3; black alone gives 0.
    # Behind channel 2: 3 * (1 - 2) = -3.
    assert_allclose(score_cam(question(black=1.0)), [[2 * 9.0, 5 * -3.0]])


def test_score_cam_of_nothing_is_nothing() -> None:
    flat = np.ones((3, 4, 5), np.float32)
    assert_array_equal(score_cam(question(activations=flat)), np.zeros((3, 4)))


def test_the_most_varied_channels_come_first_and_flat_ones_not_at_all() -> None:
    assert most_varied(ACTIVATIONS, 9).tolist() == [1, 0]
    assert most_varied(ACTIVATIONS, 1).tolist() == [1]


def test_a_mask_spans_0_to_1() -> None:
    mask = mask_of(np.array([[-3.0, 1.0]], np.float32), (2, 8))
    assert mask.shape == (2, 8)
    assert (mask[:, 0] == 0).all()
    assert (mask[:, -1] == 1).all()
    assert (np.diff(mask, axis=1) >= 0).all()


def test_integrated_gradients_of_a_linear_model_are_weight_times_change() -> None:
    assert_allclose(integrated_gradients(question()), [[12.0, -6.0]], rtol=1e-6)
    assert_allclose(integrated_gradients(question(black=1.0)), [[9.0, -3.0]], rtol=1e-6)


def test_integrated_gradients_follow_the_path() -> None:
    # f = sum of x^2: the integral of 2 t x * x over t from 0 to 1 is x^2, a channel each.
    asked = question(squared, lambda batch: 2.0 * batch)
    found = integrated_gradients(asked)
    assert_allclose(found, [[3 * 16.0, 3 * 4.0]], rtol=1e-6)
    assert completeness_gap(asked, found) < 1e-6
    # A gradient at the image alone, which is what plain saliency takes, is twice that.
    assert completeness_gap(asked, 2 * found) == pytest.approx(1.0)


def test_an_image_that_is_the_baseline_has_no_attributions() -> None:
    asked = question(image=np.zeros_like(IMAGE))
    found = integrated_gradients(asked)
    assert not found.any()
    assert completeness_gap(asked, found) == 0.0


def test_progress_ends_at_one_and_never_goes_back() -> None:
    for method in (score_cam, integrated_gradients):
        told: list[float] = []
        method(question(), told.append)
        assert told == sorted(told)
        assert told[-1] == 1.0


def test_cells_keep_sums() -> None:
    image = np.arange(56 * 57, dtype=np.float32).reshape(56, 57)
    sums = to_cells(image)
    assert sums.shape == (28, 28)
    assert float(sums.sum(dtype=np.float64)) == pytest.approx(float(image.sum(dtype=np.float64)))
    # Two rows of two whole pixels and of a twenty-eighth of the third.
    assert sums[0, 0] == pytest.approx(0 + 1 + 57 + 58 + (2 + 59) / 28)
    assert to_cells(image[:5, :4]).shape == (5, 4)


@pytest.mark.parametrize("side", [5, 28, 29, 57, 160, 256, 380])
def test_an_even_image_has_even_cells_at_any_size(side: int) -> None:
    """Else a lattice would lie over every map, and its peak be where cells are widest."""
    cells = to_cells(np.ones((side, side), np.float32))
    assert_allclose(cells, (side / len(cells)) ** 2, rtol=1e-6)


@pytest.mark.slow
def test_attributions_are_nearly_complete_on_the_shipped_radiographs(bundled: Engine) -> None:
    scheme = trained_scheme(bundled)
    for name in list_samples():
        display = to_model_size(bundled, read_radiograph(read_sample(name)))
        image = normalize(display, scheme, bundled.card.contract.statistics).array
        forward = bundled.forward(image[np.newaxis])
        target = int(forward.logits[0].argmax())

        def logit(batch: np.ndarray, target: int = target) -> np.ndarray:
            return bundled.forward(batch).logits[:, target]

        def slopes(batch: np.ndarray, target: int = target) -> np.ndarray:
            return bundled.input_gradients(batch, (target,) * len(batch))

        black = black_as_trained(bundled)
        asked = Question(image, forward.activations[0], black, logit, slopes)
        assert completeness_gap(asked, integrated_gradients(asked)) < 0.1, name


@pytest.mark.parametrize("length", [224, 256, 380])
def test_occlusion_covers_thirteen_places_a_side_and_all_of_it(length: int) -> None:
    places = _places(length, 7)
    assert len(places) == 13
    assert places[0].start == 0
    assert places[-1].stop == length
    assert all(later.start <= first.stop for first, later in pairwise(places))
