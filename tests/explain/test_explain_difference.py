"""Why A rather than B: the map of the difference of two logits, on a linear head by hand."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from tests.conftest import make_radiograph
from tests.fakes import CELLS, HEAD, FakeEngine
from xray_app.cards import model_input
from xray_app.core.errors import UnknownChoice
from xray_app.core.images import COLOURS, blend_difference, difference_for_display
from xray_app.diagnosis.diagnosis import diagnose
from xray_app.diagnosis.explanations import explain_all
from xray_app.diagnosis.scheme_pass import Choices
from xray_app.explain import ALL, CLASS_ACTIVATIONS
from xray_app.explain.class_activation import explain
from xray_app.presentation.images import overlay
from xray_app.presentation.plain import diagnosis_to_dict
from xray_app.presentation.words import heat_caption

NORMAL, BACTERIAL, VIRAL = 0, 1, 2
PAIR = "bacterial_pneumonia:viral_pneumonia"
HALVES = make_radiograph(np.tile(np.repeat(np.uint8([40, 220]), 16), (32, 1)))


def activations(engine: FakeEngine) -> np.ndarray:
    display = HALVES.display
    return engine.forward(model_input(engine.card, display).array[np.newaxis]).activations[0]


@pytest.mark.parametrize("method", ["gradcam", "hirescam"])
def test_on_a_linear_head_it_is_the_activations_times_the_rows_difference(
    fake: FakeEngine, method: str
) -> None:
    """Mean over 4 x 4 cells, times W: the gradient of y_A - y_B is (W_A - W_B) / 16."""
    found = diagnose(fake, HALVES, Choices(None, method, PAIR)).saliency
    signed = activations(fake) @ (HEAD[:, BACTERIAL] - HEAD[:, VIRAL]) / CELLS**2
    assert found.negative is not None
    assert_allclose(found.map - found.negative, signed, rtol=1e-5)
    assert (found.map * found.negative == 0.0).all()
    assert found.peak == pytest.approx(np.abs(signed).max())
    # It sums up to the difference of the logits: nothing of it is left out.
    logits = activations(fake).mean(axis=(0, 1)) @ HEAD
    assert signed.sum() == pytest.approx(logits[BACTERIAL] - logits[VIRAL], rel=1e-5)


@pytest.mark.parametrize("method", CLASS_ACTIVATIONS)
def test_b_over_a_is_a_over_b_turned_round(fake: FakeEngine, method: str) -> None:
    one = diagnose(fake, HALVES, Choices(None, method, PAIR)).saliency
    turned = ":".join(reversed(PAIR.split(":")))
    other = diagnose(fake, HALVES, Choices(None, method, turned)).saliency
    assert (one.target, one.against) == (other.against, other.target)
    assert one.negative is not None
    assert other.negative is not None
    assert_array_equal(one.map, other.negative)
    assert_array_equal(one.negative, other.map)
    assert one.peak == other.peak


@pytest.mark.parametrize("method", CLASS_ACTIVATIONS)
def test_equal_gradients_leave_an_empty_map(method: str) -> None:
    cells = np.random.default_rng(1).random((3, 3, 5)).astype(np.float32)
    found = explain(method, "last", "a:b", cells, np.zeros_like(cells))
    assert found.is_empty
    assert found.negative is not None
    assert not found.map.any()
    assert not found.negative.any()


@pytest.mark.parametrize("method", ALL)
def test_every_method_answers(fake: FakeEngine, method: str) -> None:
    batch = model_input(fake.card, HALVES.display).array[np.newaxis]
    (found,) = explain_all(fake, batch, fake.forward(batch).activations, method, "cells", PAIR)
    assert (found.target, found.against) == ("bacterial_pneumonia", "viral_pneumonia")
    assert found.asked == PAIR
    assert found.negative is not None
    assert found.negative.shape == found.map.shape
    assert (found.negative >= 0.0).all()
    assert np.isfinite(found.negative).all()


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("flu:normal", "Unknown class 'flu'"),
        ("normal:flu", "Unknown class to compare with 'flu'"),
        ("normal:normal", "Unknown class to compare with 'normal'"),
        ("normal:", "Unknown class to compare with ''"),
    ],
)
def test_what_is_no_pair(fake: FakeEngine, target: str, said: str) -> None:
    with pytest.raises(UnknownChoice, match=said):
        diagnose(fake, HALVES, Choices(None, "gradcam", target))


def test_two_colours_and_nothing_in_between(fake: FakeEngine) -> None:
    found = diagnose(fake, HALVES, Choices(None, "gradcam", "bacterial_pneumonia:normal"))
    heat = difference_for_display(found.saliency, found.saliency_scale, 32, 32)
    assert heat[16, 28] > 0.5  # bright speaks for bacterial
    assert heat[16, 3] < -0.5  # dark for normal
    shown = overlay(HALVES, found, 1.0, COLOURS).astype(int)
    assert shown[16, 28, 0] > shown[16, 28, 2]  # orange
    assert shown[16, 3, 2] > shown[16, 3, 0]  # blue
    gray = np.full((2, 2), 0.5)
    assert (blend_difference(gray, np.zeros((2, 2))) == 128).all()


def test_it_is_told_in_words_and_json(fake: FakeEngine) -> None:
    found = diagnose(fake, HALVES, Choices(None, "gradcam", PAIR))
    caption = heat_caption(fake.card, found)
    assert "Bacterial pneumonia rather than viral pneumonia" in caption
    assert "blue speaks for viral pneumonia" in caption
    saliency = diagnosis_to_dict(found, "a.png")["saliency"]
    assert (saliency["target"], saliency["against"]) == tuple(PAIR.split(":"))
    alone = diagnosis_to_dict(diagnose(fake, HALVES, Choices()), "a.png")["saliency"]
    assert alone["against"] is None
