"""The figures of the gate, all from images that neither fitted it nor set its limits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from xray_app.cards import Figure, HandlingRow, LeftOut
from xray_app.core import FloatArray, GateReport, GateRule, Progress, Reporter
from xray_app.core.images import stored_as_jpeg
from xray_app.engines import Engine
from xray_app.evaluation.gate.collection import collect
from xray_app.evaluation.gate.figures import (
    area_figure,
    fraction_figure,
    handling_row,
    recognised,
    stopped,
)
from xray_app.evaluation.gate.image_sets import Group, ImageSet
from xray_app.evaluation.gate.variations import gamma, reduced, windowed
from xray_app.gate import judge_statistics

REAL_IMAGES = "no chest film, real images only, stopped"
HANDLINGS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "as in the data": lambda display: display,
    "JPEG again, quality 95": partial(stored_as_jpeg, quality=95),
    "JPEG again, quality 75": partial(stored_as_jpeg, quality=75),
    "JPEG again, quality 50": partial(stored_as_jpeg, quality=50),
    "JPEG again, quality 25": partial(stored_as_jpeg, quality=25),
    "75 % of the pixels a side and back": partial(reduced, fraction=0.75),
    "50 % of the pixels a side and back": partial(reduced, fraction=0.5),
    "33 % of the pixels a side and back": partial(reduced, fraction=1 / 3),
    "window 10 % to 90 %": partial(windowed, low=0.1, high=0.9),
    "window 20 % to 80 %": partial(windowed, low=0.2, high=0.8),
    "window -20 % to 120 %": partial(windowed, low=-0.2, high=1.2),
    "gamma 0.7": partial(gamma, exponent=0.7),
    "gamma 1.4": partial(gamma, exponent=1.4),
}
_EVERY = 8


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What was held back for the report.

    ``others`` are other people's radiographs and films of other parts, by source; ``other`` are
    images that installed packages ship (``real`` names them) or that are drawn.
    """

    test_images: ImageSet
    test: Group
    others: Mapping[str, Group]
    other: Group
    real: tuple[str, ...]
    turned: tuple[Group, ...]

    def groups(self) -> dict[str, Group]:
        """The groups under the names that the report gives them."""
        turned = {f"test, {group.kind}": group for group in self.turned}
        return {"test": self.test, **self.others, "no chest": self.other, **turned}


def report_figures(
    engine: Engine, rule: GateRule, validation: Group, held: Held, progress: Reporter
) -> tuple[tuple[Figure, ...], tuple[HandlingRow, ...]]:
    """Every figure with its interval, and the table of handlings."""
    real = _of_units(held.other, held.real)
    figures = [
        fraction_figure(
            "false alarms on val", stopped(rule, validation), validation.units, "patients"
        ),
        fraction_figure(
            "false alarms on test", stopped(rule, held.test), held.test.units, "patients"
        ),
        *_by_class(rule, held),
        area_figure("AUROC, no chest film against test", rule, held.test, held.other, "sources"),
        _stopped("no chest film, stopped", rule, held.other, "sources"),
        _stopped(REAL_IMAGES, rule, real, "sources"),
    ]
    for name, group in held.others.items():
        if group.kind == "known":
            opened = ~stopped(rule, group)
            figures.append(fraction_figure(f"{name}, let through", opened, group.units, "patients"))
            continue
        figures += [
            area_figure(f"AUROC, {name} against test", rule, held.test, group, "patients"),
            _stopped(f"{name}, stopped", rule, group, "patients"),
            _named(f"{name}, stopped and named", rule, group),
        ]
    for group in held.turned:
        label = group.kind.replace("_", " ")
        figures += [
            area_figure(f"AUROC, {label} against test", rule, held.test, group, "patients"),
            _named(f"{label}, stopped and named", rule, group),
        ]
    rows = []
    for name, handle in HANDLINGS.items():
        progress(Progress(message=f"handling: {name}"))
        some = held.test_images.every(_EVERY)
        image_set = replace(some, images=tuple(handle(image) for image in some.images))
        rows.append(handling_row(name, rule, collect(engine, "known", image_set)))
    return tuple(figures), tuple(rows)


def left_out_row(rule: GateRule, others: Mapping[str, Group], names: tuple[str, ...]) -> LeftOut:
    """What a rule that was fitted without the named sources does to what was held back of them."""
    groups = [others[name] for name in names]
    flags = np.concatenate([stopped(rule, group) for group in groups])
    units = tuple(unit for group in groups for unit in group.units)
    figure = fraction_figure("", flags, units, "patients")
    return LeftOut(
        sources=names,
        stopped=figure.value,
        low=figure.low,
        high=figure.high,
        images=figure.images,
        units=figure.units,
        known=all(group.kind == "known" for group in groups),
    )


def _by_class(rule: GateRule, held: Held) -> list[Figure]:
    """False alarms by the folder of the class: a class whose images come otherwise shows."""
    flags, test = stopped(rule, held.test), held.test
    found = []
    for folder in sorted(set(held.test_images.folders)):
        of_class = np.array([f == folder for f in held.test_images.folders])
        units = tuple(u for u, inside in zip(test.units, of_class, strict=True) if inside)
        found.append(
            fraction_figure(f"false alarms on test, {folder}", flags[of_class], units, "patients")
        )
    other = np.array([r.finding == "other_population" for r in _judged(rule, test)])
    found.append(fraction_figure(f"test, called {rule.other}", other, test.units, "patients"))
    return found


def _judged(rule: GateRule, group: Group) -> tuple[GateReport, ...]:
    return judge_statistics(rule, group.statistics, "")


def _stopped(name: str, rule: GateRule, group: Group, unit: str) -> Figure:
    return fraction_figure(name, stopped(rule, group), group.units, unit)


def _named(name: str, rule: GateRule, group: Group) -> Figure:
    return fraction_figure(name, recognised(rule, group), group.units, "patients")


def _of_units(group: Group, units: tuple[str, ...]) -> Group:
    kept = [i for i, unit in enumerate(group.units) if unit in units]
    return Group(group.kind, group.statistics[kept], tuple(group.units[i] for i in kept))
