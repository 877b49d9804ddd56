"""The study's results: what ``study.json`` holds. Plain records, read without Keras."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from xray_app.core import InputError, Interval, read_record

FORMAT = 1
_DIGITS = 5
_CHECKED = {"extra": "forbid", "strict": True}  # by pydantic, in the records inside as well


@dataclass(frozen=True, slots=True)
class Cell:
    """One trained model under one inference scheme, on the test split.

    Attributes:
        scheme: what the model was fed, whatever it was trained on.
        auc, accuracy, sensitivity, specificity: positive against the negative class, at 0.5.
        ece: expected calibration error of the probability of being positive, 15 equal bins.
    """

    scheme: str
    auc: Interval
    accuracy: Interval
    sensitivity: Interval
    specificity: Interval
    ece: Interval


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """One epoch of training.

    Attributes:
        epoch: from 1; 0 is before the first step, with neither loss nor gradient.
        loss: mean cross-entropy over the training batches; None when it was not finite.
        validation_loss: cross-entropy on the validation split; None when it was not finite.
        validation_auc: positive against negative on the validation split.
        gradient_norm: mean over the steps of the L2 norm of the gradient at the first layer's
            kernel; None where that layer is frozen or the norm was not finite.
    """

    epoch: int
    loss: float | None
    validation_loss: float | None
    validation_auc: float
    gradient_norm: float | None


@dataclass(frozen=True, slots=True)
class Run:
    """One training: a regime, a scheme, a seed.

    Attributes:
        diverged: the loss stopped being finite, and training stopped there.
        cells: the row of the train x inference matrix, one cell a scheme.
        initial: validation before the first step; None in studies that did not record it.
    """

    regime: str
    scheme: str
    seed: int
    diverged: bool
    epochs: tuple[EpochRecord, ...]
    cells: tuple[Cell, ...]
    initial: EpochRecord | None = None

    __pydantic_config__ = _CHECKED

    def was_fed(self, scheme: str) -> bool:
        """True if the run was evaluated under a scheme; one may come to a study later."""
        return any(cell.scheme == scheme for cell in self.cells)

    def cell(self, scheme: str) -> Cell:
        """Return the cell of an inference scheme.

        Raises:
            KeyError: the run was not evaluated under it.
        """
        for cell in self.cells:
            if cell.scheme == scheme:
                return cell
        raise KeyError(scheme)


@dataclass(frozen=True, slots=True)
class Study:
    """A whole study.

    Attributes:
        format: version of this record.
        architecture, size: the network and its input, H = W pixels; never to be shown as another.
        parameters: of the network with BatchNorm.
        classes: names in output order; the first is the negative one.
        data: name of the data set and its images by split and class.
        statistics: mean and standard deviation of the training pixels, in [0, 1].
        schemes, seeds, regimes: what was asked for; ``runs`` may hold fewer while it goes on.
        regime_notes: one sentence for each regime, what exactly it is.
        settings: every other option of the recipe.
        versions: of the libraries.
        date: of the last run, ISO 8601.
        command: repeats the study.
        machine: what trained it, in words; "" in studies that did not record it.
    """

    format: int
    architecture: str
    size: int
    parameters: int
    classes: tuple[str, ...]
    data: dict[str, Any]
    statistics: dict[str, float]
    schemes: tuple[str, ...]
    seeds: tuple[int, ...]
    regimes: tuple[str, ...]
    regime_notes: dict[str, str]
    settings: dict[str, Any]
    versions: dict[str, str]
    date: str
    command: str
    runs: tuple[Run, ...]
    machine: str = ""

    __pydantic_config__ = _CHECKED

    @property
    def title(self) -> str:
        """What tells this study from others: network, size, and whether it scales by itself."""
        own = ", scaling bytes by itself" if self.rescales else ""
        return f"{self.architecture} at {self.size} × {self.size} pixels{own}"

    @property
    def is_complete(self) -> bool:
        """True when every regime, scheme and seed that was asked for has its run."""
        return len(self.runs) == len(self.schemes) * len(self.seeds) * len(self.regimes)

    @property
    def rescales(self) -> bool:
        """True if the networks scale bytes by themselves, so that schemes come on top of that."""
        return bool(self.settings.get("keep_preprocessing"))

    def of(self, regime: str, scheme: str | None = None) -> tuple[Run, ...]:
        """Runs of a regime, of all schemes or of one."""
        return tuple(
            r for r in self.runs if r.regime == regime and (scheme is None or r.scheme == scheme)
        )

    def figure(self, regime: str, trained: str, fed: str, metric: str) -> float | None:
        """Mean over the seeds of one figure of one matrix cell; None before its first run."""
        runs = [run for run in self.of(regime, trained) if run.was_fed(fed)]
        values = [getattr(run.cell(fed), metric).value for run in runs]
        return math.fsum(values) / len(values) if values else None

    def matrix(self, regime: str, metric: str) -> tuple[tuple[float | None, ...], ...]:
        """Mean over the seeds: rows are the training schemes, columns the inference schemes."""
        return tuple(
            tuple(self.figure(regime, trained, fed, metric) for fed in self.schemes)
            for trained in self.schemes
        )


def mean_over_seeds(runs: Sequence[Run], metric: str) -> Interval:
    """Mean over runs of one scheme, fed as trained, of a figure and of its interval's ends."""
    found: list[Interval] = [getattr(run.cell(run.scheme), metric) for run in runs]
    value, low, high = (
        math.fsum(getattr(i, end) for i in found) / len(found) for end in ("value", "low", "high")
    )
    return Interval(value, low, high)


def to_plain(record: Any) -> Any:
    """Turn a record into plain values for JSON; figures keep five significant digits."""
    return _rounded(asdict(record))


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    return value


def read_study(path: Path) -> Study:
    """Read ``study.json``.

    Raises:
        InputError: it can't be read, or a field is missing or wrong.
    """
    study = read_record(path, Study, what="study", error=InputError)
    if study.format != FORMAT:
        raise InputError(f"{path.name}: expected format {FORMAT}, received {study.format}.")
    return study


def read_run(path: Path) -> Run:
    """Read the file of one run.

    Raises:
        InputError: it can't be read, or a field is missing or wrong.
    """
    return read_record(
        path, Run, what="run", advice="delete it to train it again", error=InputError
    )
