"""Score-CAM: which channels show what the class needs to be recognised? No gradient is used.

Wang et al. 2020, "Score-CAM: Score-Weighted Visual Explanations for Convolutional Neural Networks",
equations 5 to 7. Each channel of the last convolution is stretched over the image as a mask; its
weight is how far the class's logit rises from a black image to the image behind that mask. Of the
channels only the 128 with the largest variance over the cells are asked, one forward pass each:
about 2.5 s on two free cores, against half a minute for all 1,792 of EfficientNetB4.

Occlusion and RISE, the other methods without gradients, need no feature maps; on a few validation
images RISE was not better.
"""

import numpy as np
from numpy.typing import NDArray

from xray_app.core import FloatArray
from xray_app.core.images import resize
from xray_app.explain.method import (
    RELATIVE,
    Advance,
    InputExplanation,
    Question,
    unwatched,
)

CHANNELS = 128
_BATCH = 16


def score_cam(
    question: Question, advance: Advance = unwatched, channels: int = CHANNELS
) -> FloatArray:
    """Weigh the channels by what the model says of the image behind each of them.

    Args:
        question: the image, the black baseline, the activations, and how to ask the model.
        advance: is told the fraction that is done, in [0, 1].
        channels: how many are asked, those of the largest variance.

    Returns:
        (h, w) float32, signed; all zero where no channel varies, as for a uniform image.

    Behind the channel only the left pixel is seen, 3 times 4; that weighs the channel's 5:

    >>> import numpy as np
    >>> image = np.array([[[4.0, 4.0, 4.0], [2.0, 2.0, 2.0]]], np.float32)
    >>> cells = np.array([[[5.0], [0.0]]], np.float32)
    >>> question = Question(image, cells, 0 * image, lambda x: x.sum(axis=(1, 2, 3)), np.ones_like)
    >>> score_cam(question).tolist()
    [[60.0, 0.0]]
    """
    activations = question.activations
    chosen = most_varied(activations, channels)
    if not len(chosen):
        return np.zeros(activations.shape[:2], np.float32)
    nothing = float(question.logit(question.black[np.newaxis])[0])
    contrast = question.image - question.black
    weights = np.empty(len(chosen), np.float32)
    for start in range(0, len(chosen), _BATCH):
        part = chosen[start : start + _BATCH]
        masks = np.stack([mask_of(activations[..., c], contrast.shape[:2]) for c in part])
        seen = np.asarray(question.black + masks[..., np.newaxis] * contrast, np.float32)
        weights[start : start + _BATCH] = question.logit(seen) - nothing
        advance(min(1.0, (start + _BATCH) / len(chosen)))
    return np.asarray(activations[..., chosen] @ weights, np.float32)


def most_varied(activations: FloatArray, channels: int) -> NDArray[np.int64]:
    """Return the positions of at most ``channels`` channels, the most varied first.

    Channels that are the same in every cell show no place and are left out.

    Args:
        activations: (h, w, C) float32.
        channels: how many at most.

    Returns:
        (n,) int64, n from 0 to ``channels``.

    >>> import numpy as np
    >>> most_varied(np.array([[[2.0, 0.0, 1.0], [0.0, 5.0, 1.0]]], np.float32), 9).tolist()
    [1, 0]
    """
    variance = activations.var(axis=(0, 1), dtype=np.float64)
    order = np.argsort(-variance, kind="stable")[:channels]
    varied: NDArray[np.int64] = order[variance[order] > 0.0]
    return varied


def mask_of(channel: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """Bring the channel to [0, 1] and stretch it to ``shape`` bilinearly: equation 6.

    Args:
        channel: (h, w) float32, not uniform.
        shape: (H, W) in pixels.

    Returns:
        (H, W) float32 in [0, 1].

    >>> import numpy as np
    >>> mask_of(np.array([[-3.0, 1.0]], np.float32), (1, 2)).tolist()
    [[0.0, 1.0]]
    """
    low, high = float(channel.min()), float(channel.max())
    unit = np.asarray((channel - low) / (high - low), np.float32)
    height, width = shape
    return resize(unit, height, width)


SCORE_CAM = InputExplanation(
    "scorecam",
    "Score-CAM",
    "Each channel weighs as much as the model recognises the class behind it; no gradient.",
    RELATIVE,
    "Wang et al. 2020, equations 5 to 7, the 128 most varied channels",
    score_cam,
    CHANNELS,
    uses_last_layer=True,
)
