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

from xray_app.core.calibration import softmax
from xray_app.core.classifier_metrics import Interval, Values, interval
from xray_app.core.normalization import normalize, parse_scheme
from xray_app.core.records import FloatArray
from xray_app.engines.protocol import Engine
from xray_app.explain.class_activation import EXPLANATIONS, explain
from xray_app.services.agreement import rank_correlation
from xray_app.services.labelled_images import open_split
from xray_app.services.passes import to_model_size
from xray_app.services.scoring import Progress, logits_of, no_progress

RANDOM, CENTRE = "random", "centre"
BASELINES = {RANDOM: "Random map", CENTRE: "Blob in the middle"}
_SHARES = np.linspace(0.0, 1.0, 7)
_BLUR = 16.0
_RESAMPLES, _SEED = 2000, 0


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """One map's figures, means over the images with 95 % bootstrap intervals.

    Attributes:
        method: a key of ``EXPLANATIONS`` or of ``BASELINES``.
        deletion: area under the model's own probability while places are blurred; low is faithful.
        insertion: area under it while they are restored; high is faithful.
        deletion_gain, insertion_gain: how far it is better than the random map, image by image.
        randomized: rank correlation with the map after the last layer's weights were shuffled;
            near 0 is sound. None for a baseline.
    """

    method: str
    images: int
    deletion: Interval
    insertion: Interval
    deletion_gain: Interval
    insertion_gain: Interval
    randomized: float | None

    @property
    def beats_random(self) -> bool:
        """Whether both curves are better than the random map's, beyond their intervals."""
        return self.deletion_gain.low > 0.0 and self.insertion_gain.low > 0.0


def faithfulness(
    engine: Engine, data: Path, images: int = 100, progress: Progress = no_progress
) -> tuple[Faithfulness, ...]:
    """Judge every explanation, at the last layer and fed as trained, on test images.

    Args:
        engine: any engine.
        data: folder or zip of ``split/CLASS/file``.
        images: how many, spread evenly over ``test/``.
        progress: is told how many images are done.

    Raises:
        InputError: the data are not there or not as expected.
        EngineError: the model failed.
    """
    rng = np.random.default_rng(_SEED)
    areas: dict[str, list[tuple[float, float]]] = {m: [] for m in (*EXPLANATIONS, *BASELINES)}
    sanity: dict[str, list[float]] = {m: [] for m in EXPLANATIONS}
    with open_split(data, "test", engine.card) as split:
        step = max(1, len(split) // images)
        chosen = split.part(slice(None, step * images, step))
        for done, radiograph in enumerate(chosen.radiographs(), start=1):
            display = to_model_size(engine, radiograph)
            target, maps, shuffled = _maps(engine, display, rng)
            found = _areas(engine, display, target, maps)
            for method, pair in found.items():
                areas[method].append(pair)
            for method, correlation in shuffled.items():
                sanity[method].append(correlation)
            progress("test images", done, len(chosen))
    return _summary({m: np.array(pairs) for m, pairs in areas.items()}, sanity)


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
    engine: Engine, display: FloatArray, rng: np.random.Generator
) -> tuple[int, dict[str, FloatArray], dict[str, float]]:
    card = engine.card
    scheme = parse_scheme(card.contract.scheme)
    array = normalize(display, scheme, card.contract.statistics).array
    forward = engine.forward(array[np.newaxis])
    target = int(forward.logits[0].argmax())
    activations = forward.activations[0]
    gradients = engine.head_gradients(forward.activations, (target,))[0]
    # Other weights of the same size: a channel speaks for what another spoke for.
    other = gradients[..., rng.permutation(gradients.shape[-1])]
    maps: dict[str, FloatArray] = {}
    shuffled: dict[str, float] = {}
    for method in EXPLANATIONS:
        name = card.class_names[target]
        saliency = explain(method, engine.layers[0], name, activations, gradients)
        random_head = explain(method, engine.layers[0], name, activations, other)
        maps[method] = saliency.map
        correlation = rank_correlation(saliency, random_head)
        if correlation is not None:
            shuffled[method] = correlation
    height, width = activations.shape[:2]
    maps[RANDOM] = rng.random((height, width)).astype(np.float32)
    y, x = np.mgrid[0:height, 0:width]
    middle = (y - (height - 1) / 2) ** 2 + (x - (width - 1) / 2) ** 2
    maps[CENTRE] = np.asarray(np.exp(-middle / (height * width / 8)), np.float32)
    return target, maps, shuffled


def _areas(
    engine: Engine, display: FloatArray, target: int, maps: Mapping[str, FloatArray]
) -> dict[str, tuple[float, float]]:
    """(deletion, insertion) of each map; maps with the same order of cells are run once."""
    from skimage.filters import gaussian

    blurred = np.asarray(gaussian(display, sigma=_BLUR, preserve_range=True), np.float32)
    # The same ties for all maps, so that equal maps have equal orders.
    orders = {m: order_of(a, display.shape, np.random.default_rng(_SEED)) for m, a in maps.items()}
    distinct = {order.tobytes(): order for order in orders.values()}
    versions = [display, blurred]
    for order in distinct.values():
        versions += [np.where(order < share, blurred, display) for share in _SHARES[1:-1]]
        versions += [np.where(order < share, display, blurred) for share in _SHARES[1:-1]]
    logits = logits_of(engine, versions, parse_scheme(engine.card.contract.scheme))
    probabilities = softmax(logits)[:, target]
    whole, none = probabilities[:2]
    pairs = probabilities[2:].reshape(len(distinct), 2, -1)
    found = {
        key: (
            float(np.trapezoid([whole, *deletion, none], _SHARES)),
            float(np.trapezoid([none, *insertion, whole], _SHARES)),
        )
        for key, (deletion, insertion) in zip(distinct, pairs, strict=True)
    }
    return {method: found[order.tobytes()] for method, order in orders.items()}


def _summary(
    areas: Mapping[str, Values], sanity: Mapping[str, list[float]]
) -> tuple[Faithfulness, ...]:
    count = len(areas[RANDOM])
    rng = np.random.default_rng(_SEED)
    draws = rng.integers(count, size=(_RESAMPLES, count))

    def mean(values: Values) -> Interval:
        found = interval(float(values.mean()), values[draws].mean(axis=1))
        return Interval(round(found.value, 4), round(found.low, 4), round(found.high, 4))

    return tuple(
        Faithfulness(
            method=method,
            images=count,
            deletion=mean(pairs[:, 0]),
            insertion=mean(pairs[:, 1]),
            deletion_gain=mean(areas[RANDOM][:, 0] - pairs[:, 0]),
            insertion_gain=mean(pairs[:, 1] - areas[RANDOM][:, 1]),
            randomized=round(float(np.mean(sanity[method])), 4) if sanity.get(method) else None,
        )
        for method, pairs in areas.items()
    )
