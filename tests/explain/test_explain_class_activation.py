"""Every method against numbers worked out by hand on two cells and two channels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from xray_app.core.errors import UnknownChoice
from xray_app.explain.class_activation import CLASS_ACTIVATIONS, explain

# One row of two cells; channel 1 is active on the left, channel 2 on the right.
ACTIVATIONS = np.array([[[2.0, 0.0], [0.0, 4.0]]], np.float32)
GRADIENTS = np.array([[[1.0, -1.0], [3.0, 2.0]]], np.float32)
# gradcam: weights (1 + 3) / 2 = 2 and (-1 + 2) / 2 = 0.5 -> 2 * 2, 4 * 0.5
# layercam: positive gradient times activation, cell by cell -> 1 * 2, 2 * 4
# hirescam: gradient times activation -> 1 * 2, 2 * 4
# gradcam++: alpha = g^2 / (2 g^2 + sum(A) g^3); sums of A are 2 and 4
#   channel 1: 1 / (2 + 2) = 1/4 and 9 / (18 + 54) = 1/8 -> weight 1/4 * 1 + 1/8 * 3 = 5/8
#   channel 2: g = -1 counts 0, and 4 / (8 + 32) = 1/10 -> weight 1/10 * 2 = 1/5
EXPECTED = {
    "gradcam": [4.0, 2.0],
    "layercam": [2.0, 8.0],
    "hirescam": [2.0, 8.0],
    "gradcam++": [5 / 4, 4 / 5],
}


@pytest.mark.parametrize("method", CLASS_ACTIVATIONS)
def test_by_hand(method: str) -> None:
    saliency = explain(method, "layer", "normal", ACTIVATIONS, GRADIENTS)
    assert_allclose(saliency.map, [EXPECTED[method]], rtol=1e-6)
    assert saliency.peak == pytest.approx(max(EXPECTED[method]))
    assert (saliency.method, saliency.layer, saliency.target) == (method, "layer", "normal")
    assert not saliency.is_empty
    assert CLASS_ACTIVATIONS[method].source
    assert CLASS_ACTIVATIONS[method].explanation.endswith(".")


@pytest.mark.parametrize("method", CLASS_ACTIVATIONS)
def test_no_positive_evidence_is_an_empty_map(method: str) -> None:
    against = explain(method, "layer", "normal", ACTIVATIONS, -np.abs(GRADIENTS))
    assert against.is_empty
    assert against.peak <= 0
    assert not against.map.any()
    assert not against.peaks_in_corner


@given(
    arrays(np.float32, (3, 4, 5), elements=st.floats(-8, 8, width=32)),
    arrays(np.float32, (3, 4, 5), elements=st.floats(-8, 8, width=32)),
)
def test_maps_are_finite_and_never_negative(activations: np.ndarray, gradients: np.ndarray) -> None:
    for method in CLASS_ACTIVATIONS:
        saliency = explain(method, "layer", "normal", activations, gradients)
        assert saliency.map.shape == (3, 4)
        assert np.isfinite(saliency.map).all()
        assert (saliency.map >= 0).all()


def test_grad_cam_adds_up_to_the_logit() -> None:
    """With global average pooling and a linear head, cells add up to the logit less its bias."""
    rng = np.random.default_rng(3)
    activations = rng.normal(size=(7, 7, 6)).astype(np.float32)
    head = rng.normal(size=6).astype(np.float32)
    gradients = np.broadcast_to(head / 49, activations.shape)
    logit = float(activations.mean(axis=(0, 1)) @ head)
    for method in ("gradcam", "hirescam"):
        signed = CLASS_ACTIVATIONS[method].apply(activations, gradients)
        assert float(signed.sum()) == pytest.approx(logit, abs=1e-5)


def test_a_peak_in_a_corner_is_told() -> None:
    corner = np.zeros((4, 4, 1), np.float32)
    corner[0, 3] = 1
    assert explain("gradcam", "l", "normal", corner, np.ones_like(corner)).peaks_in_corner
    assert not explain(
        "gradcam", "l", "normal", np.roll(corner, 1, axis=0), np.ones_like(corner)
    ).peaks_in_corner


def test_an_unknown_method_is_named() -> None:
    with pytest.raises(UnknownChoice, match="Did you mean 'gradcam'"):
        explain("grad-cam", "layer", "normal", ACTIVATIONS, GRADIENTS)


def test_grad_cam_plus_plus_by_differentiating_the_exponential_three_times() -> None:
    """Equation 10 with the derivatives that TensorFlow takes of exp(logit), one cell at a time."""
    import tensorflow as tf

    random = np.random.default_rng(2)
    activations = random.normal(0.5, 1.0, (2, 3, 4))  # sums of some channels are negative
    head = random.normal(0.0, 0.4, (2, 3, 4))
    weights = np.zeros(4)
    for cell in np.ndindex(2, 3, 4):
        moved = np.zeros((2, 3, 4))
        moved[cell] = 1.0
        step = tf.Variable(0.0, dtype=tf.float64)
        with tf.GradientTape() as third, tf.GradientTape() as second, tf.GradientTape() as first:
            y = tf.exp(tf.reduce_sum(head * (activations + step * moved)))
            one = first.gradient(y, step)
            two = second.gradient(one, step)
        three = float(third.gradient(two, step))
        alpha = float(two) / (2 * float(two) + activations[..., cell[2]].sum() * three)
        weights[cell[2]] += alpha * max(float(one), 0.0) / float(y)
    expected = np.maximum(activations @ weights, 0.0)
    found = explain("gradcam++", "layer", "normal", activations.astype("f"), head.astype("f")).map
    assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_grad_cam_plus_plus_of_gradients_whose_square_is_no_float32() -> None:
    small = GRADIENTS * np.float32(1e-25)  # alpha is 1/2 then
    expected = np.maximum(ACTIVATIONS @ (np.maximum(small, 0.0).sum(axis=(0, 1)) / 2), 0.0)
    found = explain("gradcam++", "layer", "normal", ACTIVATIONS, small)
    assert_allclose(found.map, expected, rtol=1e-5)
    assert not found.is_empty
