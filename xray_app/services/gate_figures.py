"""What the gate's report measures: areas under the ROC curve and shares, with intervals."""

import numpy as np
from numpy.typing import NDArray

from xray_app.core.gate import GateRule, judge, logits, margins
from xray_app.core.gate_file import Figure, HandlingRow
from xray_app.services.gate_collection import Group

Scores = NDArray[np.float64]
Flags = NDArray[np.bool_]

RESAMPLES = 1000
_SEED = 20240229


def area_under_curve(
    negative: Scores, positive: Scores, negative_counts: Scores, positive_counts: Scores
) -> float:
    """Share of pairs in which the positive scores higher, a tie counting half; counts weigh."""
    order = np.argsort(negative, kind="stable")
    sorted_negative = negative[order]
    cumulative = np.concatenate([[0.0], np.cumsum(negative_counts[order])])
    below = cumulative[np.searchsorted(sorted_negative, positive, "left")]
    up_to = cumulative[np.searchsorted(sorted_negative, positive, "right")]
    pairs = positive_counts.sum() * negative_counts.sum()
    return float(positive_counts @ (below + up_to) / 2.0 / pairs)


def share_figure(name: str, flags: Flags, units: tuple[str, ...], unit: str) -> Figure:
    """The share of True, with a bootstrap interval over whole units."""
    values = flags.astype(np.float64)
    resampled = [
        counts @ values / counts.sum() for counts in _resampled_counts(units, RESAMPLES, _SEED)
    ]
    return _figure(name, float(values.mean()), resampled, units, unit)


def area_figure(name: str, rule: GateRule, known: Group, foreign: Group, unit: str) -> Figure:
    """AUROC of the deciding margin, with a bootstrap interval over whole units of both sides."""
    negative, positive = margins(rule, known.statistics), margins(rule, foreign.statistics)
    value = area_under_curve(negative, positive, np.ones(len(negative)), np.ones(len(positive)))
    draws = zip(
        _resampled_counts(known.units, RESAMPLES, _SEED),
        _resampled_counts(foreign.units, RESAMPLES, _SEED + 1),
        strict=True,
    )
    resampled = [area_under_curve(negative, positive, n, p) for n, p in draws]
    return _figure(name, value, resampled, foreign.units, unit)


def stopped(rule: GateRule, group: Group) -> Flags:
    """(N,) whether the gate closes."""
    flags: Flags = margins(rule, group.statistics) > 0.0
    return flags


def recognised(rule: GateRule, group: Group) -> Flags:
    """(N,) whether the gate closes and names the group's own kind."""
    reports = judge(rule, group.statistics, "")
    return np.array([report.finding == group.kind for report in reports], np.bool_)


def handling_row(name: str, rule: GateRule, group: Group) -> HandlingRow:
    """What one way of handling does to radiographs of the known population."""
    findings = [report.finding for report in judge(rule, group.statistics, "")]
    scores = logits(rule, group.statistics)
    adult = scores[:, -1] - scores[:, 0]
    return HandlingRow(
        handling=name,
        images=len(findings),
        adult_score=round(float(np.median(adult)), 2),
        called_adult=round(findings.count("other_population") / len(findings), 4),
        closed=round(1.0 - findings.count("known") / len(findings), 4),
    )


def _resampled_counts(units: tuple[str, ...], resamples: int, seed: int) -> "list[Scores]":
    """How often each image is drawn when whole units are drawn with replacement."""
    _, position = np.unique(np.array(units), return_inverse=True)
    count = int(position.max()) + 1
    random = np.random.default_rng(seed)
    draws = random.multinomial(count, np.full(count, 1.0 / count), size=resamples)
    return [draw[position].astype(np.float64) for draw in draws]


def _figure(
    name: str, value: float, resampled: list[float], units: tuple[str, ...], unit: str
) -> Figure:
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Figure(
        name=name,
        value=round(value, 4),
        low=round(float(low), 4),
        high=round(float(high), 4),
        images=len(units),
        units=len(set(units)),
        unit=unit,
    )
