"""Do the places that a heatmap names matter to the model?

Deletion blurs the highest places first and insertion restores them first (Petsiuk et al. 2018,
section 4.3); a faithful map makes the class's probability fall, or rise, sooner than a random map
or a blob in the middle does. Randomization (Adebayo et al. 2018, section 3) gives the last layer
other weights: a map that stays the same does not show the model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from xray_app.cards import model_input, to_model_size, trained_scheme
from xray_app.core import (
    FloatArray,
    Interval,
    Progress,
    Reporter,
    Saliency,
    Values,
    interval,
    silent,
    softmax,
)
from xray_app.engines import Engine
from xray_app.evaluation.faithfulness.maps import maps_of
from xray_app.evaluation.labelled_images import open_split
from xray_app.evaluation.scoring import logits_of
from xray_app.explain import (
    CLASS_ACTIVATIONS,
    EXPLANATIONS,
    body_mask,
    explain,
    mean_of,
    place_evidence,
    rank_correlation,
)

RANDOM, CENTRE = "random", "centre"
BASELINES = {RANDOM: "Random map", CENTRE: "Blob in the middle"}
_FRACTIONS = np.linspace(0.0, 1.0, 7)
_BLUR = 16.0
_RESAMPLES, _SEED = 2000, 0


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """One map's figures, means over the images with 95 % bootstrap intervals.

    Attributes:
        method: a key of ``EXPLANATIONS`` or of ``BASELINES``.
        images: how many it was judged on; fewer for a slow method.
        deletion: area under the model's own probability while places are blurred; low is faithful.
        insertion: area under it while they are restored; high is faithful.
        deletion_gain, insertion_gain: how far it is better than the random map, image by image.
        outside: fraction of its positive evidence outside the body; None if all maps are empty.
        randomized: rank correlation with the map after the last layer's weights were shuffled;
            near 0 is as it should be. None for a baseline, and for a slow method: see the cascade.
    """

    method: str
    images: int
    deletion: Interval
    insertion: Interval
    deletion_gain: Interval
    insertion_gain: Interval
    outside: Interval | None
    randomized: float | None

    @property
    def beats_random(self) -> bool:
        """Whether both curves are better than the random map's, beyond their intervals."""
        return self.deletion_gain.low > 0.0 and self.insertion_gain.low > 0.0


def measure_faithfulness(
    engine: Engine,
    data: Path,
    images: int = 100,
    slow_images: int = 20,
    progress: Reporter = silent,
) -> tuple[Faithfulness, ...]:
    """Judge every explanation, at the last layer and fed as trained, on test images.

    Args:
        engine: any engine.
        data: folder or zip of ``split/CLASS/file``.
        images: how many, spread evenly over ``test/``.
        slow_images: how many of those, again spread evenly, for the methods that take seconds.
        progress: is told how many images are done.

    Raises:
        InputError: the data are not there or not as expected.
        EngineError: the model failed.
    """
    rng = np.random.default_rng(_SEED)
    figures: dict[str, list[tuple[float, ...]]] = {m: [] for m in (*EXPLANATIONS, *BASELINES)}
    sanity: dict[str, list[float]] = {m: [] for m in CLASS_ACTIVATIONS}
    with open_split(data, "test", engine.card) as split:
        chosen = split.spread(images)
        slow_step = max(1, len(chosen) // max(1, slow_images))
        for place, radiograph in enumerate(chosen.radiographs()):
            slow = place % slow_step == 0 and place // slow_step < slow_images
            display = to_model_size(engine.card, radiograph)
            array = model_input(engine.card, display).array
            target, maps = _maps(engine, array, rng, slow=slow)
            for method, row in _figures(engine, display, target, maps).items():
                figures[method].append((place, *row))
            for method, correlation in _shuffled(engine, array, target, maps, rng).items():
                sanity[method].append(correlation)
            progress(Progress(place + 1, len(chosen), stage="deletion and insertion"))
    return _summary({m: np.array(rows) for m, rows in figures.items() if rows}, sanity)


def order_of(saliency: FloatArray, shape: tuple[int, ...], rng: np.random.Generator) -> Values:
    """Rank in [0, 1) of every pixel of ``shape``, 0 the most salient.

    The map is stretched bilinearly; cells without evidence come last, in random order.
    """
    height, width = shape
    scale = max(float(saliency.max()), 1e-12)
    # Far too little to change the order of two cells with evidence.
    tied = saliency / scale + 1e-6 * rng.random(saliency.shape)
    smooth = Image.fromarray(np.asarray(tied, np.float32)).resize(
        (width, height), Image.Resampling.BILINEAR
    )
    ranks = np.argsort(np.argsort(-np.asarray(smooth).ravel(), kind="stable"), kind="stable")
    return np.asarray(ranks.reshape(height, width) / ranks.size, np.float64)


def _maps(
    engine: Engine, array: FloatArray, rng: np.random.Generator, *, slow: bool
) -> tuple[str, dict[str, Saliency]]:
    target, maps = maps_of(engine, array, EXPLANATIONS if slow else CLASS_ACTIVATIONS)
    height, width = next(iter(maps.values())).map.shape
    y, x = np.mgrid[0:height, 0:width]
    middle = (y - (height - 1) / 2) ** 2 + (x - (width - 1) / 2) ** 2
    blind = {
        RANDOM: rng.random((height, width)),
        CENTRE: np.exp(-middle / (height * width / 8)),
    }
    for method, values in blind.items():
        maps[method] = Saliency(method, "", target, values.astype(np.float32), 1.0, "")
    return target, maps


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


def _figures(
    engine: Engine, display: FloatArray, target: str, maps: Mapping[str, Saliency]
) -> dict[str, tuple[float, float, float]]:
    """(deletion, insertion, fraction outside the body) of each map; nan if the map is empty."""
    areas = _areas(engine, display, engine.card.class_names.index(target), maps)
    mask = body_mask(display)
    placed = {method: place_evidence(saliency, mask) for method, saliency in maps.items()}
    return {
        method: (*areas[method], place.outside if place else np.nan)
        for method, place in placed.items()
    }


def _areas(
    engine: Engine, display: FloatArray, target: int, maps: Mapping[str, Saliency]
) -> dict[str, tuple[float, float]]:
    """(deletion, insertion) of each map; maps with the same order of cells are run once."""
    from skimage.filters import gaussian

    blurred = np.asarray(gaussian(display, sigma=_BLUR, preserve_range=True), np.float32)
    # The same ties for all maps, so that equal maps have equal orders.
    orders = {
        method: order_of(saliency.map, display.shape, np.random.default_rng(_SEED))
        for method, saliency in maps.items()
    }
    distinct = {order.tobytes(): order for order in orders.values()}
    versions = [display, blurred]
    for order in distinct.values():
        versions += [np.where(order < fraction, blurred, display) for fraction in _FRACTIONS[1:-1]]
        versions += [np.where(order < fraction, display, blurred) for fraction in _FRACTIONS[1:-1]]
    logits = logits_of(engine, versions, trained_scheme(engine.card))
    probabilities = softmax(logits)[:, target]
    whole, none = probabilities[:2]
    pairs = probabilities[2:].reshape(len(distinct), 2, -1)
    found = {
        key: (
            float(np.trapezoid([whole, *deletion, none], _FRACTIONS)),
            float(np.trapezoid([none, *insertion, whole], _FRACTIONS)),
        )
        for key, (deletion, insertion) in zip(distinct, pairs, strict=True)
    }
    return {method: found[order.tobytes()] for method, order in orders.items()}


def _summary(
    figures: Mapping[str, Values], sanity: Mapping[str, list[float]]
) -> tuple[Faithfulness, ...]:
    """The means; ``figures`` holds a row (place, deletion, insertion, outside) an image."""
    random = figures[RANDOM]
    results = []
    for method, rows in figures.items():
        same_images = random[np.isin(random[:, 0], rows[:, 0])]
        outside = rows[~np.isnan(rows[:, 3]), 3]
        results.append(
            Faithfulness(
                method=method,
                images=len(rows),
                deletion=_mean_interval(rows[:, 1]),
                insertion=_mean_interval(rows[:, 2]),
                deletion_gain=_mean_interval(same_images[:, 1] - rows[:, 1]),
                insertion_gain=_mean_interval(rows[:, 2] - same_images[:, 2]),
                outside=_mean_interval(outside) if len(outside) else None,
                randomized=mean_of(sanity.get(method, [])),
            )
        )
    return tuple(results)


def _mean_interval(values: Values) -> Interval:
    """Mean of at least one value with its 95 % bootstrap interval over the images."""
    draws = np.random.default_rng(_SEED).integers(len(values), size=(_RESAMPLES, len(values)))
    found = interval(float(values.mean()), values[draws].mean(axis=1))
    return Interval(round(found.value, 4), round(found.low, 4), round(found.high, 4))
