"""Fit a model's gate and report on it, from labelled radiographs, other people's and other images.

``train/`` and ``fit/`` of the others fit, ``val/`` sets the limits; ``test/``, ``report/`` of the
others and the other sources of other images are opened afterwards, when the rule is fixed, and
enter the figures only. The same fit without a source, or without several of one place, tells what
to expect of places that nobody has seen.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from xray_app.cards import GateEntry, GateFile, ModelCard
from xray_app.core import KINDS, EngineError, FloatArray, GateRule, InputError, Progress, Reporter
from xray_app.engines import Engine, verified_weights
from xray_app.engines.keras import WorkerEngine
from xray_app.evaluation.gate.collection import require_sources
from xray_app.evaluation.gate.fit import fit_rule
from xray_app.evaluation.gate.image_sets import Group, Source
from xray_app.evaluation.gate.material import (
    HANDLED,
    VALIDATION,
    Material,
    fit_groups,
    held_back,
    limit_groups,
    without,
)
from xray_app.evaluation.gate.report import left_out_row, report_figures
from xray_app.evaluation.gate.writing import encoded, sources_of, write_gate

# Chosen by what they did on sources left out; docs/gate.md has the figures.
DEFAULT_LAYERS = ("block2d_add", "block3d_add", "block4f_add", "block5f_add")
COMMAND = "python -m xray_app gate DATA OTHERS"


def build_gate(
    card: ModelCard,
    data: Path,
    others: Path,
    progress: Reporter,
    *,
    layers: tuple[str, ...] = DEFAULT_LAYERS,
    together: Sequence[Sequence[str]] = (),
    step: int = 1,
) -> GateFile:
    """Fit and measure the gate of a model.

    Args:
        card: the model's, beside its weights; it need not have a gate yet.
        data: a folder or zip with ``train/``, ``val/`` and ``test/`` of the known population.
        others: a folder or zip of other people and other images: see ``read_sources``.
        progress: receives a line for each part.
        layers: whose channel statistics the gate reads.
        together: names of sources that come from one place and are left out together as well.
        step: every ``step``-th image only, for a quick look.

    Raises:
        InputError: data that can't be read. ModelError: the model can't be used.
    """
    with _reading_engine(card, layers) as engine:
        material = Material(engine, data, others, progress, step)
        sources = material.sources("fit")
        to_leave_out = _to_leave_out(sources, together)
        # Fitting takes long: whether all of it can be reported on is asked first.
        require_sources(others, "report", material.other, chain.from_iterable(to_leave_out))
        groups = fit_groups(material, sources)
        limits = limit_groups(material, sources)
        progress(Progress(message="fitting"))
        rule = replace(fit(layers, groups, limits), other=material.other.population)
        held = held_back(material)
        left_out = tuple(
            left_out_row(
                fit(layers, without(groups, names), without(limits, names)), held.others, names
            )
            for names in to_leave_out
        )
        figures, handling = report_figures(engine, rule, limits[VALIDATION], held, progress)
    used = sources_of(groups, "fit") + sources_of(limits, "limits")
    return GateFile(
        model=card.name,
        kinds=rule.kinds,
        **encoded(rule),
        sources=(*used, *sources_of(held.groups(), "report")),
        figures=figures,
        handling=handling,
        left_out=left_out,
        other=rule.other,
        command=_command(layers, together),
    )


def run_gate(
    data: Path,
    others: Path,
    card: ModelCard,
    progress: Reporter,
    together: Sequence[Sequence[str]] = (),
    layers: tuple[str, ...] = DEFAULT_LAYERS,
) -> str:
    """The command: build, write, and return the figures as text.

    Args:
        data: as in ``build_gate``.
        others: as in ``build_gate``.
        card: as in ``build_gate``; the gate goes beside it.
        progress: receives a line for each part.
        together: as in ``build_gate``.
        layers: as in ``build_gate``.
    """
    gate = build_gate(card, data, others, progress, layers=layers, together=together)
    path = write_gate(gate, card.folder)
    lines = [f"{f.name}: {f.value:.4f} ({f.low:.4f} to {f.high:.4f})" for f in gate.figures]
    lines += [
        f"fitted without {' and '.join(row.sources)}, of them stopped: {row.stopped:.4f} "
        f"({row.low:.4f} to {row.high:.4f})"
        for row in gate.left_out
    ]
    return "\n".join(
        [*lines, f"Written: {path.name}", "Run export: the graph gives what it reads."]
    )


def fit(
    layers: tuple[str, ...], groups: Mapping[str, Group], limits: Mapping[str, Group]
) -> GateRule:
    """Fit the rule to groups; distances are measured from the known ones that nothing was done to.

    Args:
        layers: whose channel statistics the gate reads.
        groups: what it is fitted to, by name.
        limits: known images that set the limits.
    """
    as_they_are = [name for name in groups if not name.endswith(HANDLED)]
    known = _statistics([groups[name] for name in as_they_are if groups[name].kind == "known"])
    return fit_rule(
        layers,
        known,
        _statistics(groups.values()),
        np.concatenate([np.full(len(g.statistics), KINDS.index(g.kind)) for g in groups.values()]),
        _statistics(limits.values()),
    )


def _statistics(groups: Iterable[Group]) -> FloatArray:
    return np.concatenate([group.statistics for group in groups])


def _to_leave_out(
    sources: Mapping[str, Source], together: Sequence[Sequence[str]]
) -> list[tuple[str, ...]]:
    """Each place's people alone, then those of one place together.

    Raises:
        InputError: a name is not that of a source.
    """
    kinds = ("other_population", "known")
    alone = [name for name, source in sources.items() if source.kind in kinds]
    found: list[tuple[str, ...]] = [(name,) for name in alone] if len(alone) > 1 else []
    for names in together:
        whole = tuple(next((n for n in alone if n.split("/")[-1] == name), "") for name in names)
        if "" in whole:
            known = ", ".join(n.split("/")[-1] for n in alone)
            raise InputError(f"Expected sources of people ({known}), received {', '.join(names)}.")
        found.append(whole)
    return found


def _command(layers: tuple[str, ...], together: Sequence[Sequence[str]]) -> str:
    named = f" --layers {','.join(layers)}" if layers != DEFAULT_LAYERS else ""
    return COMMAND + named + "".join(f" --together {','.join(names)}" for names in together)


@contextmanager
def _reading_engine(card: ModelCard, layers: tuple[str, ...]) -> Iterator[Engine]:
    """An engine that gives what the gate will read: ONNX Runtime where it can be exported."""
    from xray_app.engines.onnx import OnnxEngine, export_graph

    entry = GateEntry(file="gate.json", sha256="0" * 64, layers=layers)
    card, weights = card.model_copy(update={"gate": entry}), verified_weights(card)
    with TemporaryDirectory() as folder:
        copy = Path(shutil.copy(weights, folder))
        probe = np.zeros((1, card.input.height, card.input.width, 3), np.float32)
        try:
            graph, _ = export_graph(card, copy, probe)
            engine: Engine = OnnxEngine(card, graph)
        except EngineError:
            engine = WorkerEngine(card, weights)
        with closing(engine):
            yield engine
