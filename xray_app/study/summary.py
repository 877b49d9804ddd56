"""What one regime of a study found, in a few figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import mean, median

from xray_app.core.normalization import parse_scheme
from xray_app.study.chance import range_by_chance
from xray_app.study.convergence import Pace, pace
from xray_app.study.records import Run, Study

# Smaller differences of AUC are called none, however sure they are.
NOTICEABLE = 0.01
HARMFUL = 0.05
# Sensitivity or specificity of a model that calls nearly every image the same.
_ALIKE = 0.05


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
    """One regime: fed as trained, fed otherwise, and how fast each scale was learned.

    Attributes:
        regime: its name.
        runs: by scheme that was trained, one for each seed that every such scheme has.
        auc: by scheme that was trained and fed, mean over those seeds.
        chance: range that schemes of one true AUC would show by chance.
        mismatches: of every pair.
        pace: of the scales of which no run is stuck, if it was recorded.
    """

    regime: str
    runs: dict[str, tuple[Run, ...]]
    auc: dict[str, float]
    chance: float
    mismatches: tuple[Mismatch, ...]
    pace: Pace | None

    @property
    def seeds(self) -> int:
        """Seeds that every scheme has."""
        return len(next(iter(self.runs.values())))

    @property
    def best(self) -> str:
        """The scheme with the highest AUC, fed as trained."""
        return max(self.auc, key=self.auc.__getitem__)

    @property
    def worst(self) -> str:
        """The scheme with the lowest AUC, fed as trained."""
        return min(self.auc, key=self.auc.__getitem__)

    @property
    def range(self) -> float:
        """From the worst to the best."""
        return self.auc[self.best] - self.auc[self.worst]

    @property
    def matters(self) -> bool | None:
        """Whether the choice of scheme does; None where chance alone could hide much."""
        if self.range > max(NOTICEABLE, self.chance):
            return True
        return False if self.chance <= HARMFUL else None

    @property
    def typical(self) -> float:
        """Median loss of AUC over the pairs of schemes."""
        return median(m.loss for m in self.mismatches)

    @property
    def costliest(self) -> Mismatch:
        """The pair that loses most."""
        return max(self.mismatches, key=lambda m: m.loss)

    @property
    def stuck(self) -> dict[str, int]:
        """By scheme, how many runs call nearly every image the same, fed as trained."""
        found = {s: sum(map(_calls_all_alike, runs)) for s, runs in self.runs.items()}
        return {scheme: count for scheme, count in found.items() if count}

    def harmed(self, axis: str | None = None) -> tuple[int, int]:
        """Pairs that lose more than ``HARMFUL``, and all of them; of one step alone, if named."""
        pairs = [m for m in self.mismatches if axis is None or m.differs == {axis}]
        return sum(m.loss > HARMFUL for m in pairs), len(pairs)


def summarise(study: Study) -> dict[str, Summary]:
    """Sum up every regime in which two schemes or more were trained."""
    found = {regime: summary_of(study, regime, study.schemes) for regime in study.regimes}
    return {regime: summary for regime, summary in found.items() if summary is not None}


def side_by_side(study: Study, one: str, other: str) -> tuple[Summary, Summary] | None:
    """Sum up two regimes over the schemes that were trained in both; None if fewer than two."""
    common = [s for s in study.schemes if study.of(one, s) and study.of(other, s)]
    first, second = (summary_of(study, regime, common) for regime in (one, other))
    return (first, second) if first and second else None


def summary_of(study: Study, regime: str, schemes: Iterable[str]) -> Summary | None:
    """Sum up a regime over the schemes named; None if fewer than two share a seed."""
    trained = {s: {r.seed: r for r in study.of(regime, s)} for s in schemes}
    trained = {s: by_seed for s, by_seed in trained.items() if by_seed}
    seeds = sorted(set.intersection(*map(set, trained.values()))) if trained else []
    if len(trained) < 2 or not seeds:
        return None
    runs = {s: tuple(by_seed[seed] for seed in seeds) for s, by_seed in trained.items()}
    own = {s: [run.cell(s).auc for run in found] for s, found in runs.items()}
    auc = {s: mean(i.value for i in intervals) for s, intervals in own.items()}
    chance = range_by_chance(list(own.values()))
    # What learned nothing is as far after its first epoch as it will ever be.
    stuck = [s for s, found in runs.items() if any(map(_calls_all_alike, found))]
    return Summary(regime, runs, auc, chance, _mismatches(study, runs, auc), pace(runs, stuck))


def _mismatches(
    study: Study, runs: dict[str, tuple[Run, ...]], auc: dict[str, float]
) -> tuple[Mismatch, ...]:
    """Of every pair that each run was evaluated for; schemes may come to a study later."""
    return tuple(
        Mismatch(trained, fed, auc[trained] - mean(run.cell(fed).auc.value for run in found))
        for trained, found in runs.items()
        for fed in study.schemes
        if fed != trained and all(run.was_fed(fed) for run in found)
    )


def _calls_all_alike(run: Run) -> bool:
    cell = run.cell(run.scheme)
    return min(cell.sensitivity.value, cell.specificity.value) <= _ALIKE


def as_change(loss: float) -> str:
    """Write a loss of AUC as the change that it is, never as -0.000."""
    return f"{round(-loss, 3) + 0.0:+.3f}"


def one_seed(summary: Summary) -> str:
    """What a sentence adds where a single seed says nothing of others."""
    return ", one seed" if summary.seeds == 1 else ""
