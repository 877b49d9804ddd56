"""Epochs to one validation loss, worked out by hand."""

from dataclasses import replace

import pytest

from tests.study.made_up import made_up
from xray_app.study.convergence import pace
from xray_app.study.records import EpochRecord, Run

Losses = dict[str, list[float | None]]


def with_losses(*by_seed: Losses) -> dict[str, tuple[Run, ...]]:
    """Runs by scheme whose validation losses are these, for each seed."""
    plain = made_up({}, 0.9).runs[0]

    def run(scheme: str, losses: list[float | None]) -> Run:
        epochs = tuple(EpochRecord(i, 0.1, v, 0.9, None) for i, v in enumerate(losses, 1))
        return replace(plain, scheme=scheme, epochs=epochs)

    return {s: tuple(run(s, losses[s]) for losses in by_seed) for s in by_seed[0]}


def test_each_scale_is_timed_to_the_loss_that_all_reach() -> None:
    found = pace(
        with_losses(
            {"raw": [2.0, 1.0, 0.5], "signed": [0.91, 0.31, 0.3], "rescale": [0.5, 0.4, 0.4]}
        )
    )
    assert found is not None
    # raw gets to 0.5, so the loss to reach is 0.51.
    assert found.loss == pytest.approx(0.51)
    assert found.epochs == pytest.approx(
        {"raw": 2 + 0.49 / 0.5, "signed": 1 + 0.4 / 0.6, "rescale": 1.0}
    )
    assert (found.quickest, found.slowest, found.of) == ("rescale", "raw", 3)
    assert not found.left_out


def test_a_loss_that_rises_again_counts_at_its_lowest() -> None:
    found = pace(with_losses({"raw": [0.9, 0.5, 2.0], "signed": [0.5, 0.7, 0.4]}))
    assert found is not None
    assert found.epochs == pytest.approx({"raw": 1 + 0.39 / 0.4, "signed": 1.0})


def test_a_plateau_is_reached_where_it_begins() -> None:
    found = pace(with_losses({"raw": [1.0, 0.505, 0.5], "signed": [0.4, 0.3, 0.2]}))
    assert found is not None
    assert found.epochs["raw"] == pytest.approx(1 + 0.49 / 0.495)


def test_seeds_are_averaged() -> None:
    found = pace(
        with_losses(
            {"raw": [1.0, 1.0], "signed": [1.0, 0.2]}, {"raw": [1.0, 0.0], "signed": [1.0, 0.0]}
        )
    )
    assert found is not None
    # raw: 1, 0.5; signed: 1, 0.1; the loss to reach is 0.51.
    assert found.epochs == pytest.approx({"raw": 1 + 0.49 / 0.5, "signed": 1 + 0.49 / 0.9})


def test_an_infinite_loss_is_never_the_lowest() -> None:
    found = pace(with_losses({"raw": [None, None], "rescale": [None, 0.5], "signed": [None, 0.4]}))
    assert found is not None
    assert found.epochs == {"rescale": 2.0, "signed": 2.0}
    assert found.left_out == ("raw",)


def test_a_run_that_stopped_early_is_left_out_however_low_its_loss() -> None:
    found = pace(with_losses({"raw": [0.1], "signed": [0.8, 0.4], "rescale": [0.9, 0.5]}))
    assert found is not None
    assert found.left_out == ("raw",)
    assert found.epochs.keys() == {"signed", "rescale"}


def test_one_scale_or_none_has_no_pace() -> None:
    assert pace({}) is None
    assert pace(with_losses({"raw": [0.5]})) is None
    assert pace(with_losses({"raw": [], "signed": []})) is None


def test_another_contrast_is_another_image_and_not_a_slow_scale() -> None:
    found = pace(with_losses({"clahe": [1.0, 0.9], "signed": [0.8, 0.4], "rescale": [0.9, 0.5]}))
    assert found is not None
    assert found.epochs.keys() == {"signed", "rescale"}
