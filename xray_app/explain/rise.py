"""RISE: how sure is the model on average while a place is seen? Nothing but passes is asked.

Petsiuk, Das and Saenko 2018, "RISE: Randomized Input Sampling for Explanation of Black-box Models",
equations 4 to 6. Coarse random masks of 7 x 7, half of their cells open, are stretched over the
image and shifted by a random part of a cell; what is masked becomes a black image as training fed
it. A cell weighs as much as the mean of the logit over the masks that show it, less the mean over
all masks. The masks are the same for every image, so that maps can be compared.
"""

import numpy as np
from PIL import Image

from xray_app.core import FloatArray
from xray_app.core.images import resize
from xray_app.explain.method import (
    RELATIVE,
    Advance,
    InputExplanation,
    Question,
    unwatched,
)
from xray_app.explain.pooling import CELLS

MASKS = 1000
GRID = 7
_OPEN = 0.5
_BATCH = 16
_SEED = 0


def rise(question: Question, advance: Advance = unwatched, masks: int = MASKS) -> FloatArray:
    """Ask the model about the image behind random masks.

    Args:
        question: the image, the black baseline, and how to ask the model.
        advance: is told the fraction that is done, in [0, 1].
        masks: how many are asked.

    Returns:
        (28, 28) float32, signed, fewer cells where the image has fewer pixels.

    A model that adds up its input sees more where the bright pixel is shown:

    >>> import numpy as np
    >>> image = np.array([[[4.0, 4.0, 4.0], [0.0, 0.0, 0.0]]], np.float32)
    >>> question = Question(image, image, 0 * image, lambda x: x.sum(axis=(1, 2, 3)), np.ones_like)
    >>> found = rise(question)
    >>> found.shape, bool(found[0, 0] > 1.0 > abs(found[0, 1]))
    ((1, 2), True)
    """
    height, width = question.image.shape[:2]
    rows, columns = min(CELLS, height), min(CELLS, width)
    rng = np.random.default_rng(_SEED)
    contrast = question.image - question.black
    shown, weighed, total = np.zeros((rows, columns)), np.zeros((rows, columns)), 0.0
    for start in range(0, masks, _BATCH):
        some = [random_mask(rng, height, width) for _ in range(min(_BATCH, masks - start))]
        seen = np.stack([question.black + mask[..., np.newaxis] * contrast for mask in some])
        logits = question.logit(np.asarray(seen, np.float32))
        for mask, logit in zip(some, logits, strict=True):
            cells = np.asarray(
                Image.fromarray(mask).resize((columns, rows), Image.Resampling.BOX), np.float64
            )
            shown += cells
            weighed += cells * float(logit)
            total += float(logit)
        advance(min(1.0, (start + _BATCH) / masks))
    return np.asarray(weighed / np.maximum(shown, 1e-6) - total / masks, np.float32)


def random_mask(rng: np.random.Generator, height: int, width: int) -> FloatArray:
    """A smooth mask: random cells, stretched bilinearly and shifted.

    Args:
        rng: where it is drawn from.
        height: in pixels.
        width: in pixels.

    Returns:
        (height, width) float32 in [0, 1].

    >>> import numpy as np
    >>> mask = random_mask(np.random.default_rng(0), 28, 28)
    >>> mask.shape, float(mask.min()) >= 0.0, float(mask.max()) <= 1.0
    ((28, 28), True, True)
    """
    cells = (rng.random((GRID + 1, GRID + 1)) < _OPEN).astype(np.float32)
    tall, wide = (-(-length // GRID) for length in (height, width))
    stretched = resize(cells, (GRID + 1) * tall, (GRID + 1) * wide)
    top, left = int(rng.integers(0, tall)), int(rng.integers(0, wide))
    return stretched[top : top + height, left : left + width]


RISE = InputExplanation(
    "rise",
    "RISE",
    "How sure the model is on average while a place is seen through random masks; no gradient.",
    RELATIVE,
    "Petsiuk et al. 2018, equations 4 to 6, 1,000 masks of 7 x 7",
    rise,
    MASKS,
)
