"""Maps that look at nothing, or at no image in particular: what a heatmap has to do better than."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from xray_app.cards import model_input, to_model_size
from xray_app.core import FloatArray, Progress, Reporter, Saliency, silent
from xray_app.diagnosis import DEFAULT_EXPLANATION
from xray_app.engines import Engine
from xray_app.evaluation.faithfulness.maps import maps_of
from xray_app.evaluation.labelled_images import has_split, open_split

RANDOM, CENTRE, MEAN = "random", "centre", "mean"
BASELINES = {
    RANDOM: "Random map",
    CENTRE: "Blob in the middle",
    MEAN: "Mean map of the training images",
}
TRAINING = "train"
_IMAGES = 200


def mean_maps(
    engine: Engine, data: Path, layers: tuple[str, ...], progress: Reporter = silent
) -> Mapping[str, FloatArray]:
    """The mean map of the training images by layer, (h, w) each: the strongest map that is blind.

    It is that of the default explanation of the predicted class, each map scaled to its own peak,
    over at most 200 images spread evenly.

    Args:
        engine: any engine.
        data: folder or zip of ``split/CLASS/file``.
        layers: of the engine's.
        progress: is told how many images are done.

    Returns:
        Nothing where the data have no ``train/``, or all its maps are empty.

    Raises:
        InputError: the data are not as expected.
        EngineError: the model failed.
    """
    if not has_split(data, TRAINING):
        return {}
    found: dict[str, list[FloatArray]] = {layer: [] for layer in layers}
    with open_split(data, TRAINING, engine.card) as split:
        part = split.spread(_IMAGES)
        for place, radiograph in enumerate(part.radiographs(), start=1):
            array = model_input(engine.card, to_model_size(engine.card, radiograph)).array
            for layer in layers:
                _, maps = maps_of(engine, array, (DEFAULT_EXPLANATION,), layer=layer)
                saliency = maps[DEFAULT_EXPLANATION]
                if not saliency.is_empty:
                    found[layer].append(saliency.map / np.float32(saliency.peak))
            progress(Progress(place, len(part), stage="the mean map"))
    return {layer: np.mean(maps, axis=0) for layer, maps in found.items() if maps}


def blind_maps(
    shape: tuple[int, int], mean: FloatArray | None, rng: np.random.Generator
) -> dict[str, FloatArray]:
    """The baselines at the size of the maps that they are compared with, (h, w) each.

    Args:
        shape: of the maps.
        mean: the mean map at that size; None where there is none.
        rng: for the random map.
    """
    height, width = shape
    y, x = np.mgrid[0:height, 0:width]
    middle = (y - (height - 1) / 2) ** 2 + (x - (width - 1) / 2) ** 2
    found = {
        RANDOM: rng.random(shape).astype(np.float32),
        CENTRE: np.exp(-middle / (height * width / 8)).astype(np.float32),
    }
    return found | ({} if mean is None else {MEAN: mean})


def as_saliency(method: str, target: str, values: FloatArray) -> Saliency:
    """A baseline in the form of a map."""
    return Saliency(method, "", target, values, float(values.max()), "")
