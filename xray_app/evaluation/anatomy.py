"""Maps judged by anatomy: how much of each method's positive evidence lies in the lungs.

The energy-based pointing game of Wang et al. 2020 (Score-CAM, section 4.2), with the lungs for the
box. A finding of pneumonia or tuberculosis lies in the lungs; evidence elsewhere is none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xray_app.anatomy import FieldEvidence, draw_lungs, evidence_in
from xray_app.cards import (
    AnatomyRecord,
    AnatomySet,
    MethodAnatomy,
    ModelCard,
    model_input,
    to_model_size,
)
from xray_app.core import InputError, Progress, Radiograph, Reporter, mean_interval, silent
from xray_app.engines import Engine, LungNetwork, lung_network
from xray_app.evaluation.faithfulness import maps_of
from xray_app.evaluation.labelled_images import open_split
from xray_app.explain import CLASS_ACTIVATIONS, EXPLANATIONS


def measure_anatomy(
    engine: Engine,
    data: Sequence[Path],
    images: int,
    slow_images: int,
    command: str,
    progress: Reporter = silent,
) -> AnatomyRecord:
    """Measure on test images, fed as trained, the predicted class at the last layer.

    Args:
        engine: of a model whose card says how its population's lungs are drawn.
        data: folders or zips of ``split/CLASS/file``, a set each.
        images: how many of each set, every so many of its ``test/``.
        slow_images: how many of those, again spread evenly, for the methods that take seconds.
        command: kept in the record.
        progress: is told how many images of a set are done.

    Raises:
        InputError: the data are not as expected, no lungs can be drawn, or all maps are empty.
        EngineError: the model failed.
    """
    network = _required(engine.card)
    sets = tuple(_measured(engine, each, images, slow_images, progress) for each in data)
    return AnatomyRecord(
        format=2,
        model=engine.card.name,
        weights_sha256=engine.card.weights.sha256,
        lungs_sha256=network.record.sha256,
        command=command,
        sets=sets,
    )


def _measured(
    engine: Engine, data: Path, images: int, slow_images: int, progress: Reporter
) -> AnatomySet:
    areas: list[float] = []
    found: dict[str, list[_Row]] = {method: [] for method in EXPLANATIONS}
    with open_split(data, "test", engine.card) as split:
        chosen = split.spread(images)
        slow = set(np.linspace(0, len(chosen) - 1, min(slow_images, len(chosen)), dtype=int))
        pairs = zip(chosen.radiographs(), chosen.patients, strict=True)
        for place, (radiograph, patient) in enumerate(pairs):
            methods = EXPLANATIONS if place in slow else CLASS_ACTIVATIONS
            area, by_method = _in_lungs(engine, radiograph, methods)
            areas += [] if area is None else [area]
            for method, lungs in by_method.items():
                found[method].append(_Row(lungs, patient))
            progress(Progress(place + 1, len(chosen), stage=f"evidence in the lungs, {data.name}"))
    measured = tuple(_method(name, rows) for name, rows in found.items() if rows)
    if not measured:
        raise InputError(
            f"Expected radiographs with lungs and evidence in test/ of {data.name}, received none."
        )
    return AnatomySet(
        data=data.name,
        images=len(chosen),
        without_lungs=len(chosen) - len(areas),
        area=round(float(np.mean(areas)), 4),
        methods=measured,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """One map's evidence in the lungs, and whose it is."""

    lungs: FieldEvidence
    patient: str


def _in_lungs(
    engine: Engine, radiograph: Radiograph, methods: Iterable[str]
) -> tuple[float | None, dict[str, FieldEvidence]]:
    """The lungs' area, None where none can be drawn, and each map's evidence in them."""
    display = to_model_size(engine.card, radiograph)
    lungs = draw_lungs(engine.card, display).lungs
    if lungs is None:
        return None, {}
    _, maps = maps_of(engine, model_input(engine.card, display).array, methods, display=display)
    found = {method: evidence_in(saliency, lungs) for method, saliency in maps.items()}
    return float(lungs.both.mean()), {m: e.lungs for m, e in found.items() if e is not None}


def _required(card: ModelCard) -> LungNetwork:
    network = lung_network()
    if network is None or card.lungs is None:
        what = "a network in models/lungs" if network is None else "field lungs on the model's card"
        raise InputError(f"Expected {what}, which draws the lungs; received none.")
    return network


def _method(name: str, rows: Sequence[_Row]) -> MethodAnatomy:
    evidence = np.array([row.lungs.evidence for row in rows])
    areas = np.array([row.lungs.area for row in rows])
    patients = [row.patient for row in rows]
    return MethodAnatomy(
        method=name,
        evidence=mean_interval(evidence, patients),
        gain=mean_interval(evidence - areas, patients),
        images=len(rows),
    )


def anatomy_text(record: AnatomyRecord) -> str:
    """The record for a terminal, a line a method of each set."""
    return "\n".join(line for each in record.sets for line in _lines(each))


def _lines(measured: AnatomySet) -> Iterator[str]:
    yield (
        f"{measured.images} images of {measured.data}, {measured.without_lungs} of them without "
        f"lungs; the lungs take {measured.area:.0%} of the image."
    )
    for one in measured.methods:
        yield (
            f"{one.method:<12}{one.evidence.value:.3f} ({one.evidence.low:.3f} to "
            f"{one.evidence.high:.3f}) of the evidence in them, {one.gain.value:+.3f} "
            f"({one.gain.low:+.3f} to {one.gain.high:+.3f}) over their area; {one.images} maps"
        )
