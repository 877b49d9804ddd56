"""Epochs that a scale costs, worked out by hand."""

from dataclasses import replace

import pytest

from tests.study.made_up import made_up
from xray_app.study.convergence import Lag, lags
from xray_app.study.records import EpochRecord, Study

Losses = dict[str, list[float | None]]


def with_losses(losses: Losses, seed_1: Losses | None = None) -> Study:
    """A study of one regime whose validation losses are these, in every seed or in seed 0."""
    plain = made_up({}, 0.9)
    runs = []
    for run in plain.of("scratch"):
        of_seed = seed_1 if seed_1 is not None and run.seed else losses
        if run.scheme in of_seed:
            epochs = [
                EpochRecord(i, 0.1, v, 0.9, None) for i, v in enumerate(of_seed[run.scheme], 1)
            ]
            runs.append(replace(run, epochs=tuple(epochs)))
    return replace(plain, runs=tuple(runs))


def test_a_slow_scale_is_behind_by_the_epochs_until_the_same_loss() -> None:
    study = with_losses(
        {"raw": [1.0, 0.9, 0.6], "signed": [0.8, 0.4, 0.3], "rescale": [0.9, 0.4, 0.4]}
    )
    # raw is at 0.6 after 3 epochs; signed was there half of the way from 0.8 to 0.4, after 1.5.
    # rescale is at 0.4 after 2 epochs, as signed is.
    assert lags(study, "scratch") == (
        Lag("raw", "signed", pytest.approx(1.5), 3),
        Lag("rescale", "signed", pytest.approx(0.0), 3),
    )


def test_a_loss_that_rises_again_counts_at_its_lowest() -> None:
    study = with_losses({"raw": [0.9, 0.5, 2.0], "signed": [0.5, 0.7, 0.4]})
    assert lags(study, "scratch") == (Lag("raw", "signed", pytest.approx(1.0), 3),)


def test_a_first_epoch_that_is_low_enough_is_epoch_one() -> None:
    study = with_losses({"raw": [3.0, 2.0], "signed": [1.0, 0.5]})
    assert lags(study, "scratch") == (Lag("raw", "signed", pytest.approx(1.0), 2),)


def test_seeds_are_averaged() -> None:
    study = with_losses(
        {"raw": [1.0, 1.0], "signed": [1.0, 0.2]}, {"raw": [1.0, 0.4], "signed": [1.0, 0.6]}
    )
    # raw: 1.0, 0.7; signed: 1.0, 0.4, at 0.7 after 1.5 epochs.
    assert lags(study, "scratch")[0].epochs == pytest.approx(0.5)


def test_an_infinite_loss_is_never_the_lowest_and_no_loss_is_no_curve() -> None:
    study = with_losses({"raw": [None, None], "rescale": [None, 0.5], "signed": [None, 0.4]})
    assert [lag.scheme for lag in lags(study, "scratch")] == ["rescale"]
    assert lags(study, "scratch")[0].epochs == pytest.approx(0.0)
    assert lags(with_losses({"raw": [0.5]}), "scratch") == ()
    assert lags(study, "frozen") == ()


def test_another_contrast_is_another_image_and_not_a_slow_scale() -> None:
    study = with_losses({"raw": [1.0, 0.9], "signed": [0.8, 0.4], "rescale": [0.9, 0.5]})
    runs = tuple(replace(r, scheme="clahe") if r.scheme == "raw" else r for r in study.runs)
    renamed = replace(study, runs=runs, schemes=("clahe", "rescale", "signed"))
    assert [lag.scheme for lag in lags(renamed, "scratch")] == ["rescale"]


def test_a_run_that_ended_early_is_not_compared() -> None:
    study = with_losses({"raw": [1.0], "signed": [0.8, 0.4], "rescale": [0.9, 0.5]})
    assert [lag.scheme for lag in lags(study, "scratch")] == ["rescale"]
