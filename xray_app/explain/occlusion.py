"""Occlusion: how much does the evidence fall when a place is covered? Nothing but passes is asked.

Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks", section 4.2. A
square of a seventh of each side, filled with what a black image is as training fed it, moves over
the image by half its side, 13 x 13 places; a pixel's value is the mean fall over the patches that
cover it.
"""

import numpy as np

from xray_app.core import FloatArray
from xray_app.explain.method import (
    LOGIT,
    Advance,
    InputExplanation,
    Question,
    unwatched,
)
from xray_app.explain.pooling import CELLS

PATCHES = 7
_BATCH = 16


def occlusion(
    question: Question, advance: Advance = unwatched, patches: int = PATCHES
) -> FloatArray:
    """Cover one place after another.

    Args:
        question: the image, the black baseline, and how to ask the model.
        advance: is told the fraction that is done, in [0, 1].
        patches: how many fit beside each other along a side.

    Returns:
        (28, 28) float32, signed, fewer cells where the image has fewer pixels: the mean fall of the
        logit over the patches that cover the middle of a cell.

    A model that adds up its input loses what is covered, here one of two pixels a square:

    >>> import numpy as np
    >>> image = np.array([[[4.0, 4.0, 4.0], [2.0, 2.0, 2.0]]], np.float32)
    >>> question = Question(image, image, 0 * image, lambda x: x.sum(axis=(1, 2, 3)), np.ones_like)
    >>> occlusion(question, patches=2).tolist()
    [[12.0, 6.0]]
    """
    height, width = question.image.shape[:2]
    rows, columns = (_places(length, patches) for length in (height, width))
    places = [(row, column) for row in rows for column in columns]
    whole = float(question.logit(question.image[np.newaxis])[0])
    falls = np.zeros((height, width))
    covered = np.zeros((height, width))
    for start in range(0, len(places), _BATCH):
        part = places[start : start + _BATCH]
        images = np.repeat(question.image[np.newaxis], len(part), axis=0)
        for image, (row, column) in zip(images, part, strict=True):
            image[row, column] = question.black[row, column]
        for (row, column), logit in zip(part, question.logit(images), strict=True):
            falls[row, column] += whole - float(logit)
            covered[row, column] += 1.0
        advance(min(1.0, (start + _BATCH) / len(places)))
    mean = falls / np.maximum(covered, 1.0)
    middle = np.ix_(_middles(height), _middles(width))
    return np.asarray(mean[middle], np.float32)


def _places(length: int, patches: int) -> list[slice]:
    side = max(1, -(-length // patches))
    last, count = max(0, length - side), 2 * patches - 1
    starts = {round(place * last / max(1, count - 1)) for place in range(count)}
    return [slice(start, start + side) for start in sorted(starts)]


def _middles(length: int) -> list[int]:
    cells = min(CELLS, length)
    return [(2 * cell + 1) * length // (2 * cells) for cell in range(cells)]


OCCLUSION = InputExplanation(
    "occlusion",
    "Occlusion",
    "How much the evidence falls when a place is covered with black; no gradient.",
    LOGIT,
    "Zeiler and Fergus 2014, section 4.2, squares of a seventh of each side, moved by half",
    occlusion,
    (2 * PATCHES - 1) ** 2 + 1,
)
