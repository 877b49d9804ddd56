"""Everything that the model card shows: measured in one go and written beside the weights."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from xray_app.cards import (
    EVALUATION_FILE,
    Evaluation,
    Metric,
    ModelCard,
    ModelEvaluation,
    OtherPopulation,
    Repetition,
    trained_scheme,
    update_card,
)
from xray_app.core import InputError, Progress, Reporter, json_text, positive_probability, silent
from xray_app.core.normalization import paired, parse_scheme
from xray_app.diagnosis import calibrate_logits
from xray_app.engines import CARD_FILE, Engine
from xray_app.evaluation.calibration import calibrate
from xray_app.evaluation.class_stability import ANY, measure_class_stability
from xray_app.evaluation.evaluation import evaluate_logits, without_curves
from xray_app.evaluation.figures import FIGURES, threshold_of
from xray_app.evaluation.labelled_images import LabelledImages, open_split
from xray_app.evaluation.repeatability import exact_interval, repeatability
from xray_app.evaluation.scoring import displays_of, logits_of
from xray_app.readers import open_image_files, radiographs_ahead

FLIPS = "Class flips under one of the changes that mean nothing, fraction of images"
_OTHER_SCALES = ("rescale", "signed", "raw", "imagenet", "zscore")
_OTHER_CONTRASTS = ("percentile", "clahe")  # at the model's own scale
_IN_CARD = (
    "auc",
    "accuracy",
    "sensitivity",
    "specificity",
    "kinds_auc",
    "ece",
    "ece_positive",
    "set_coverage",
    "set_size",
)


def measure(
    engine: Engine,
    data: Path,
    full_size: Path | None = None,
    adults: Path | None = None,
    inside: Path | None = None,
    progress: Reporter = silent,
    schemes: Sequence[str] = (),
) -> tuple[ModelCard, ModelEvaluation]:
    """Calibrate on ``val/``, then report on ``test/``: figures, failure modes, repeatability.

    Args:
        engine: any engine.
        data: folder or zip of ``split/CLASS/file``.
        full_size: folder or zip of radiographs as a user would upload them.
        adults: folder or zip with ``no_finding/``: radiographs labelled as without one.
        inside: folder or zip with ``test/``: held back of the source that it was trained on, where
            ``data`` has another source's.
        progress: is told what is being done and how far it is.
        schemes: what ``test/`` is fed as beside what every model is fed.

    Returns:
        The card with calibration, threshold and metrics, and the record.

    Raises:
        InputError: the data are not there or not as expected.
        UnknownChoice: a scheme that does not exist.
        EngineError: the model failed.
    """
    fed = tuple(dict.fromkeys((*other_schemes(engine.card), *_names(engine.card, schemes))))
    calibrated = calibrate(engine, data, progress=progress)
    card = calibrated.card
    with open_split(data, "test", card) as images:
        evaluations = _evaluations(engine, card, images, fed, progress)
        part = images.part(slice(None, None, 3))
        name = f"every third image of test/ in {images.data}"
        repeated = repeatability(engine, card, part.radiographs, name, progress)
        stable = measure_class_stability(engine, card, images, progress)
    if full_size:
        repeated += _repeat_full_size(engine, card, full_size, progress)
    record = ModelEvaluation(
        format=2,
        command=_command(card, data, full_size, adults, inside, schemes),
        inside=_of_its_source(engine, card, inside, progress) if inside else None,
        calibration=calibrated.trial,
        evaluations=evaluations,
        repeatability=repeated,
        class_stability=stable,
        other_populations=(_healthy_adults(engine, card, adults, progress),) if adults else (),
    )
    return card.model_copy(update={"metrics": _metrics(record)}), record


def write_measured(folder: Path, card: ModelCard, record: ModelEvaluation | None) -> None:
    """Write the record, and the card's calibration, threshold and metrics, into a model's folder.

    The rest of the card's file is kept as it is.

    Raises:
        CardError: the card there can't be read. InputError: the folder can't be written to.
    """
    measured = card.model_dump(mode="json", exclude_none=True)
    names = ("calibration", "threshold", "conformal", *(("metrics",) if record else ()))
    beside = {EVALUATION_FILE: json_text(record.model_dump(mode="json"))} if record else {}
    fields = {name: measured.get(name) for name in names}
    update_card(folder / CARD_FILE, fields, beside)


def _evaluations(
    engine: Engine,
    card: ModelCard,
    images: LabelledImages,
    others: Sequence[str],
    progress: Reporter,
) -> tuple[Evaluation, ...]:
    trained = card.contract.scheme
    found = []
    for name in (trained, *others):
        logits = logits_of(
            engine,
            displays_of(engine, images.radiographs()),
            parse_scheme(name),
            _steps(progress, f"test, {name}", len(images)),
        )
        evaluation = evaluate_logits(card, images, logits, name)
        found.append(evaluation if name == trained else without_curves(evaluation))
    negatives = (np.float32(1.0) - x for x in displays_of(engine, images.radiographs()))
    logits = logits_of(
        engine, negatives, parse_scheme(trained), _steps(progress, "test, negative", len(images))
    )
    negative = evaluate_logits(card, images, logits, trained, "photographic negative, as trained")
    return (*found, without_curves(negative))


def other_schemes(card: ModelCard) -> tuple[str, ...]:
    """Scales that people feed instead of the model's own, and other contrasts at its own."""
    trained = trained_scheme(card)
    own = (paired(contrast, trained.scale.name).name for contrast in _OTHER_CONTRASTS)
    return tuple(name for name in (*_OTHER_SCALES, *own) if name != trained.name)


def _names(card: ModelCard, schemes: Sequence[str]) -> list[str]:
    named = [parse_scheme(scheme).name for scheme in schemes]
    return [name for name in named if name != trained_scheme(card).name]


def _of_its_source(engine: Engine, card: ModelCard, data: Path, progress: Reporter) -> Evaluation:
    with open_split(data, "test", card) as images:
        displays = displays_of(engine, images.radiographs())
        told = _steps(progress, "its own source", len(images))
        logits = logits_of(engine, displays, trained_scheme(card), told)
        found = evaluate_logits(card, images, logits, card.contract.scheme)
    return without_curves(found)


def _repeat_full_size(
    engine: Engine, card: ModelCard, full_size: Path, progress: Reporter
) -> tuple[Repetition, ...]:
    with open_image_files(full_size) as files:
        if not files.names:
            raise InputError(f"Expected radiographs in {full_size.name}, found none.")
        return repeatability(
            engine,
            card,
            lambda: radiographs_ahead(files.read, files.names),
            f"full-size radiographs in {full_size.name}",
            progress,
        )


def _healthy_adults(
    engine: Engine, card: ModelCard, adults: Path, progress: Reporter
) -> OtherPopulation:
    with open_image_files(adults) as files:
        healthy = [name for name in files.names if "no_finding/" in name]
        if not healthy:
            raise InputError(f"Expected images in no_finding/ in {adults.name}, found none.")
        logits = logits_of(
            engine,
            displays_of(engine, radiographs_ahead(files.read, healthy)),
            trained_scheme(card),
            _steps(progress, "other people", len(healthy)),
        )
    called = positive_probability(calibrate_logits(card, logits)) >= threshold_of(card)
    return OtherPopulation(
        data=f"no_finding/ in {adults.name}",
        images=len(healthy),
        called_positive=exact_interval(int(called.sum()), len(healthy)),
    )


def _metrics(record: ModelEvaluation) -> tuple[Metric, ...]:
    first = record.evaluations[0]
    images = f"{sum(first.images.values())} images of {first.data}, {first.split}/"
    rows = [(FIGURES[name], first, name) for name in _IN_CARD if name in first.figures]
    rows += [(f"AUC, {e.condition}", e, "auc") for e in record.evaluations[1:]]
    figures = [(label, evaluation.figures[name], images) for label, evaluation, name in rows]
    figures += [(FLIPS, row.rate, images) for row in record.class_stability if row.change == ANY]
    if record.inside is not None:
        of = f"{sum(record.inside.images.values())} images of {record.inside.data}, its own source"
        figures.append(("AUC, held back of its own source", record.inside.figures["auc"], of))
    return tuple(
        Metric(
            name=label,
            value=figure.value,
            low=figure.low,
            high=figure.high,
            test_set=test_set,
            command=record.command,
        )
        for label, figure, test_set in figures
    )


def _command(
    card: ModelCard,
    data: Path,
    full_size: Path | None,
    adults: Path | None,
    inside: Path | None,
    schemes: Sequence[str],
) -> str:
    words = ["python -m xray_app measure", data.name, "--model", card.name]
    words += ["--full-size", full_size.name] if full_size else []
    words += ["--adults", adults.name] if adults else []
    words += ["--inside", inside.name] if inside else []
    words += ["--schemes", ",".join(schemes)] if schemes else []
    return " ".join(words)


def _steps(progress: Reporter, what: str, total: int) -> Callable[[int], None]:
    return lambda done: progress(Progress(done, total, stage=what))
