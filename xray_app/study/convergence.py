"""How many epochs a scale costs: training that is slower, not only worse at its end."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xray_app.core.normalization import parse_scheme
from xray_app.study.records import Run, Study

Curve = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lag:
    """A scale behind the quickest of its regime.

    Attributes:
        scheme, reference: the slower and the quickest, that with the lowest validation loss.
        epochs: from when the reference was as low as the scheme ever got until the scheme was.
        of: epochs that both were trained for.
    """

    scheme: str
    reference: str
    epochs: float
    of: int


def lags(study: Study, regime: str) -> tuple[Lag, ...]:
    """Measure each scale of a regime against the quickest, slowest first.

    Contrast is left out: another contrast is another image, a scale is the same one. The loss is
    the lowest so far, the mean over the seeds, linear between epochs; an infinite one is never the
    lowest.
    """
    curves = {
        scheme: curve
        for scheme in study.schemes
        if parse_scheme(scheme).contrast.name == "none"
        and (curve := _lowest_so_far(study.of(regime, scheme))) is not None
    }
    if len(curves) < 2:
        return ()
    reference = min(curves, key=lambda scheme: curves[scheme][-1])
    best = curves[reference]
    found = (
        Lag(scheme, reference, _reached(curve, curve[-1]) - _reached(best, curve[-1]), len(curve))
        for scheme, curve in curves.items()
        if scheme != reference and len(curve) == len(best)
    )
    return tuple(sorted(found, key=lambda lag: -lag.epochs))


def _lowest_so_far(runs: tuple[Run, ...]) -> Curve | None:
    """Lowest validation loss after epoch 1, 2, ...; None where a run has none or ended early."""
    rows = [[e.validation_loss for e in run.epochs] for run in runs]
    if not rows or not rows[0] or len({len(row) for row in rows}) > 1:
        return None
    losses = np.array([[np.inf if v is None else v for v in row] for row in rows], np.float64)
    lowest = np.minimum.accumulate(losses.mean(axis=0))
    return lowest if np.isfinite(lowest[-1]) else None


def _reached(lowest: Curve, loss: float) -> float:
    """Epoch at which a falling curve reached a loss; 1 where its first epoch had it."""
    first = int(np.argmax(lowest <= loss))
    if first == 0 or not np.isfinite(lowest[first - 1]):
        return float(first + 1)
    above, below = lowest[first - 1], lowest[first]
    return float(first + (above - loss) / (above - below))
