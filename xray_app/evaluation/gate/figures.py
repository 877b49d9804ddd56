"""What the gate's report measures: areas under the ROC curve and fractions, with intervals."""

from collections.abc import Sequence

import numpy as np

from xray_app.cards import Figure, GateFile, HandlingRow, LeftOut
from xray_app.core import (
    Flags,
    GateRule,
    Interval,
    area_under_curve,
    fraction_interval,
    interval,
    once,
    resample_groups,
)
from xray_app.core.text import interval_text, listed, percent_text
from xray_app.evaluation.gate.image_sets import Group
from xray_app.gate import judge_statistics, kind_logits, margins

RESAMPLES = 1000
_SEED = 20240229


def fraction_figure(name: str, flags: Flags, units: tuple[str, ...], unit: str) -> Figure:
    """The fraction of True, with its interval over whole units."""
    found = fraction_interval(flags.astype(np.float64), units, RESAMPLES, _SEED)
    return _figure(name, found, units, unit)


def area_figure(name: str, rule: GateRule, known: Group, other: Group, unit: str) -> Figure:
    """AUROC of the deciding margin, with a bootstrap interval over whole units of both sides."""
    scores = margins(rule, np.concatenate([known.statistics, other.statistics]))
    positive = np.arange(len(scores)) >= len(known.units)
    value = float(area_under_curve(scores, positive, once(len(scores)))[0])
    counts = [
        resample_groups(group.units, RESAMPLES, _SEED + place)
        for place, group in enumerate((known, other))
    ]
    drawn = area_under_curve(scores, positive, np.hstack(counts))
    return _figure(name, interval(value, drawn).rounded(), other.units, unit)


def stopped(rule: GateRule, group: Group) -> Flags:
    """(N,) whether the gate closes."""
    flags: Flags = margins(rule, group.statistics) > 0.0
    return flags


def recognised(rule: GateRule, group: Group) -> Flags:
    """(N,) whether the gate closes and names the group's own kind."""
    reports = judge_statistics(rule, group.statistics, "")
    return np.array([report.finding == group.kind for report in reports], np.bool_)


def handling_row(name: str, rule: GateRule, group: Group) -> HandlingRow:
    """What one way of handling does to radiographs of the known population."""
    findings = [report.finding for report in judge_statistics(rule, group.statistics, "")]
    scores = kind_logits(rule, group.statistics)
    adult = scores[:, rule.kinds.index("other_population")] - scores[:, 0]
    return HandlingRow(
        handling=name,
        images=len(findings),
        adult_score=round(float(np.median(adult)), 2),
        called_adult=round(findings.count("other_population") / len(findings), 4),
        closed=round(1.0 - findings.count("known") / len(findings), 4),
    )


def _figure(name: str, found: Interval, units: tuple[str, ...], unit: str) -> Figure:
    return Figure(
        name=name,
        value=found.value,
        low=found.low,
        high=found.high,
        images=len(units),
        units=len(set(units)),
        unit=unit,
    )


def gate_rows(gate: GateFile) -> list[dict[str, str]]:
    """What was measured of the gate, a row for each figure with its 95 % interval."""
    return [
        {
            "What": f"{f.name[0].upper()}{f.name[1:]}",
            "Value (95 % interval)": interval_text(Interval(f.value, f.low, f.high)),
            "Images": f"{f.images:,} of {f.units:,} {f.unit}",
        }
        for f in gate.figures
    ]


def left_out_sentence(gate: GateFile) -> str:
    """How many open the gate of sources that it was fitted without."""
    others = [row for row in gate.left_out if not row.known]
    known = [row for row in gate.left_out if row.known]
    if not others:
        return "that was not measured."
    said = f"{_opened(others)}."
    if known:
        said += f" Of people as the model knows them, whom it should let through: {_opened(known)}."
    return said


def _opened(rows: Sequence[LeftOut]) -> str:
    return ", ".join(
        f"{listed([name.split('/')[-1] for name in row.sources])} "
        f"{percent_text(Interval(1.0 - row.stopped, 1.0 - row.high, 1.0 - row.low))}"
        for row in rows
    )
