"""What one regime of a study found, in a few figures."""

from dataclasses import dataclass
from statistics import mean, median

from xray_app.core.normalization import parse_scheme
from xray_app.study.chance import interval_width, range_by_chance
from xray_app.study.convergence import Lag, lags
from xray_app.study.records import Study

# Smaller differences of AUC are called none, however sure they are.
NOTICEABLE = 0.01
HARMFUL = 0.05


@dataclass(frozen=True, slots=True)
class Matched:
    """AUC of models fed the scheme that they were trained with, mean over the seeds.

    ``chance`` is the range that schemes of one true AUC would show by chance.
    """

    auc: dict[str, float]
    chance: float

    @property
    def best(self) -> str:
        """The scheme with the highest."""
        return max(self.auc, key=self.auc.__getitem__)

    @property
    def worst(self) -> str:
        """The scheme with the lowest."""
        return min(self.auc, key=self.auc.__getitem__)

    @property
    def range(self) -> float:
        """From the worst to the best."""
        return self.auc[self.best] - self.auc[self.worst]

    @property
    def matters(self) -> bool:
        """True if the range is wider than chance makes it, and wide enough to speak of."""
        return self.exceeds_chance(self.range)

    def exceeds_chance(self, difference: float) -> bool:
        """True if two schemes that far apart are so by more than chance."""
        return abs(difference) > max(NOTICEABLE, self.chance)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """AUC lost by feeding a model another scheme than its own."""

    trained: str
    fed: str
    loss: float

    @property
    def differs(self) -> frozenset[str]:
        """Steps in which the two differ: scale, contrast or both."""
        one, other = parse_scheme(self.trained), parse_scheme(self.fed)
        steps = {
            "scale": one.scale.name != other.scale.name,
            "contrast": one.contrast.name != other.contrast.name,
        }
        return frozenset(name for name, differs in steps.items() if differs)


@dataclass(frozen=True, slots=True)
class Summary:
    """One regime: fed as trained, fed otherwise, and the slowest scale, if it was recorded."""

    regime: str
    matched: Matched
    mismatches: tuple[Mismatch, ...]
    slowest: Lag | None

    @property
    def typical(self) -> float:
        """Median loss of AUC over the pairs of schemes."""
        return median(m.loss for m in self.mismatches)

    @property
    def costliest(self) -> Mismatch:
        """The pair that loses most."""
        return max(self.mismatches, key=lambda m: m.loss)

    def harmed(self, axis: str | None = None) -> tuple[int, int]:
        """Pairs that lose more than ``HARMFUL``, and all of them; of one step alone, if named."""
        pairs = [m for m in self.mismatches if axis is None or m.differs == {axis}]
        return sum(m.loss > HARMFUL for m in pairs), len(pairs)


def summarise(study: Study) -> dict[str, Summary]:
    """Sum up every regime in which two schemes or more were trained."""
    found = {}
    for regime in study.regimes:
        matched = _matched(study, regime)
        if matched is not None:
            slowest = next(iter(lags(study, regime)), None)
            found[regime] = Summary(regime, matched, _mismatches(study, regime), slowest)
    return found


def _matched(study: Study, regime: str) -> Matched | None:
    runs = {scheme: study.of(regime, scheme) for scheme in study.schemes}
    own = {t: {r.seed: r.cell(t).auc for r in found} for t, found in runs.items() if found}
    if len(own) < 2:
        return None
    chance = range_by_chance(list(own.values()))
    if regime == "pretrained-frozen":  # seeds that share a backbone differ by less than chance
        chance = max(chance, interval_width(list(own.values())))
    return Matched({t: mean(i.value for i in by.values()) for t, by in own.items()}, chance)


def _mismatches(study: Study, regime: str) -> tuple[Mismatch, ...]:
    found = []
    for trained in study.schemes:
        own = study.figure(regime, trained, trained, "auc")
        for fed in study.schemes:
            other = study.figure(regime, trained, fed, "auc")
            if fed != trained and own is not None and other is not None:
                found.append(Mismatch(trained, fed, own - other))
    return tuple(found)


def as_change(loss: float) -> str:
    """Write a loss of AUC as the change that it is, never as -0.000."""
    return f"{round(-loss, 3) + 0.0:+.3f}"
