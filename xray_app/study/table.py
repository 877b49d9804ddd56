"""The regimes of a study side by side: one row each, as text."""

from xray_app.core.text import listed
from xray_app.study.records import Study
from xray_app.study.regimes import regime_words
from xray_app.study.summary import HARMFUL, Summary, as_change, summarise

_HEADER = (
    "trained",
    "schemes",
    "seeds",
    "AUC fed as trained",
    "range (by chance)",
    "change when fed another",
    f"pairs that lose over {HARMFUL}",
    "scale alone differs",
    "contrast alone differs",
    "epochs to one loss",
)


def regime_table(study: Study) -> list[tuple[str, ...]]:
    """Lay out every regime in which two schemes or more were trained; the header comes first.

    Changes are of AUC: the median over the pairs of schemes, and the worst. Counts are of pairs.
    """
    return [_HEADER, *(_row(s) for s in summarise(study).values())]


def _row(s: Summary) -> tuple[str, ...]:
    return (
        regime_words(s.regime).title,
        str(len(s.runs)),
        str(s.seeds),
        f"{s.auc[s.worst]:.3f} ({s.worst}) to {s.auc[s.best]:.3f} ({s.best})",
        f"{s.range:.3f} ({s.chance:.3f})",
        f"{as_change(s.typical)}, worst {as_change(s.costliest.loss)}" if s.mismatches else "",
        *(_share(s, axis) for axis in (None, "scale", "contrast")),
        _pace(s),
    )


def _share(s: Summary, axis: str | None) -> str:
    harmed, pairs = s.harmed(axis)
    return f"{harmed} of {pairs}" if pairs else ""


def _pace(s: Summary) -> str:
    p = s.pace
    if p is None:
        return ""
    first, last = p.epochs[p.quickest], p.epochs[p.slowest]
    left = f", without {listed(list(p.left_out))}" if p.left_out else ""
    return f"{first:.1f} ({p.quickest}) to {last:.1f} ({p.slowest}) of {p.of}{left}"
