"""How often a model looks where no body is, and from when on that is worth a warning."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xray_app.cards import PERCENTILE, model_input, to_model_size
from xray_app.core import Progress, Reporter, Saliency, silent
from xray_app.diagnosis import DEFAULT_EXPLANATION
from xray_app.engines import Engine
from xray_app.evaluation.faithfulness.maps import maps_of
from xray_app.evaluation.labelled_images import open_split
from xray_app.explain import (
    CLASS_ACTIVATIONS,
    CORNERS,
    Placement,
    body_mask,
    corner_of,
    place_evidence,
)


@dataclass(frozen=True, slots=True)
class CornerPeaks:
    """How often the strongest evidence for a predicted class lies in each corner of the image.

    Attributes:
        predicted: the class.
        images: how many were predicted so.
        peaks: by corner as it is seen in the image, how many maps peak there.
        outside: mean fraction of positive evidence outside the body; None if all maps are empty.
    """

    predicted: str
    images: int
    peaks: dict[str, int]
    outside: float | None


@dataclass(frozen=True, slots=True)
class Placements:
    """What was measured of where maps look.

    Attributes:
        thresholds: by method, the 95th percentile over the validation images of the fraction of
            positive evidence outside the body: above it a result is unusual for this model; None
            if all maps are empty.
        corner_thresholds: the same for the corners.
        validation_images: how many those were.
        corner_peaks: of the default explanation, over all test images.
    """

    thresholds: dict[str, float | None]
    corner_thresholds: dict[str, float | None]
    validation_images: int
    corner_peaks: tuple[CornerPeaks, ...]


def measure_placement(engine: Engine, data: Path, progress: Reporter = silent) -> Placements:
    """Choose the thresholds on all of ``val/`` and count the peaks in corners on all of ``test/``.

    Raises:
        InputError: the data are not there or not as expected.
        EngineError: the model failed.
    """
    placed: dict[str, list[Placement]] = {m: [] for m in CLASS_ACTIVATIONS}
    count = 0
    for _, _, placements in _placed(engine, data, "val", tuple(CLASS_ACTIVATIONS), progress):
        count += 1
        for method, placement in placements.items():
            placed[method].append(placement)
    return Placements(
        thresholds={m: _percentile([p.outside for p in of]) for m, of in placed.items()},
        corner_thresholds={m: _percentile([p.corners for p in of]) for m, of in placed.items()},
        validation_images=count,
        corner_peaks=_corner_peaks(engine, data, progress),
    )


def _corner_peaks(engine: Engine, data: Path, progress: Reporter) -> tuple[CornerPeaks, ...]:
    peaks = {name: dict.fromkeys(CORNERS, 0) for name in engine.card.class_names}
    images = dict.fromkeys(engine.card.class_names, 0)
    outside: dict[str, list[float]] = {name: [] for name in engine.card.class_names}
    for target, maps, placements in _placed(engine, data, "test", (DEFAULT_EXPLANATION,), progress):
        images[target] += 1
        corner = corner_of(maps[DEFAULT_EXPLANATION])
        if corner:
            peaks[target][corner] += 1
        outside[target] += [p.outside for p in placements.values()]
    return tuple(
        CornerPeaks(name, images[name], peaks[name], round(float(np.mean(of)), 4) if of else None)
        for name, of in outside.items()
    )


def _placed(
    engine: Engine, data: Path, split: str, methods: tuple[str, ...], progress: Reporter
) -> Iterator[tuple[str, dict[str, Saliency], dict[str, Placement]]]:
    """Predicted class, maps, and where their evidence lies, of each image; empty maps left out."""
    with open_split(data, split, engine.card) as images:
        for done, radiograph in enumerate(images.radiographs(), start=1):
            display = to_model_size(engine.card, radiograph)
            array = model_input(engine.card, display).array
            target, maps = maps_of(engine, array, methods, display=display)
            mask = body_mask(display)
            found = {m: place_evidence(saliency, mask) for m, saliency in maps.items()}
            yield target, maps, {m: p for m, p in found.items() if p is not None}
            progress(Progress(done, len(images), stage=f"{split}/"))


def _percentile(fractions: list[float]) -> float | None:
    return round(float(np.percentile(fractions, PERCENTILE)), 4) if fractions else None
