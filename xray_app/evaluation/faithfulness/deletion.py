"""Do the places that a heatmap names matter to the model?

Deletion blurs the highest places first and insertion restores them first (Petsiuk et al. 2018,
section 4.3); covering fills the highest 15 % with the image's mean. A faithful map costs the class
more than a random map, a blob in the middle, and the mean map of all training images do: the last
knows where evidence usually lies and has seen nothing of the image. Randomization (Adebayo et al.
2018, section 3) gives the last layer other weights: a map that stays the same does not show the
model.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from xray_app.cards import model_input, to_model_size
from xray_app.core import FloatArray, Progress, Reporter, Saliency, silent
from xray_app.engines import Engine
from xray_app.evaluation.faithfulness.baselines import as_saliency, blind_maps, mean_maps
from xray_app.evaluation.faithfulness.curves import curves_of
from xray_app.evaluation.faithfulness.maps import maps_of
from xray_app.evaluation.faithfulness.summary import Faithfulness, Measured, Rows, summary
from xray_app.evaluation.labelled_images import evenly, open_split
from xray_app.explain import (
    CLASS_ACTIVATIONS,
    EXPLANATIONS,
    body_mask,
    explain,
    place_evidence,
    rank_correlation,
)

_SEED = 0


def measure_faithfulness(
    engine: Engine,
    data: Path,
    images: int = 100,
    slow_images: int = 20,
    progress: Reporter = silent,
) -> tuple[tuple[Faithfulness, ...], ...]:
    """Judge every explanation at the last and at a finer layer, fed as trained, on test images.

    Args:
        engine: any engine.
        data: folder or zip of ``split/CLASS/file``; ``train/`` gives the mean map.
        images: how many, spread evenly over ``test/``.
        slow_images: how many of those, again spread evenly, for the methods that take seconds.
        progress: is told how many images are done.

    Returns:
        For the last layer, then for the finer one where the model has it; methods that leave no
        layer to choose come with the last.

    Raises:
        InputError: the data are not there or not as expected.
        EngineError: the model failed.
    """
    layers = engine.layers[:2]
    judge = _Judge(engine, mean_maps(engine, data, layers, progress))
    with open_split(data, "test", engine.card) as split:
        chosen = split.spread(images)
        slow = set(evenly(len(chosen), slow_images))
        for place, radiograph in enumerate(chosen.radiographs()):
            display = to_model_size(engine.card, radiograph)
            for layer in layers:
                methods = (
                    EXPLANATIONS if place in slow and layer == layers[0] else CLASS_ACTIVATIONS
                )
                judge.add(place, display, layer, methods)
            progress(Progress(place + 1, len(chosen), stage="deletion, insertion, cover"))
    return tuple(summary(layer, judge.rows[layer], chosen.patients) for layer in layers)


@dataclass(frozen=True, slots=True, eq=False)
class _Judge:
    """Measures one map after another; ``rows`` are what was measured so far, by layer."""

    engine: Engine
    means: Mapping[str, FloatArray]
    rows: dict[str, Rows] = field(default_factory=lambda: defaultdict(Rows))
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(_SEED))

    def add(self, place: int, display: FloatArray, layer: str, methods: Iterable[str]) -> None:
        """Measure one image's maps of one layer, and the baselines beside them."""
        engine, rows = self.engine, self.rows[layer]
        array = model_input(engine.card, display).array
        target, maps = maps_of(engine, array, methods, layer=layer, display=display)
        height, width = maps[next(iter(CLASS_ACTIVATIONS))].map.shape
        blind = blind_maps((height, width), self.means.get(layer), self.rng)
        maps |= {name: as_saliency(name, target, values) for name, values in blind.items()}
        mask = body_mask(display)
        curves = curves_of(engine, display, engine.card.class_names.index(target), maps)
        for method, found in curves.items():
            placed = place_evidence(maps[method], mask)
            outside = placed.outside if placed else np.nan
            row = Measured(place, found.deletion, found.insertion, found.cover, outside)
            rows.figures.setdefault(method, []).append(row)
        if layer == engine.layers[0]:
            for method, correlation in _shuffled(engine, array, target, maps, self.rng).items():
                rows.sanity.setdefault(method, []).append(correlation)


def _shuffled(
    engine: Engine,
    array: FloatArray,
    target: str,
    maps: Mapping[str, Saliency],
    rng: np.random.Generator,
) -> dict[str, float]:
    activations = engine.forward(array[np.newaxis]).activations
    position = engine.card.class_names.index(target)
    gradients = engine.head_gradients(activations, (position,))[0]
    # Other weights of the same size: a channel speaks for what another spoke for.
    other = gradients[..., rng.permutation(gradients.shape[-1])]
    found = {}
    for method in CLASS_ACTIVATIONS:
        random_head = explain(method, engine.layers[0], target, activations[0], other)
        correlation = rank_correlation(maps[method], random_head)
        if correlation is not None:
            found[method] = correlation
    return found
