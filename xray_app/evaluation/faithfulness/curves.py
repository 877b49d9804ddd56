"""What a model says while the places that a map names are taken away or given back."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from xray_app.cards import COVERED_PERCENT, trained_scheme
from xray_app.core import FloatArray, Saliency, Values, softmax
from xray_app.core.images import resize
from xray_app.engines import Engine
from xray_app.evaluation.scoring import logits_of

COVERED = COVERED_PERCENT / 100.0
_FRACTIONS = np.linspace(0.0, 1.0, 7)
_BLUR = 16.0
_SEED = 0


@dataclass(frozen=True, slots=True)
class Curves:
    """What was measured of one map of one image, in probabilities of the explained class.

    Attributes:
        deletion: area under the curve while the map's highest places are blurred first.
        insertion: area under it while they are restored first in a blurred image.
        cover: probability lost when the map's highest ``COVERED`` is filled with the image's mean.
    """

    deletion: float
    insertion: float
    cover: float


def order_of(saliency: FloatArray, shape: tuple[int, ...], rng: np.random.Generator) -> Values:
    """Rank in [0, 1) of every pixel of ``shape``, 0 the most salient.

    The map is stretched bilinearly; cells without evidence come last, in random order.
    """
    scale = max(float(saliency.max()), 1e-12)
    # Far too little to change the order of two cells with evidence.
    tied = saliency / scale + 1e-6 * rng.random(saliency.shape)
    height, width = shape
    smooth = resize(np.asarray(tied, np.float32), height, width)
    ranks = np.argsort(np.argsort(-smooth.ravel(), kind="stable"), kind="stable")
    return np.asarray(ranks.reshape(shape) / ranks.size, np.float64)


def curves_of(
    engine: Engine, display: FloatArray, target: int, maps: Mapping[str, Saliency]
) -> dict[str, Curves]:
    """Measure each map; maps with the same order of cells are run once.

    Args:
        engine: any engine.
        display: (H, W) float32 in [0, 1] at the model's size.
        target: position of the explained class.
        maps: by name.

    Raises:
        EngineError: the model failed.
    """
    from skimage.filters import gaussian

    blurred = np.asarray(gaussian(display, sigma=_BLUR, preserve_range=True), np.float32)
    # The same ties for all maps, so that equal maps have equal orders.
    orders = {
        name: order_of(saliency.map, display.shape, np.random.default_rng(_SEED))
        for name, saliency in maps.items()
    }
    distinct = {order.tobytes(): order for order in orders.values()}
    inner, mean = _FRACTIONS[1:-1], display.mean()
    versions = [display, blurred]
    for order in distinct.values():
        versions += [np.where(order < fraction, blurred, display) for fraction in inner]
        versions += [np.where(order < fraction, display, blurred) for fraction in inner]
        versions.append(np.where(order < COVERED, mean, display))
    probabilities = softmax(logits_of(engine, versions, trained_scheme(engine.card)))[:, target]
    whole, none = probabilities[:2]
    found = {}
    for key, row in zip(distinct, probabilities[2:].reshape(len(distinct), -1), strict=True):
        deletion, insertion = row[: len(inner)], row[len(inner) : -1]
        found[key] = Curves(
            float(np.trapezoid([whole, *deletion, none], _FRACTIONS)),
            float(np.trapezoid([none, *insertion, whole], _FRACTIONS)),
            float(whole - row[-1]),
        )
    return {name: found[order.tobytes()] for name, order in orders.items()}
