"""The straight line that a chain of layers applies to each channel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Of the largest output; below that an offset is rounding in float32, or float16's next to nothing.
_ROUNDING = 1e-6

Channels = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Affine:
    """The map ``output = gain * input + offset``, one number a channel.

    ``deviation`` is the largest departure from that line, in units of the output.
    """

    gain: Channels
    offset: Channels
    deviation: float


def fit_affine(received: NDArray[np.float64], output: NDArray[np.float64]) -> Affine:
    """Fit gain and offset by least squares, a channel; one that never changes has gain 0.

    Args:
        received: (N, C) or (N, 1) float64, what went in.
        output: (N, C) float64, what came out.

    >>> import numpy as np
    >>> received = np.array([[0.0], [1.0], [2.0]])
    >>> fit_affine(received, 2.0 * received + 1.0)
    Affine(gain=(2.0,), offset=(1.0,), deviation=0.0)
    """
    x, y = np.broadcast_arrays(received - received.mean(axis=0), output)
    variance = (x * x).sum(axis=0)
    gain = np.divide((x * y).sum(axis=0), variance, out=np.zeros(x.shape[1]), where=variance > 0.0)
    offset = output.mean(axis=0) - gain * received.mean(axis=0)
    offset = np.where(np.abs(offset) < _ROUNDING * np.abs(output).max(), 0.0, offset)
    line = received * gain + offset
    return Affine(
        tuple(map(float, gain)), tuple(map(float, offset)), float(np.abs(output - line).max())
    )
