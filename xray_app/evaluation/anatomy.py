"""Maps judged by anatomy: how much of each method's positive evidence lies in the lungs.

The energy-based pointing game of Wang et al. 2020 (Score-CAM, section 4.2), with the lungs for the
box. A finding of pneumonia or tuberculosis lies in the lungs; evidence elsewhere is none.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from xray_app.anatomy import FieldEvidence, draw_lungs, evidence_in
from xray_app.cards import AnatomyRecord, MethodAnatomy, ModelCard, model_input, to_model_size
from xray_app.core import InputError, Progress, Radiograph, Reporter, mean_interval, silent
from xray_app.engines import Engine, LungNetwork, lung_network
from xray_app.evaluation.faithfulness import maps_of
from xray_app.evaluation.labelled_images import open_split
from xray_app.explain import CLASS_ACTIVATIONS

_METHODS: tuple[str, ...] = tuple(CLASS_ACTIVATIONS)


def measure_anatomy(
    engine: Engine, data: Path, images: int, command: str, progress: Reporter = silent
) -> AnatomyRecord:
    """Measure on test images, fed as trained, the predicted class at the last layer.

    Args:
        engine: of a model whose card says how its population's lungs are drawn.
        data: folder or zip of ``split/CLASS/file``.
        images: how many, spread evenly over ``test/``.
        command: kept in the record.
        progress: is told how many images are done.

    Raises:
        InputError: the data are not as expected, no lungs can be drawn, or all maps are empty.
        EngineError: the model failed.
    """
    network = _required(engine.card)
    areas: list[float] = []
    found: dict[str, list[tuple[float, float, str]]] = {method: [] for method in _METHODS}
    with open_split(data, "test", engine.card) as split:
        chosen = split.spread(images)
        pairs = zip(chosen.radiographs(), chosen.patients, strict=True)
        for done, (radiograph, patient) in enumerate(pairs, start=1):
            area, by_method = _in_lungs(engine, radiograph)
            areas += [] if area is None else [area]
            for method, lungs in by_method.items():
                found[method].append((lungs.evidence, lungs.evidence - lungs.area, patient))
            progress(Progress(done, len(chosen), stage="evidence in the lungs"))
    methods = tuple(_method(name, rows) for name, rows in found.items() if rows)
    if not methods:
        raise InputError(
            f"Expected radiographs with lungs and evidence in test/ of {data.name}, received none."
        )
    return AnatomyRecord(
        format=1,
        model=engine.card.name,
        weights_sha256=engine.card.weights.sha256,
        lungs_sha256=network.record.sha256,
        data=data.name,
        command=command,
        images=len(chosen),
        without_lungs=len(chosen) - len(areas),
        area=round(float(np.mean(areas)), 4),
        methods=methods,
    )


def _in_lungs(
    engine: Engine, radiograph: Radiograph
) -> tuple[float | None, dict[str, FieldEvidence]]:
    """The lungs' area, None where none can be drawn, and each map's evidence in them."""
    display = to_model_size(engine.card, radiograph)
    lungs = draw_lungs(engine.card, display).lungs
    if lungs is None:
        return None, {}
    _, maps = maps_of(engine, model_input(engine.card, display).array, _METHODS)
    found = {method: evidence_in(saliency, lungs) for method, saliency in maps.items()}
    return float(lungs.both.mean()), {m: e.lungs for m, e in found.items() if e is not None}


def _required(card: ModelCard) -> LungNetwork:
    network = lung_network()
    if network is None or card.lungs is None:
        what = "a network in models/lungs" if network is None else "field lungs on the model's card"
        raise InputError(f"Expected {what}, which draws the lungs; received none.")
    return network


def _method(name: str, rows: Sequence[tuple[float, float, str]]) -> MethodAnatomy:
    evidence, gain = (np.array([row[place] for row in rows]) for place in (0, 1))
    patients = [row[2] for row in rows]
    return MethodAnatomy(
        method=name,
        evidence=mean_interval(evidence, patients),
        gain=mean_interval(gain, patients),
        images=len(rows),
    )


def anatomy_text(record: AnatomyRecord) -> str:
    """The record for a terminal, a line a method."""
    lines = [
        f"{record.images} images of {record.data}, {record.without_lungs} of them without lungs; "
        f"the lungs take {record.area:.0%} of the image."
    ]
    for one in record.methods:
        lines.append(
            f"{one.method:<12}{one.evidence.value:.3f} ({one.evidence.low:.3f} to "
            f"{one.evidence.high:.3f}) of the evidence in them, {one.gain.value:+.3f} "
            f"({one.gain.low:+.3f} to {one.gain.high:+.3f}) over their area; {one.images} maps"
        )
    return "\n".join(lines)
