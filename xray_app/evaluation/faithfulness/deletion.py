"""Do the places that a heatmap names matter to the model?

Deletion blurs the highest places first and insertion restores them first (Petsiuk et al. 2018,
section 4.3); covering fills the highest 15 % with the image's mean. A faithful map costs the class
more than a random map, a blob in the middle, and the mean map of all training images do: the last
knows where evidence usually lies and has seen nothing of the image. Randomization (Adebayo et al.
2018, section 3) gives the last layer other weights: a map that stays the same does not show the
model.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from xray_app.cards import model_input, to_model_size
from xray_app.core import (
    FloatArray,
    Interval,
    Progress,
    Reporter,
    Saliency,
    Values,
    mean_interval,
    silent,
)
from xray_app.engines import Engine
from xray_app.evaluation.faithfulness.baselines import (
    BASELINES,
    MEAN,
    RANDOM,
    as_saliency,
    blind_maps,
    mean_maps,
)
from xray_app.evaluation.faithfulness.curves import curves_of
from xray_app.evaluation.faithfulness.maps import maps_of
from xray_app.evaluation.labelled_images import open_split
from xray_app.explain import (
    CLASS_ACTIVATIONS,
    EXPLANATIONS,
    INPUT,
    InputExplanation,
    body_mask,
    explain,
    mean_of,
    place_evidence,
    rank_correlation,
)

_RESAMPLES, _SEED = 2000, 0


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """One map's figures, means over the images with 95 % bootstrap intervals over patients.

    Attributes:
        method: a key of ``EXPLANATIONS`` or of ``BASELINES``.
        layer: whose cells it has.
        images: how many it was judged on; fewer for a slow method.
        deletion: area under the model's own probability while places are blurred; low is faithful.
        insertion: area under it while they are restored; high is faithful.
        cover: probability lost when the map's top 15 % is covered; high is faithful.
        deletion_gain, insertion_gain: how far it is better than the random map, image by image.
        cover_over_mean, deletion_over_mean, insertion_over_mean: how far it is better than the mean
            map of the training images; None where there is none.
        outside: fraction of its positive evidence outside the body; None if all maps are empty.
        randomized: rank correlation with the map after the last layer's weights were shuffled;
            near 0 is as it should be. None for a baseline, and for a slow method: see the cascade.
    """

    method: str
    layer: str
    images: int
    deletion: Interval
    insertion: Interval
    cover: Interval
    deletion_gain: Interval
    insertion_gain: Interval
    cover_over_mean: Interval | None
    deletion_over_mean: Interval | None
    insertion_over_mean: Interval | None
    outside: Interval | None
    randomized: float | None

    @property
    def beats_random(self) -> bool:
        """Whether both curves are better than the random map's, beyond their intervals."""
        return self.deletion_gain.low > 0.0 and self.insertion_gain.low > 0.0

    @property
    def beats_mean(self) -> bool | None:
        """Whether covering its places costs more than covering the mean map's, beyond chance."""
        return self.cover_over_mean.low > 0.0 if self.cover_over_mean else None


@dataclass(slots=True)
class _Rows:
    """What was measured so far: by method a row (place, deletion, insertion, cover, outside)."""

    figures: dict[str, list[tuple[float, ...]]] = field(default_factory=dict)
    sanity: dict[str, list[float]] = field(default_factory=dict)


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
    rng = np.random.default_rng(_SEED)
    layers = engine.layers[:2]
    means = mean_maps(engine, data, layers, progress)
    rows = {layer: _Rows() for layer in layers}
    with open_split(data, "test", engine.card) as split:
        chosen = split.spread(images)
        slow_step = max(1, len(chosen) // max(1, slow_images))
        for place, radiograph in enumerate(chosen.radiographs()):
            slow = place % slow_step == 0 and place // slow_step < slow_images
            display = to_model_size(engine.card, radiograph)
            for layer in layers:
                methods = EXPLANATIONS if slow and layer == layers[0] else CLASS_ACTIVATIONS
                _judge(engine, display, layer, tuple(methods), means.get(layer), rng, place, rows)
            progress(Progress(place + 1, len(chosen), stage="deletion, insertion, cover"))
    return tuple(_summary(layer, rows[layer], chosen.patients) for layer in layers)


def _judge(
    engine: Engine,
    display: FloatArray,
    layer: str,
    methods: tuple[str, ...],
    mean: FloatArray | None,
    rng: np.random.Generator,
    place: int,
    rows: Mapping[str, _Rows],
) -> None:
    """Add one image's figures of one layer's maps to ``rows``."""
    array = model_input(engine.card, display).array
    target, maps = maps_of(engine, array, methods, layer=layer)
    shape = maps[next(iter(CLASS_ACTIVATIONS))].map.shape
    blind = blind_maps((shape[0], shape[1]), mean, rng)
    maps |= {name: as_saliency(name, target, values) for name, values in blind.items()}
    mask = body_mask(display)
    curves = curves_of(engine, display, engine.card.class_names.index(target), maps)
    for method, found in curves.items():
        placed = place_evidence(maps[method], mask)
        outside = placed.outside if placed else np.nan
        row = (place, found.deletion, found.insertion, found.cover, outside)
        rows[layer].figures.setdefault(method, []).append(row)
    if layer == engine.layers[0]:
        for method, correlation in _shuffled(engine, array, target, maps, rng).items():
            rows[layer].sanity.setdefault(method, []).append(correlation)


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


def _summary(layer: str, rows: _Rows, patients: tuple[str, ...]) -> tuple[Faithfulness, ...]:
    """The means of one layer's maps, explanations first."""
    figures = {
        m: np.array(rows.figures[m]) for m in (*EXPLANATIONS, *BASELINES) if m in rows.figures
    }
    results = []
    for method, found in figures.items():
        whose = [patients[int(place)] for place in found[:, 0]]
        random = _on_same_images(figures[RANDOM], found)
        mean = _on_same_images(figures[MEAN], found) if MEAN in figures else None
        seen = ~np.isnan(found[:, 4])
        results.append(
            Faithfulness(
                method=method,
                layer=_looked_at(method, layer),
                images=len(found),
                deletion=mean_interval(found[:, 1], whose, _RESAMPLES),
                insertion=mean_interval(found[:, 2], whose, _RESAMPLES),
                cover=mean_interval(found[:, 3], whose, _RESAMPLES),
                deletion_gain=mean_interval(random[:, 1] - found[:, 1], whose, _RESAMPLES),
                insertion_gain=mean_interval(found[:, 2] - random[:, 2], whose, _RESAMPLES),
                cover_over_mean=None
                if mean is None
                else mean_interval(found[:, 3] - mean[:, 3], whose, _RESAMPLES),
                deletion_over_mean=(
                    None
                    if mean is None
                    else mean_interval(mean[:, 1] - found[:, 1], whose, _RESAMPLES)
                ),
                insertion_over_mean=(
                    None
                    if mean is None
                    else mean_interval(found[:, 2] - mean[:, 2], whose, _RESAMPLES)
                ),
                outside=(
                    mean_interval(
                        found[seen, 4],
                        [w for w, s in zip(whose, seen, strict=True) if s],
                        _RESAMPLES,
                    )
                    if seen.any()
                    else None
                ),
                randomized=mean_of(rows.sanity.get(method, [])),
            )
        )
    return tuple(results)


def _looked_at(method: str, layer: str) -> str:
    chosen = EXPLANATIONS.get(method)
    by_input = isinstance(chosen, InputExplanation) and not chosen.uses_last_layer
    return INPUT if by_input else layer


def _on_same_images(baseline: Values, found: Values) -> Values:
    return baseline[np.isin(baseline[:, 0], found[:, 0])]
