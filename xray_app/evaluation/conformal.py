"""Sets of classes that hold the true one as often as promised (split conformal prediction).

The score of an image is how improbable its true class is, 1 - p (Sadinle, Lei and Wasserman 2019,
J. American Statistical Association 114, 223). Of n validation images the score of rank
ceil((n + 1) x coverage) bounds it for a new one with that probability, if it is like them (Vovk,
Gammerman and Shafer 2005). Labels that are wrong more often on validation make the sets larger than
they need be.
"""

import math

import numpy as np

from xray_app.core import Labels, Values

COVERAGE = 0.9


def conformal_quantile(
    probabilities: Values, labels: Labels, coverage: float = COVERAGE
) -> float | None:
    """The largest improbability of a class that is still in the set.

    Args:
        probabilities: (N, K) calibrated, on validation images.
        labels: (N,).
        coverage: the fraction of new images whose set shall hold the true class.

    Returns:
        In [0, 1]; None where so few images allow no bound.

    >>> import numpy as np
    >>> probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4]])
    >>> round(conformal_quantile(probabilities, np.array([0, 1, 1, 0]), coverage=0.5), 6)
    0.3
    """
    scores = np.sort(1.0 - probabilities[np.arange(len(labels)), labels])
    rank = math.ceil((len(scores) + 1) * coverage)
    return float(scores[rank - 1]) if rank <= len(scores) else None
