"""Does a heatmap change when the network under it is turned into noise, part by part?

Cascading randomization (Adebayo et al. 2018, section 3.1): the head's weights are shuffled, then
those of the last block, and so on down to the first convolution. A map that stays alike shows
edges of the image rather than what the network learned.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xray_app.cards import model_input, to_model_size
from xray_app.core import FloatArray, Progress, Reporter, Saliency, silent
from xray_app.engines.keras import RandomizableEngine
from xray_app.evaluation.faithfulness.maps import maps_of
from xray_app.evaluation.labelled_images import open_split
from xray_app.explain import CLASS_ACTIVATIONS, EXPLANATIONS, mean_of, rank_correlation, same_shape

_STAGES = 5
_SEED = 0


@dataclass(frozen=True, slots=True)
class RandomizationStep:
    """How alike a method's maps are to those of the intact network, means over the images.

    Attributes:
        stage: everything from the head down to here was shuffled.
        images: how many; ``defined`` of them have a map with ranks on both sides.
        rank_correlation: Spearman's; structural_similarity: of maps stretched to their own peaks.
            None where no image defines it.
    """

    method: str
    stage: str
    images: int
    defined: int
    rank_correlation: float | None
    structural_similarity: float | None


def measure_randomization(
    engine: RandomizableEngine,
    data: Path,
    images: int = 20,
    slow_images: int = 2,
    progress: Reporter = silent,
) -> tuple[RandomizationStep, ...]:
    """Shuffle the engine's weights from the head down and compare the maps; the engine is spoilt.

    Args:
        engine: of its weights nothing is left afterwards.
        data: folder or zip of ``split/CLASS/file``.
        images: how many, spread evenly over ``test/``.
        slow_images: how many of them for the methods that take seconds.
        progress: is told how many stages are done.

    Raises:
        InputError: the data are not there or not as expected.
        EngineError: the model failed.
    """
    with open_split(data, "test", engine.card) as split:
        radiographs = split.spread(images).radiographs()
        displays = [to_model_size(engine.card, r) for r in radiographs]
    intact = _all_maps(engine, displays, [None] * len(displays), slow_images)
    targets = [next(iter(maps.values())).target for maps in intact]
    stages = engine.stages
    reported = set(np.linspace(0, len(stages) - 1, min(_STAGES, len(stages))).round().astype(int))
    steps: list[RandomizationStep] = []
    for place, stage in enumerate(stages):
        engine.randomize(stage, _SEED + place)
        if place in reported:
            noise = _all_maps(engine, displays, targets, slow_images)
            steps += [_step(method, stage, intact, noise) for method in EXPLANATIONS]
        progress(Progress(place + 1, len(stages), unit="stages", stage="shuffled"))
    return tuple(steps)


Maps = Sequence[Mapping[str, Saliency]]


def _all_maps(
    engine: RandomizableEngine,
    displays: Sequence[FloatArray],
    targets: Sequence[str | None],
    slow: int,
) -> Maps:
    return [
        maps_of(
            engine,
            model_input(engine.card, display).array,
            EXPLANATIONS if place < slow else CLASS_ACTIVATIONS,
            target,
            display=display,
        )[1]
        for place, (display, target) in enumerate(zip(displays, targets, strict=True))
    ]


def _step(method: str, stage: str, intact: Maps, noise: Maps) -> RandomizationStep:
    pairs = [(a[method], b[method]) for a, b in zip(intact, noise, strict=True) if method in a]
    ranks = [r for pair in pairs if (r := rank_correlation(*pair)) is not None]
    likeness = [s for pair in pairs if (s := same_shape(*pair)) is not None]
    return RandomizationStep(
        method, stage, len(pairs), len(ranks), mean_of(ranks), mean_of(likeness)
    )
