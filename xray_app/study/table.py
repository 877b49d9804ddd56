"""The regimes of a study side by side: one row each, as text."""

from xray_app.study.records import Study
from xray_app.study.regimes import regime_words
from xray_app.study.summary import HARMFUL, Summary, as_change, summarise

_HEADER = (
    "trained",
    "seeds",
    "AUC fed as trained",
    "range (by chance)",
    "change when fed another",
    f"pairs that lose over {HARMFUL}",
    "scale alone differs",
    "contrast alone differs",
    "slowest scale, epochs behind",
)


def regime_table(study: Study) -> list[tuple[str, ...]]:
    """Lay out every regime in which two schemes or more were trained; the header comes first.

    Changes are of AUC: the median over the pairs of schemes, and the worst. Counts are of pairs.
    """
    return [_HEADER, *(_row(study, s) for s in summarise(study).values())]


def _row(study: Study, s: Summary) -> tuple[str, ...]:
    m = s.matched
    return (
        regime_words(s.regime).title,
        str(len({run.seed for run in study.of(s.regime)})),
        f"{m.auc[m.worst]:.3f} ({m.worst}) to {m.auc[m.best]:.3f} ({m.best})",
        f"{m.range:.3f} ({m.chance:.3f})",
        f"{as_change(s.typical)}, worst {as_change(s.costliest.loss)}" if s.mismatches else "",
        *(_share(s, axis) for axis in (None, "scale", "contrast")),
        f"{s.slowest.scheme}: {s.slowest.epochs:.1f} of {s.slowest.of}" if s.slowest else "",
    )


def _share(s: Summary, axis: str | None) -> str:
    harmed, pairs = s.harmed(axis)
    return f"{harmed} of {pairs}" if pairs else ""
