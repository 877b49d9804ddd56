"""How the values of an array are spread."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Statistics:
    """Minimum, maximum, mean and (population) standard deviation of an array."""

    min: float
    max: float
    mean: float
    std: float


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Counts (B,) of values between edges (B + 1,), and the statistics of those values."""

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    statistics: Statistics
