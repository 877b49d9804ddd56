"""How fast each scale is learned: training that is slower, not only worse at its end."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xray_app.core.normalization import parse_scheme
from xray_app.study.records import Run

Curve = NDArray[np.float64]
# On a plateau the very lowest value is an accident of its epoch.
_NEAR = 1.02


@dataclass(frozen=True, slots=True)
class Pace:
    """Epochs after which each scale has reached one validation loss, which all of them reach.

    Attributes:
        epochs: by scheme, linear between epochs; 1 where the first epoch was low enough.
        loss: the one to reach: 2 % above the lowest of the scale that got least low.
        of: epochs that all were trained for.
        left_out: scales of which a run stopped early, or that were not to count.
    """

    epochs: dict[str, float]
    loss: float
    of: int
    left_out: tuple[str, ...]

    @property
    def quickest(self) -> str:
        """The scale that was there first."""
        return min(self.epochs, key=self.epochs.__getitem__)

    @property
    def slowest(self) -> str:
        """The scale that was there last."""
        return max(self.epochs, key=self.epochs.__getitem__)


def pace(runs: Mapping[str, tuple[Run, ...]], without: Collection[str] = ()) -> Pace | None:
    """Compare the scales of a regime; None if fewer than two have curves.

    Contrast is left out: another contrast is another image, a scale is the same one.

    Args:
        runs: of each scheme, one a seed.
        without: schemes not to count.
    """
    scales = {s: r for s, r in runs.items() if parse_scheme(s).contrast.name == "none"}
    longest = max((len(run.epochs) for found in scales.values() for run in found), default=0)
    curves = {
        scheme: curve
        for scheme, found in scales.items()
        if scheme not in without and (curve := _lowest_so_far(found, longest)) is not None
    }
    if len(curves) < 2:
        return None
    loss = _NEAR * max(float(curve[-1]) for curve in curves.values())
    left_out = tuple(scheme for scheme in scales if scheme not in curves)
    epochs = {scheme: _reached(curve, loss) for scheme, curve in curves.items()}
    return Pace(epochs, loss, longest, left_out)


def _lowest_so_far(runs: tuple[Run, ...], epochs: int) -> Curve | None:
    """Lowest mean validation loss after epoch 1, 2, ...; None if a run ended before the others."""
    if not epochs or any(len(run.epochs) < epochs for run in runs):
        return None
    rows = [[e.validation_loss for e in run.epochs] for run in runs]
    losses = np.array([[np.inf if v is None else v for v in row] for row in rows], np.float64)
    lowest = np.minimum.accumulate(losses.mean(axis=0))
    return lowest if np.isfinite(lowest[-1]) else None


def _reached(lowest: Curve, loss: float) -> float:
    first = int(np.argmax(lowest <= loss))
    if first == 0 or not np.isfinite(lowest[first - 1]):
        return float(first + 1)
    above, below = lowest[first - 1], lowest[first]
    return float(first + (above - loss) / (above - below))
