from dataclasses import replace

import numpy as np
import pytest

from xray_app.core.errors import UnknownChoice
from xray_app.core.normalization.scale import DatasetStatistics
from xray_app.core.normalization.schemes import PRESETS, normalize, parse_scheme
from xray_app.training.data.augmentation import AUGMENTATIONS, augment, require_augmentations
from xray_app.training.data.batches import (
    Plan,
    balanced_weights,
    epoch_order,
    inputs_under,
    training_batch,
)
from xray_app.training.data.reading import ImageSet

RNG = np.random.default_rng(5)
IMAGES = RNG.random((6, 32, 32), dtype=np.float32)
DATA = ImageSet(IMAGES, np.array([0, 1, 2, 0, 1, 0]), tuple("abcdef"))
STATISTICS = DatasetStatistics(0.48, 0.23)
PLAN = Plan(parse_scheme("rescale"), STATISTICS, 3, 3, (), 0.0, 0.0, None, 7, 1)
CHOSEN = np.array([4, 0, 2])


@pytest.mark.parametrize("name", [*PRESETS, "clahe+zscore", "percentile+imagenet"])
def test_training_sees_what_the_app_sends(name: str) -> None:
    scheme = parse_scheme(name)
    expected = [normalize(IMAGES[i], scheme, STATISTICS).array for i in CHOSEN]
    batch = training_batch(DATA, CHOSEN, replace(PLAN, scheme=scheme), 0)
    np.testing.assert_array_equal(batch.inputs, expected)
    fed = np.concatenate(list(inputs_under(IMAGES[CHOSEN], scheme, STATISTICS, 2)))
    np.testing.assert_array_equal(fed, expected)


@pytest.mark.parametrize("name", [*AUGMENTATIONS, ",".join(AUGMENTATIONS)])
def test_augmentation_stays_in_the_display_domain(name: str) -> None:
    display = IMAGES[0]
    before = display.copy()
    for seed in range(20):
        changed = augment(display, name.split(","), np.random.default_rng(seed))
        assert changed.shape == display.shape
        assert changed.dtype == np.float32
        assert changed.min() >= 0
        assert changed.max() <= 1
    np.testing.assert_array_equal(display, before)


def test_affine_keeps_the_centre() -> None:
    display = np.zeros((33, 33), np.float32)
    display[12:21, 12:21] = 1
    moved = [augment(display, ["affine"], np.random.default_rng(s)) for s in range(50)]
    rows, columns = np.mgrid[0:33, 0:33]
    centres = [((m * rows).sum() / m.sum(), (m * columns).sum() / m.sum()) for m in moved]
    assert np.abs(np.mean(centres, axis=0) - 16).max() < 0.5
    assert np.abs(np.array(centres) - 16).max() < 0.06 * 33 + 1


def test_unknown_augmentation_is_refused() -> None:
    with pytest.raises(UnknownChoice, match="Did you mean 'flip'"):
        require_augmentations(["flipp"])


def test_a_batch_depends_on_seed_and_key_alone() -> None:
    plan = replace(PLAN, augment=tuple(AUGMENTATIONS), mixup=0.4)
    first, again = (training_batch(DATA, CHOSEN, plan, 3) for _ in range(2))
    other = training_batch(DATA, CHOSEN, plan, 4)
    np.testing.assert_array_equal(first.inputs, again.inputs)
    assert not np.array_equal(first.inputs, other.inputs)


def test_smoothing_mixup_and_weights() -> None:
    weights = balanced_weights(DATA.labels, 3)
    np.testing.assert_allclose(weights, [6 / 9, 1, 2])
    assert weights[DATA.labels].mean() == pytest.approx(1)
    plan = replace(PLAN, label_smoothing=0.3, class_weights=weights)
    batch = training_batch(DATA, CHOSEN, plan, 0)
    np.testing.assert_allclose(batch.targets[0], [0.1, 0.8, 0.1], atol=1e-6)
    np.testing.assert_allclose(batch.weights, [1, 6 / 9, 2])

    mixed = training_batch(DATA, CHOSEN, replace(plan, mixup=1.0), 0)
    np.testing.assert_allclose(mixed.targets.sum(axis=1), 1, atol=1e-6)
    fraction = (mixed.targets[0, 1] - 0.1) / 0.7
    plain = batch.inputs
    np.testing.assert_allclose(
        mixed.inputs, fraction * plain + (1 - fraction) * plain[::-1], atol=1e-5
    )
    np.testing.assert_allclose(mixed.weights[0], fraction * 1 + (1 - fraction) * 2, atol=1e-5)


def test_order_is_a_new_permutation_each_epoch() -> None:
    orders = [epoch_order(10, 4, 0, epoch) for epoch in range(2)]
    assert orders[0].shape == (2, 4)
    assert len(set(orders[0].reshape(-1))) == 8
    assert not np.array_equal(*orders)
    assert epoch_order(3, 64, 0, 0).shape == (1, 3)
