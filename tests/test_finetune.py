"""What the fine-tuning asks of the maps, by hand."""

import json
from typing import Any

import numpy as np
import pytest

from tools.finetune.choice import chosen
from tools.finetune.images import by_cell, highest, random_cover
from tools.finetune.losses import (
    cell_scores,
    cover_distance,
    distillation,
    mirror_distance,
    register_penalty,
)
from tools.weights_document import TRIALS

RANDOM = np.random.default_rng(0)
SCORES = RANDOM.normal(size=(2, 8, 8, 3)).astype(np.float32)


def test_scores_are_centred_over_the_classes_and_their_mean_is_the_logit() -> None:
    cells = RANDOM.normal(size=(1, 8, 8, 5)).astype(np.float32)
    kernel = RANDOM.normal(size=(5, 3)).astype(np.float32)
    scores = cell_scores(cells, kernel).numpy()
    np.testing.assert_allclose(scores.sum(axis=-1), 0.0, atol=1e-5)
    logits = cells.mean(axis=(1, 2)) @ kernel
    expected = logits - logits.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(scores.mean(axis=(1, 2)), expected, atol=1e-5)


def test_a_mirrored_image_shall_give_mirrored_scores() -> None:
    np.testing.assert_allclose(mirror_distance(SCORES, SCORES[:, :, ::-1]), 0.0, atol=1e-6)
    # A map that shows a place stays as it is; the difference is measured in the scores' own size.
    stays = mirror_distance(SCORES, SCORES).numpy()
    assert (stays > 0.5).all()
    np.testing.assert_allclose(mirror_distance(0.01 * SCORES, 0.01 * SCORES), stays, rtol=0.02)


def test_what_is_covered_shall_speak_for_nothing_and_the_rest_as_before() -> None:
    hidden = np.zeros((2, 8, 8), np.float32)
    hidden[:, :4] = 1.0
    ideal = SCORES * (1.0 - hidden[..., None])
    np.testing.assert_allclose(cover_distance(SCORES, ideal, hidden), 0.0, atol=1e-6)
    kept = (SCORES[:, :4] ** 2).sum(axis=(1, 2, 3)) / (SCORES**2).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(cover_distance(SCORES, SCORES, hidden), kept, rtol=1e-4)


def test_shrinking_all_scores_wins_nothing() -> None:
    """The gradient along the scores themselves is zero: a fixed scale would make it negative."""
    import tensorflow as tf

    size = tf.Variable(1.0)
    other = SCORES + 0.3 * RANDOM.normal(size=SCORES.shape).astype(np.float32)
    hidden = np.zeros((2, 8, 8), np.float32)
    with tf.GradientTape(persistent=True) as tape:
        mirror = tf.reduce_sum(mirror_distance(size * SCORES, size * other))
        cover = tf.reduce_sum(cover_distance(size * SCORES, size * other, hidden))
    assert abs(float(tape.gradient(mirror, size))) < 1e-3
    assert abs(float(tape.gradient(cover, size))) < 1e-3


def test_only_a_cell_that_stands_out_is_penalised() -> None:
    cells = np.ones((1, 8, 8, 4), np.float32)  # every norm is 2
    assert float(register_penalty(cells)) == pytest.approx(0.0, abs=1e-6)
    cells[0, 0, 7] = 2.0 * np.e  # twice the median's, times e: the logarithm's excess is one
    assert float(register_penalty(cells)) == pytest.approx(1.0 / 64, rel=1e-3)


def test_covers_are_patches_of_ten_to_forty_percent() -> None:
    masks = [random_cover(64, np.random.default_rng(seed)) for seed in range(20)]
    assert all(0.09 < mask.mean() < 0.42 and set(np.unique(mask)) == {0.0, 1.0} for mask in masks)
    cells = by_cell(masks[0])
    assert cells.shape == (8, 8)
    assert cells.mean() == pytest.approx(masks[0].mean())


def test_as_much_is_covered_of_a_map_with_evidence_in_one_cell_as_of_any() -> None:
    sparse, full = np.zeros((8, 8), np.float32), RANDOM.random((8, 8), np.float32)
    sparse[2, 5] = 1.0
    hidden = highest(np.stack([sparse, full]), 0.15)
    assert hidden.mean(axis=(1, 2)) == pytest.approx(0.15, abs=1e-4)
    assert hidden[0, 64:96, 160:192].all()  # the cell itself, of 32 pixels a side


def test_answers_that_stay_cost_nothing_and_others_their_divergence() -> None:
    logits = np.log(np.array([[0.5, 0.25, 0.25], [0.2, 0.2, 0.6]], np.float32))
    wanted = np.array([[0.5, 0.25, 0.25], [0.6, 0.2, 0.2]], np.float32)
    found = np.asarray(distillation(logits, wanted))
    assert found[0] == pytest.approx(0.0, abs=1e-6)
    assert found[1] == pytest.approx(0.4 * np.log(3.0), rel=1e-4)  # 0.6 ln 3 - 0.2 ln 3


def trial(auc: float, follows: float, own: float) -> dict[str, Any]:
    figures = {"auc": auc, "auc_moved": 0.98, "follows": follows, "cover_own": own}
    return {"val": figures | {"cover_mean": 0.1}, "test": {}}


def test_the_best_maps_are_chosen_among_answers_that_stayed_as_good() -> None:
    found = {
        "start": trial(0.99, 0.1, 0.1),
        "worse answers": trial(0.98, 0.9, 0.3),
        "better maps": trial(0.99, 0.5, 0.15),
        "better mirror": trial(0.99, 0.6, 0.11),
    }
    assert chosen(found) == "better maps"


def test_what_ships_is_what_was_chosen() -> None:
    assert chosen(json.loads(TRIALS.read_text())) == "long x 1"
