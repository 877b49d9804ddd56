"""From a model's logits to probabilities that mean how often it is right.

Temperatures stretch or flatten how sure the model is and leave its order alone. Biases are not
offered: they would learn the class fractions where they were fitted, which differ elsewhere.
The first class is the negative one, such as normal; the others are kinds of the positive.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.float64]
_Float = TypeVar("_Float", np.float32, np.float64)


def softmax(logits: NDArray[_Float]) -> NDArray[_Float]:
    """Map (..., K) logits to probabilities that sum to 1 along the last axis, without overflow.

    The result has the logits' dtype, float32 or float64.

    >>> import numpy as np
    >>> softmax(np.log([1.0, 3.0])).round(6)
    array([0.25, 0.75])
    """
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), logits.dtype)


def sigmoid(logits: NDArray[_Float]) -> NDArray[_Float]:
    """Map (..., K) logits of classes that don't exclude each other, each to its own probability.

    The result has the logits' dtype, float32 or float64.

    >>> import numpy as np
    >>> sigmoid(np.array([0.0, np.log(3.0), -1000.0])).round(6)
    array([0.5 , 0.75, 0.  ])
    """
    halves = np.tanh(logits / 2)
    return np.asarray((1 + halves) / 2, logits.dtype)


def positive_probability(probabilities: NDArray[_Float]) -> NDArray[np.float64]:
    """The probability of any class but the first, which a card's threshold is set against.

    Args:
        probabilities: (..., K) in [0, 1].

    Returns:
        (...) float64.

    >>> import numpy as np
    >>> positive_probability(np.array([[0.75, 0.25, 0.0], [0.5, 0.25, 0.25]]))
    array([0.25, 0.5 ])
    """
    return np.asarray(1.0 - np.asarray(probabilities[..., 0], np.float64))


def positive_score(probabilities: NDArray[_Float]) -> NDArray[np.float64]:
    """As ``positive_probability``, added up from its own classes: to rank images by.

    Less than 1e-16 of a positive class is lost from 1 - p of the first; images so sure to be
    negative would tie.

    Args:
        probabilities: (..., K) in [0, 1].

    Returns:
        (...) float64.

    >>> import numpy as np
    >>> sure = np.array([[1.0, 1e-20], [1.0, 1e-30]])
    >>> positive_probability(sure).tolist(), positive_score(sure).tolist()
    ([0.0, 0.0], [1e-20, 1e-30])
    """
    return np.asarray(np.asarray(probabilities[..., 1:], np.float64).sum(axis=-1))


def likely_classes(probabilities: NDArray[_Float], quantile: float) -> NDArray[np.bool_]:
    """Which classes a conformal set holds: those no more improbable than ``quantile``.

    The most probable one is always in it.

    Args:
        probabilities: (..., K) summing to 1.
        quantile: in [0, 1].

    Returns:
        (..., K) bool.

    >>> import numpy as np
    >>> likely_classes(np.array([0.05, 0.55, 0.4]), quantile=0.7).tolist()
    [False, True, True]
    """
    largest = probabilities.max(axis=-1, keepdims=True)
    found: NDArray[np.bool_] = (probabilities >= 1.0 - quantile) | (probabilities == largest)
    return found


@dataclass(frozen=True, slots=True)
class CalibrationMethod:
    """How (N, K) logits and ``count`` temperatures give (N, K) probabilities."""

    name: str
    label: str
    count: int
    apply: Callable[[Logits, tuple[float, ...]], Logits]


def _temperature(logits: Logits, temperatures: tuple[float, ...]) -> Logits:
    return softmax(logits / temperatures[0])


def _two_temperatures(logits: Logits, temperatures: tuple[float, ...]) -> Logits:
    """One temperature for negative against positive, one among the positive classes."""
    kinds = logits[:, 1:]
    positive = np.logaddexp.reduce(kinds, axis=1) - logits[:, 0]
    sure = softmax(np.stack([np.zeros_like(positive), positive / temperatures[0]], axis=1))
    within = softmax(kinds / temperatures[1])
    return np.concatenate([sure[:, :1], sure[:, 1:] * within], axis=1)


CALIBRATIONS: dict[str, CalibrationMethod] = {
    m.name: m
    for m in (
        CalibrationMethod("temperature", "One temperature", 1, _temperature),
        CalibrationMethod("two_temperatures", "Two temperatures", 2, _two_temperatures),
    )
}
