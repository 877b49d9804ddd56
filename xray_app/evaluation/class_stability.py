"""How often changes that mean nothing medically give an image another class."""

from collections.abc import Sequence

import numpy as np

from xray_app.cards import ClassFlips, ModelCard
from xray_app.core import Progress, Reporter, fraction_interval
from xray_app.diagnosis import ClassStability, class_stability
from xray_app.engines import Engine
from xray_app.evaluation.labelled_images import LabelledImages
from xray_app.evaluation.scoring import displays_of

ANY = "any of these"
_RESAMPLES = 2000


def measure_class_stability(
    engine: Engine, card: ModelCard, images: LabelledImages, progress: Reporter
) -> tuple[ClassFlips, ...]:
    """A row for each change and one for any of them, with intervals over patients.

    Args:
        engine: any engine.
        card: its card, with the calibration that counts.
        images: the split to report on.
        progress: is told how many images are done.

    Raises:
        EngineError: the model failed.
    """
    found: list[ClassStability] = []
    for display in displays_of(engine, images.radiographs()):
        found.append(class_stability(engine, display, card))
        progress(Progress(len(found), len(images), stage="changes without a meaning"))
    return flip_rows(found, images.patients)


def flip_rows(found: Sequence[ClassStability], patients: Sequence[str]) -> tuple[ClassFlips, ...]:
    """The rows of images whose stability was measured before.

    Args:
        found: of each image, at least one.
        patients: whose they are.
    """
    flips = np.array([[v.flips for v in each.versions] for each in found], np.float64)
    falls = np.array([[each.probability - v.probability for v in each.versions] for each in found])
    names = [version.change for version in found[0].versions]
    columns = [(name, flips[:, i], falls[:, i]) for i, name in enumerate(names)]
    columns.append((ANY, flips.max(axis=1), falls.max(axis=1)))
    return tuple(
        ClassFlips(
            change=name,
            images=len(found),
            flips=int(flipped.sum()),
            rate=fraction_interval(flipped, patients, _RESAMPLES),
            largest_fall=round(float(fell.max()), 4),
        )
        for name, flipped, fell in columns
    )
