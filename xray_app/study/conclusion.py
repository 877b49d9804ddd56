"""The study's answer in three sentences, computed from its figures and never canned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import mean, median

import numpy as np

from xray_app.core import Interval
from xray_app.core.normalization import parse_scheme
from xray_app.study.records import Study

# Smaller differences of AUC are called none, however sure they are.
_NOTICEABLE = 0.01
_HARMFUL = 0.05
_DRAWS = 200_000


@dataclass(frozen=True, slots=True)
class _Matched:
    """AUC of models fed the scheme that they were trained with, mean over the seeds.

    ``chance`` is the range that schemes of one true AUC would show by chance.
    """

    best: tuple[str, float]
    worst: tuple[str, float]
    chance: float

    @property
    def range(self) -> float:
        return self.best[1] - self.worst[1]

    @property
    def matters(self) -> bool:
        return self.range > max(_NOTICEABLE, self.chance)


# The regimes that start from ImageNet's weights, as they stand in a sentence.
_FROM_IMAGENET = {
    "pretrained-frozen": "A new head on the frozen ImageNet backbone of",
    "finetuned-frozen-batchnorm": "Fine-tuned from ImageNet's weights with BatchNorm frozen,",
    "finetuned": "Fine-tuned from ImageNet's weights with BatchNorm learning,",
}


def conclude(study: Study) -> tuple[str, ...]:
    """Answer: does the choice of scheme matter, does a mismatch, and is it BatchNorm that helps.

    Every sentence follows from the figures, whichever way they point. Regimes from ImageNet's
    weights are told first, each in two sentences; of the others one without runs is said to be
    missing, unless there are only the former.
    """
    pretrained = [name for name in _FROM_IMAGENET if _matched(study, name) is not None]
    told = [said for name in pretrained for said in _pretrained(study, name)]
    if told and not any(study.of(name) for name in ("scratch", "no-batchnorm", "frozen")):
        return tuple(told)
    return (*told, _choice(study), _mismatch(study), _batchnorm(study))


def _pretrained(study: Study, regime: str) -> tuple[str, ...]:
    found = _matched(study, regime)
    if found is None:
        return ()
    judged = "matters" if found.matters else "hardly matters"
    choice = (
        f"{_FROM_IMAGENET[regime]} {study.architecture} at {study.size} pixels, fed what it was "
        f"trained with, reaches AUC {found.worst[1]:.3f} ({found.worst[0]}) to "
        f"{found.best[1]:.3f} ({found.best[0]}): the choice of scheme {judged} (by chance alone "
        f"the range may be {found.chance:.3f})."
    )
    losses = _losses(study, regime)
    return (choice, _cost(losses, f"Feeding it ({regime})")) if losses else (choice,)


def _choice(study: Study) -> str:
    found = _matched(study, "scratch")
    if found is None:
        return (
            "No model was trained from scratch, so the study can't say whether the scheme matters."
        )
    judged = "matters" if found.matters else "hardly matters"
    return (
        f"Trained from scratch and fed what it was trained with, {study.architecture} at "
        f"{study.size} pixels reaches AUC {found.worst[1]:.3f} ({found.worst[0]}) to "
        f"{found.best[1]:.3f} ({found.best[0]}): the choice of scheme {judged} (by chance alone "
        f"the range may be {found.chance:.3f})."
    )


def _mismatch(study: Study) -> str:
    losses = _losses(study, "scratch")
    if not losses:
        return (
            "No model was fed another scheme than its own, so the study can't say what that costs."
        )
    return _cost(losses, "Feeding a model")


def _cost(losses: Sequence[tuple[float, str, str]], feeding: str) -> str:
    typical = median(loss for loss, _, _ in losses)
    worst, trained, fed = max(losses)
    harmed = sum(loss > _HARMFUL for loss, _, _ in losses)
    if worst <= _HARMFUL:
        judged = "is harmless here"
    else:
        judged = "is what does harm" if typical > _HARMFUL else "does harm for some pairs"
    return (
        f"{feeding} another scheme than it was trained with {judged}: AUC changes by a "
        f"median of {-typical:+.3f} and at worst by {-worst:+.3f} (trained on {trained}, fed "
        f"{fed}), and {harmed} of {len(losses)} pairs lose more than {_HARMFUL:.2f}"
        f"{_by_axis(losses)}."
    )


def _by_axis(losses: Sequence[tuple[float, str, str]]) -> str:
    """Of the pairs that differ in one step alone, how many lose as much."""
    said = []
    for axis in ("scale", "contrast"):
        alone = [loss for loss, trained, fed in losses if _differ(trained, fed) == {axis}]
        if alone:
            harmed = sum(loss > _HARMFUL for loss in alone)
            said.append(f"where only the {axis} differs {harmed} of {len(alone)}")
    return "".join(f", {part}" for part in said)


def _differ(trained: str, fed: str) -> set[str]:
    one, other = parse_scheme(trained), parse_scheme(fed)
    steps = {
        "scale": (one.scale.name, other.scale.name),
        "contrast": (one.contrast.name, other.contrast.name),
    }
    return {name for name, (a, b) in steps.items() if a != b}


def _batchnorm(study: Study) -> str:
    usual, bare = _matched(study, "scratch"), _matched(study, "no-batchnorm")
    if usual is None or bare is None:
        text = "Without runs with and without BatchNorm the study can't say what BatchNorm does"
    else:
        text = (
            f"Without BatchNorm the same range is {bare.range:.3f} (worst: {bare.worst[0]}, "
            f"{bare.worst[1]:.3f}) instead of {usual.range:.3f}, so {_verdict(usual, bare)}"
        )
    frozen = _matched(study, "frozen")
    if frozen is None:
        return f"{text}."
    judged = "matters" if frozen.matters else "hardly matters"
    return (
        f"{text}; on a frozen backbone, where BatchNorm can't adapt, a new head reaches "
        f"{frozen.worst[1]:.3f} ({frozen.worst[0]}) to {frozen.best[1]:.3f} ({frozen.best[0]}), "
        f"and the scheme {judged}."
    )


def _verdict(usual: _Matched, bare: _Matched) -> str:
    if usual.matters:
        return "BatchNorm does not make the choice of scheme harmless"
    if bare.matters:
        return "it is BatchNorm that makes the choice of scheme harmless"
    return "it is not BatchNorm that makes the choice of scheme harmless"


def _matched(study: Study, regime: str) -> _Matched | None:
    runs = {scheme: study.of(regime, scheme) for scheme in study.schemes}
    own = {t: {r.seed: r.cell(t).auc for r in found} for t, found in runs.items() if found}
    if len(own) < 2:
        return None
    means = {t: mean(i.value for i in intervals.values()) for t, intervals in own.items()}
    best, worst = max(means, key=means.__getitem__), min(means, key=means.__getitem__)
    chance = _chance(list(own.values()))
    if regime == "pretrained-frozen":  # seeds that share a backbone differ by less than chance
        chance = max(chance, _width(list(own.values())))
    return _Matched((best, means[best]), (worst, means[worst]), chance)


def _chance(own: Sequence[Mapping[int, Interval]]) -> float:
    """Range of the schemes' means that chance alone exceeds one time in twenty.

    Tukey's honestly significant difference with the seeds as blocks, for the schemes share them; of
    a single seed, the median width of the bootstrap intervals.
    """
    seeds = sorted(set.intersection(*(set(intervals) for intervals in own)))
    if len(seeds) < 2:
        return _width(own)
    auc = np.array([[intervals[seed].value for seed in seeds] for intervals in own])
    residuals = auc - auc.mean(axis=1, keepdims=True) - auc.mean(axis=0) + auc.mean()
    freedom = (auc.shape[0] - 1) * (auc.shape[1] - 1)
    deviation = np.sqrt((residuals**2).sum() / freedom / auc.shape[1])
    return float(_studentized_range(len(own), freedom) * deviation)


def _width(own: Sequence[Mapping[int, Interval]]) -> float:
    """Median width of the bootstrap intervals, which holds what other patients would change."""
    return median(i.high - i.low for intervals in own for i in intervals.values())


@cache
def _studentized_range(groups: int, freedom: int) -> float:
    """95 % quantile of a range of normals over an independent deviation, by simulation.

    Within 1 % of Tukey's table; SciPy has it exactly, but takes seconds that a page would wait.
    """
    rng = np.random.default_rng(0)
    ranges = np.ptp(rng.standard_normal((_DRAWS, groups)), axis=1)
    deviations = np.sqrt(rng.chisquare(freedom, _DRAWS) / freedom)
    return float(np.quantile(ranges / deviations, 0.95))


def _losses(study: Study, regime: str) -> list[tuple[float, str, str]]:
    """AUC lost by feeding another scheme, for every trained and fed pair of a regime."""
    losses = []
    for trained in study.schemes:
        own = study.figure(regime, trained, trained, "auc")
        for fed in study.schemes:
            other = study.figure(regime, trained, fed, "auc")
            if fed != trained and own is not None and other is not None:
                losses.append((own - other, trained, fed))
    return losses
