"""A study whose every figure is chosen."""

from dataclasses import replace

from xray_app.core.classifier_metrics import Interval
from xray_app.study.records import FORMAT, Cell, EpochRecord, Run, Study

SCHEMES = ("raw", "rescale", "signed")
Figures = dict[tuple[str, str, str], float]


def cell(scheme: str, auc: float) -> Cell:
    around = Interval(auc, auc - 0.01, auc + 0.01)
    return Cell(scheme, around, around, around, around, around)


def made_up(figures: Figures, default: float, noise: float = 0.003, shared: float = 0.0) -> Study:
    """A study in which (regime, trained, fed) has the AUC given, else the default if matched.

    Seeds differ by ``noise``, up for one scheme and down for the next, and by ``shared`` for all.
    Net of the seeds' means the three schemes differ by 2/3, 4/3 and 2/3 of the noise.
    """

    def run(regime: str, trained: str, seed: int) -> Run:
        sign = 1 - 2 * (SCHEMES.index(trained) % 2)
        shift = (sign * noise + shared) * (seed - 0.5)
        cells = tuple(cell(f, figures.get((regime, trained, f), default) + shift) for f in SCHEMES)
        return Run(regime, trained, seed, False, (EpochRecord(1, 0.5, 0.4, 0.9, None),), cells)

    regimes = ("scratch", "no-batchnorm", "frozen")
    runs = tuple(run(r, s, seed) for r in regimes for seed in (0, 1) for s in SCHEMES)
    return Study(
        format=FORMAT,
        architecture="MadeUpNet",
        size=32,
        parameters=7,
        classes=("normal", "sick"),
        data={"name": "made up", "images": {"test": {"normal": 40, "sick": 60}}},
        statistics={"mean": 0.5, "std": 0.2},
        schemes=SCHEMES,
        seeds=(0, 1),
        regimes=regimes,
        regime_notes=dict.fromkeys(regimes, "note"),
        settings={"epochs": 1},
        versions={"keras": "3"},
        date="2026-01-01",
        command="python",
        runs=runs,
    )


MISMATCH: Figures = {("scratch", a, b): 0.55 for a in SCHEMES for b in SCHEMES if a != b}


def renamed(study: Study, **regimes: str) -> Study:
    """The study with the regimes named alone, under other names: ``scratch="finetuned"``."""
    runs = tuple(
        replace(run, regime=new)
        for old, new in regimes.items()
        for run in study.of(old.replace("_", "-"))
    )
    return replace(study, runs=runs, regimes=tuple(regimes.values()))
