"""A study of two regimes, small enough to work out by hand."""

from xray_app.core.classifier_metrics import Interval
from xray_app.study.records import Cell, EpochRecord, Run, Study

SCHEMES = ("raw", "rescale", "zscore")


def interval(value: float) -> Interval:
    return Interval(value, value - 0.02, value + 0.02)


def run(regime: str, scheme: str, seed: int) -> Run:
    cells = tuple(
        Cell(fed, *[interval(0.9 + 0.01 * seed if fed == scheme else 0.4)] * 5) for fed in SCHEMES
    )
    epochs = tuple(
        EpochRecord(n, 1 / n, 1 / n, 0.5 + 0.1 * n + 0.02 * seed, None if n == 2 else 0.1)
        for n in (1, 2, 3)
    )
    return Run(regime, scheme, seed, False, epochs, cells)


STUDY = Study(
    format=1,
    architecture="tiny_net",
    size=32,
    parameters=1234,
    classes=("normal", "pneumonia"),
    data={"name": "made-up images"},
    statistics={"mean": 0.5, "std": 0.25},
    schemes=SCHEMES,
    seeds=(0, 1),
    regimes=("scratch", "frozen"),
    regime_notes={"scratch": "All weights are trained.", "frozen": "Only the head is trained."},
    settings={"epochs": 3},
    versions={"keras": "0"},
    date="2026-01-01",
    command="python -m xray_app study DATA",
    runs=tuple(run(r, s, seed) for r in ("scratch", "frozen") for s in SCHEMES for seed in (0, 1)),
)
