"""Put a model to the five tests."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from xray_app.cards import ArtefactName, ArtefactRecord, ArtefactTest, model_inputs, to_model_size
from xray_app.core import (
    MOST_NORM_RATIO,
    FloatArray,
    Interval,
    Progress,
    Reporter,
    Values,
    blank_images,
    fraction_interval,
    interval,
    mean_interval,
    norm_ratios,
    resample_groups,
    silent,
)
from xray_app.engines import Engine
from xray_app.evaluation.artefacts.images import Answers, answers
from xray_app.evaluation.artefacts.words import sentence, verdict_of
from xray_app.evaluation.labelled_images import open_split

# A map that shows the image follows it into the mirror in most images; a place stays.
MIRROR = 0.5
# More must be lost under the map than under chance.
COVER = 0.0
# What surrounds the body may decide in no more than one image in twenty.
SWAP = 0.05
_RESAMPLES, _SEED = 2000, 0
_PASSES = {"yes": True, "no": False, "not shown": None, "undefined": None}


def measure_artefacts(
    engine: Engine, data: Path, images: int, command: str, progress: Reporter = silent
) -> ArtefactRecord:
    """Measure on test images, fed as trained, with the default explanation at the last layer.

    Args:
        engine: any engine.
        data: folder or zip of ``split/CLASS/file``.
        images: how many, spread evenly over ``test/``.
        command: kept in the record.
        progress: is told how many images are done.

    Raises:
        InputError: the data are not there or not as expected.
        EngineError: the model failed.
    """
    found, last, before = [], None, None
    with open_split(data, "test", engine.card) as split:
        chosen = split.spread(images)
        for place, radiograph in enumerate(chosen.radiographs()):
            display = to_model_size(engine.card, radiograph)
            if place and chosen.patients[place] != chosen.patients[place - 1]:
                before = last  # in the order of names a patient's images are neighbours
            found.append(answers(engine, display, before, place))
            last = display
            progress(Progress(place + 1, len(chosen), stage="artefact or evidence"))
    return ArtefactRecord(
        format=1,
        model=engine.card.name,
        weights_sha256=engine.card.weights.sha256,
        data=data.name,
        command=command,
        tests=_tests(engine, found, chosen.patients),
    )


def _tests(
    engine: Engine, found: Sequence[Answers], patients: Sequence[str]
) -> tuple[ArtefactTest, ...]:
    follows = [np.nan if a.follows is None else float(a.follows) for a in found]
    swapped = [np.nan if a.swapped is None else float(a.swapped) for a in found]
    mirror = _fraction(np.array(follows), patients)
    cover = mean_interval(np.array([a.cover_gain for a in found]), patients, _RESAMPLES)
    swap = _fraction(np.array(swapped), patients)
    norms = _median(np.array([a.norm_ratio for a in found]), patients)
    on_blank = blank_ratios(engine)
    blank = _median(on_blank, [str(i) for i in range(len(on_blank))])
    ratios = [a.norm_ratio for a in found]
    every = [0.0] * len(found)
    return (
        _test("mirror", mirror, MIRROR, follows),
        _test("blank", blank, MOST_NORM_RATIO, on_blank),
        _test("norms", norms, MOST_NORM_RATIO, ratios),
        _test("cover", cover, COVER, every),
        _test("swap", swap, SWAP, swapped),
    )


def blank_ratios(engine: Engine) -> Values:
    """(16,) the largest cell norm over the median's on uniform images; nan where undefined."""
    size = engine.card.input
    displays: FloatArray = blank_images(size.height, size.width)
    return norm_ratios(engine.forward(model_inputs(engine.card, displays)).activations)


def _test(
    name: ArtefactName,
    figure: Interval | None,
    threshold: float,
    values: Sequence[float] | Values,
) -> ArtefactTest:
    told = int(np.isfinite(np.asarray(values, np.float64)).sum())
    test = ArtefactTest(
        name=name,
        figure=figure,
        threshold=threshold,
        passes=_PASSES[verdict_of(name, figure, threshold)],
        images=told,
        left_out=len(values) - told,
        sentence="",
    )
    return test.model_copy(update={"sentence": sentence(test)})


def _fraction(values: Values, patients: Sequence[str]) -> Interval | None:
    """Of what is defined, how much is 1, resampled by patient; None if nothing is."""
    told = np.isfinite(values)
    if not told.any():
        return None
    whose = [p for p, t in zip(patients, told, strict=True) if t]
    return fraction_interval(values[told], whose, _RESAMPLES)


def _median(values: Values, patients: Sequence[str]) -> Interval | None:
    told = np.isfinite(values)
    if not told.any():
        return None
    whose = [p for p, t in zip(patients, told, strict=True) if t]
    counts = resample_groups(whose, _RESAMPLES, _SEED).astype(int)
    drawn = np.array([np.median(np.repeat(values[told], c)) for c in counts])
    return interval(float(np.median(values[told])), drawn).rounded()
