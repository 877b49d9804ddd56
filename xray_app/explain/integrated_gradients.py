"""Integrated Gradients: the change of the logit from a black image to this one, shared out.

Sundararajan, Taly and Yan 2017, "Axiomatic Attribution for Deep Networks", equation 3. The baseline
is a black image as training fed it, whatever the scheme of the image: what the model knows as
"nothing there". The integral is taken by Gauss and Legendre's rule with 32 points, which is exact
for smooth paths; on the drawn radiographs that ship with the app the attributions miss less than a
tenth of the logit's change (``pytest -m slow tests/explain``).
"""

import numpy as np

from xray_app.core import FloatArray
from xray_app.explain.method import LOGIT, Advance, InputExplanation, Question, unwatched
from xray_app.explain.pooling import to_cells

STEPS = 32
_BATCH = 8


def integrated_gradients(
    question: Question, advance: Advance = unwatched, steps: int = STEPS
) -> FloatArray:
    """Distribute the logit's change over the image.

    Args:
        question: the image, the black baseline, and how to ask the model for gradients.
        advance: is told the fraction that is done, in [0, 1].
        steps: points of the integration rule.

    Returns:
        (28, 28) float32, signed: attributions summed over channels and over the pixels of a cell;
        fewer cells where the image has fewer pixels. Their sum is the logit of the image less that
        of the baseline (completeness, proposition 1), up to the error of the integration.

    A model that adds up its input has gradients of 1 everywhere:

    >>> import numpy as np
    >>> image = np.array([[[4.0, 4.0, 4.0], [2.0, 2.0, 2.0]]], np.float32)
    >>> black = np.zeros_like(image)
    >>> question = Question(image, image, black, lambda x: x.sum(axis=(1, 2, 3)), np.ones_like)
    >>> integrated_gradients(question).round(4).tolist()
    [[12.0, 6.0]]
    """
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    fractions = (nodes + 1.0) / 2.0
    change = question.image - question.black
    mean = np.zeros(change.shape, np.float64)
    for start in range(0, steps, _BATCH):
        part = fractions[start : start + _BATCH, np.newaxis, np.newaxis, np.newaxis]
        path = np.asarray(question.black + part * change, np.float32)
        gradients = question.gradients(path)
        # The rule is for an interval of length 2, the path's is 1.
        mean += np.tensordot(weights[start : start + _BATCH] / 2.0, gradients, axes=1)
        advance(min(1.0, (start + _BATCH) / steps))
    attributions = np.asarray((mean * change).sum(axis=-1), np.float32)
    return to_cells(attributions)


INTEGRATED_GRADIENTS = InputExplanation(
    "integrated-gradients",
    "Integrated Gradients",
    "What each place adds to the evidence on the way from a black image to this one.",
    LOGIT,
    "Sundararajan et al. 2017, equation 3, baseline black, 32 Gauss-Legendre points",
    integrated_gradients,
    STEPS,
)
