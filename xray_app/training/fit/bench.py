"""What every run of a study shares."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xray_app.core import FloatArray, Meter
from xray_app.study import Cell
from xray_app.training.data.reading import Dataset
from xray_app.training.fit.metrics import figures, outcome
from xray_app.training.fit.networks import build_network
from xray_app.training.options import StudyOptions


@dataclass(frozen=True, slots=True, eq=False)
class Bench:
    """What every run of a study shares; ``draws`` (B, N) resample the patients of test.

    ``parameters`` counts those of the network with BatchNorm.
    """

    options: StudyOptions
    dataset: Dataset
    draws: NDArray[np.float64]
    meter: Meter
    parameters: int

    def cells(self, predict: Callable[[str], FloatArray]) -> tuple[Cell, ...]:
        """Evaluate a trained model under every scheme; ``predict`` gives test probabilities."""
        test = self.dataset.test
        return tuple(
            Cell(fed, **figures(outcome(predict(fed), test.labels), test.patients, self.draws))
            for fed in self.options.schemes
        )

    def state_file(self, regime: str, scheme: str, seed: int) -> Path:
        """Where the state of an unfinished run lies."""
        return self.options.out / "states" / f"{regime}-{scheme}-{seed}.npz"


def network_of(options: StudyOptions, classes: int) -> Any:
    """Build the network of a study, fed by the scheme directly."""
    return build_network(options.arch, options.size, classes, options.dropout)
