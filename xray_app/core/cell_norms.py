"""How far one cell of a feature map stands out from the others."""

import numpy as np

from xray_app.core.classifier_metrics import Values
from xray_app.core.records import FloatArray

# The bundled network's cells differ by a factor of 2 without a register and of 27 with one.
MOST_NORM_RATIO = 4.0


def norm_ratios(activations: FloatArray) -> Values:
    """The largest cell's norm over the median cell's, of each image.

    Args:
        activations: (N, h, w, C).

    Returns:
        (N,) float64, about 1 to 3 without outliers; nan where the median cell is all zero.

    >>> import numpy as np
    >>> norm_ratios(np.array([[[[3.0, 4.0], [1.0, 0.0], [0.0, 1.0]]]]))
    array([5.])
    """
    norms = np.linalg.norm(activations.astype(np.float64), axis=-1).reshape(len(activations), -1)
    median = np.median(norms, axis=1)
    undefined = np.full(len(norms), np.nan)
    found: Values = np.divide(norms.max(axis=1), median, out=undefined, where=median > 0.0)
    return found


def blank_images(height: int, width: int, count: int = 16) -> FloatArray:
    """(count, height, width) float32 in [0, 1]: uniform images from black to white.

    >>> blank_images(1, 1, count=3).ravel().tolist()
    [0.0, 0.5, 1.0]
    """
    grays = np.linspace(0.0, 1.0, count, dtype=np.float32)
    return np.broadcast_to(grays[:, np.newaxis, np.newaxis], (count, height, width)).copy()
