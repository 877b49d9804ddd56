"""The record of what was measured of a model, as it lies beside its weights in JSON."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from xray_app.cards.card_parts import CardRecord
from xray_app.core import Interval, ReliabilityBin, read_record

EVALUATION_FILE = "evaluation.json"
Fraction = Annotated[float, Field(ge=0.0, le=1.0)]


class PredictiveValues(CardRecord):
    """How far a positive and a negative answer can be trusted at one prevalence.

    None where the model never gives that answer.
    """

    prevalence: Fraction
    positive: Interval | None
    negative: Interval | None


class Evaluation(CardRecord):
    """Figures of one model on one labelled split under one condition.

    Attributes:
        condition: what was done to the images, such as "as trained".
        figures: by name; see ``FIGURES`` of ``evaluation.evaluation``.
        confusion: rows are the truth, columns the predicted class, in the order of ``classes``.
        roc: (1 - specificity, sensitivity); empty if left out.
        reliability: bins of the predicted class's probability, "raw" and "calibrated", and of the
            calibrated one of "positive".
        chance: of the calibration errors, what a perfectly calibrated model of the same
            probabilities shows on as many images: mean and 95 % band.
    """

    model: str
    weights_sha256: str
    data: str
    split: str
    images: dict[str, int]
    patients: int
    scheme: str
    condition: str
    threshold: Fraction
    resamples: int
    seed: int
    figures: dict[str, Interval]
    predictive_values: tuple[PredictiveValues, ...]
    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    roc: tuple[tuple[float, float], ...]
    reliability: dict[Literal["raw", "calibrated", "positive"], tuple[ReliabilityBin, ...]]
    chance: dict[str, Interval] = Field(default_factory=dict)
    command: str


class Repetition(CardRecord):
    """How often another version of the same images gets another class.

    Attributes:
        images: how many of which data; flips: how many got another class.
        rate: flips per image, with an exact interval.
        largest_change: of the probability of the class that the unchanged image gets.
    """

    change: str
    data: str
    images: int
    flips: int
    rate: Interval
    largest_change: float


class ClassFlips(CardRecord):
    """How often a change that means nothing medically gives a test image another class.

    Attributes:
        images: how many; flips: how many got another class.
        rate: flips per image, with a bootstrap interval over patients.
        largest_fall: of the probability of the class that the unchanged image gets.
    """

    change: str
    images: int
    flips: int
    rate: Interval
    largest_fall: float


class OtherPopulation(CardRecord):
    """What the model says of healthy people that it was not trained on."""

    data: str
    images: int
    called_positive: Interval


class MethodTrial(CardRecord):
    """One way to calibrate: its log loss on validation patients that it was not fitted on.

    ``noise``: rates of wrong labels that were fitted with it, if any.
    """

    method: str
    temperatures: tuple[float, ...]
    log_loss: float
    noise: tuple[float, ...] = ()


class CalibrationTrial(CardRecord):
    """How the calibration and the threshold were chosen, on the validation split alone.

    Attributes:
        accuracy: fraction of the validation images whose most probable class is the true one.
        kinds_accuracy: among those of the second and the third class, the fraction where the truth
            is the more probable of the two; None unless there are three classes.
    """

    data: str
    split: Literal["val"]
    images: int
    accuracy: Fraction
    kinds_accuracy: Fraction | None = None
    methods: tuple[MethodTrial, ...]
    chosen: str
    threshold: Fraction


class ModelEvaluation(CardRecord):
    """Everything that was measured of a model; the first evaluation is the one as trained.

    ``inside`` is of images held back of the source that the model was trained on, where the others
    are of another source.
    """

    format: Literal[1, 2]
    command: str
    calibration: CalibrationTrial
    evaluations: Annotated[tuple[Evaluation, ...], Field(min_length=1)]
    repeatability: tuple[Repetition, ...]
    other_populations: tuple[OtherPopulation, ...]
    class_stability: tuple[ClassFlips, ...] = ()
    inside: Evaluation | None = None


def read_evaluation(path: Path) -> ModelEvaluation | None:
    """Read the record at ``path``; None if there is none.

    Raises:
        CardError: it can't be read, or is not such a record.
    """
    if not path.is_file():
        return None
    advice = "run python -m xray_app measure DATA"
    return read_record(path, ModelEvaluation, what="record", advice=advice)
