"""Fit a model's gate and report on it, from labelled radiographs, adults' and other images.

``train/`` fits, ``val/`` sets the limits; ``test/``, the other half of the adults and the other
sources of other images are opened afterwards, when the rule is fixed, and enter the figures only.
"""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xray_app.cards import Bound, GateEntry, GateFile, ModelCard, Numbers, Source
from xray_app.core import KINDS, GateRule, Kind, Progress, Reporter
from xray_app.engines import Engine, verified_weights
from xray_app.engines.keras import WorkerEngine
from xray_app.evaluation.gate.collection import (
    Group,
    ImageSet,
    collect,
    halves_by_patient,
    handled_copies,
    read_image_set,
    read_other_images,
    turned_copies,
)
from xray_app.evaluation.gate.fit import fit_rule
from xray_app.evaluation.gate.report import Held, report_figures
from xray_app.evaluation.gate.writing import write_gate

DEFAULT_LAYER = "block4a_expand_activation"
COMMAND = "python -m xray_app gate DATA ADULTS"
TURNED: tuple[Kind, ...] = ("negative", "upside_down", "sideways")

_PARTS, _RIDGE, _FALSE_ALARMS = 48, 1e-3, 0.01
_SEED = 5


@dataclass(frozen=True, slots=True)
class _Material:
    """Where images come from and at what size they are looked at."""

    engine: Engine
    data: Path
    size: tuple[int, int]
    progress: Reporter

    def images(self, folder: str, step: int = 1) -> ImageSet:
        return read_image_set(self.data, folder, self.size, step)

    def read(self, what: str, kind: Kind, image_set: ImageSet) -> Group:
        self.progress(Progress(message=f"{what}: {len(image_set.images)} images"))
        return collect(self.engine, kind, image_set)


def build_gate(
    card: ModelCard,
    data: Path,
    adults: Path,
    progress: Reporter,
    *,
    layer: str = DEFAULT_LAYER,
    step: int = 1,
) -> GateFile:
    """Fit and measure the gate of a model.

    Args:
        card: the model's, beside its weights; it need not have a gate yet.
        data: a folder or zip with ``train/``, ``val/`` and ``test/`` of the known population.
        adults: a folder or zip of another population; half of its patients fit, half report.
        progress: receives a line for each part.
        layer: whose channel statistics the gate reads.
        step: every ``step``-th image only, for a quick look.

    Raises:
        InputError: data that can't be read. ModelError: the model can't be used.
    """
    entry = GateEntry(file="gate.json", sha256="0" * 64, layer=layer)
    engine = WorkerEngine(card.model_copy(update={"gate": entry}), verified_weights(card))
    with closing(engine):
        size = card.input.height, card.input.width
        material = _Material(engine, data, size, progress)
        fit_adults, report_adults = halves_by_patient(read_image_set(adults, "", size, step))
        groups = _fit_groups(material, fit_adults, step)
        validation = _validation(material, step)
        progress(Progress(message="fitting"))
        rule = fit_rule(
            layer,
            groups["known"].statistics,
            np.concatenate([group.statistics for group in groups.values()]),
            np.concatenate(
                [np.full(len(g.statistics), KINDS.index(g.kind)) for g in groups.values()]
            ),
            validation.statistics,
            parts=min(_PARTS, len(groups["known"].statistics) // 2),
            ridge=_RIDGE,
            false_alarms=_FALSE_ALARMS,
        )
        held = _held(material, report_adults, step)
        figures, handling = report_figures(engine, rule, validation, held, progress)
    used = _sources(groups, "fit") + _sources({"known, validation": validation}, "limits")
    return GateFile(
        model=card.name,
        kinds=KINDS,
        **_encoded(rule),
        sources=(*used, *_sources(held.groups(), "report")),
        figures=figures,
        handling=handling,
        command=COMMAND,
    )


def run_gate(data: Path, adults: Path, card: ModelCard, progress: Reporter) -> str:
    """The command: build, write, and return the figures as text.

    Args:
        data: as in ``build_gate``.
        adults: as in ``build_gate``.
        card: as in ``build_gate``; the gate goes beside it.
        progress: receives a line for each part.
    """
    gate = build_gate(card, data, adults, progress)
    path = write_gate(gate, card.folder)
    lines = [f"{f.name}: {f.value:.4f} ({f.low:.4f} to {f.high:.4f})" for f in gate.figures]
    return "\n".join([*lines, f"Written: {path.name}"])


def _fit_groups(material: _Material, adults: ImageSet, step: int) -> dict[str, Group]:
    random = np.random.default_rng(_SEED)
    train = material.images("train", step)
    size = material.size[0]
    other, _ = read_other_images(
        size, random, report=False, views_each=12, drawings_each=max(4, 60 // step)
    )
    groups = {
        "known": material.read("train", "known", train),
        "known, handled": material.read(
            "train, handled", "known", handled_copies(train.every(3), 1, random)
        ),
        "adults": material.read("adults", "other_population", adults),
        "adults, handled": material.read(
            "adults, handled", "other_population", handled_copies(adults, 3, random)
        ),
        "no chest": material.read("no chest", "no_chest", other),
    }
    for kind in TURNED:
        copies = turned_copies(train.every(12), kind, random, handle=True)
        groups[kind] = material.read(f"train, {kind}", kind, copies)
    return groups


def _validation(material: _Material, step: int) -> Group:
    return material.read("val", "known", material.images("val", step))


def _held(material: _Material, adults: ImageSet, step: int) -> Held:
    random = np.random.default_rng(_SEED + 1)
    test = material.images("test", step)
    other, real = read_other_images(
        material.size[0], random, report=True, views_each=10, drawings_each=max(4, 40 // step)
    )
    return Held(
        test,
        material.read("test", "known", test),
        material.read("other adults", "other_population", adults),
        material.read("other images", "no_chest", other),
        real,
        tuple(
            material.read(
                f"test, {kind}", kind, turned_copies(test.every(2), kind, random, handle=False)
            )
            for kind in TURNED
        ),
    )


def _encoded(rule: GateRule) -> dict[str, object]:
    return {
        "layer": rule.layer,
        "mean": Numbers.of(rule.mean),
        "deviation": Numbers.of(rule.deviation),
        "weights": Numbers.of(rule.weights),
        "bias": Numbers.of(rule.bias),
        "components": Numbers.of(rule.components, "float16"),
        "variances": Numbers.of(rule.variances),
        "reach": Numbers.of(rule.reach),
        "remainder": rule.remainder,
        "log_odds": Bound(limit=rule.log_odds.limit, spread=rule.log_odds.spread),
        "distance": Bound(limit=rule.distance.limit, spread=rule.distance.spread),
    }


def _sources(groups: dict[str, Group], purpose: str) -> list[Source]:
    return [
        Source.model_validate(
            {
                "name": name,
                "purpose": purpose,
                "images": len(group.units),
                "units": len(set(group.units)),
                "unit": "sources" if group.kind == "no_chest" else "patients",
            }
        )
        for name, group in groups.items()
    ]
