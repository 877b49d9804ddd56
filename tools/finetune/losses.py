"""What is asked of the last blocks besides the right class: B pairs, 8 x 8 cells, K classes.

The score of a class in a cell is the head's weights times the cell's features, less the mean over
the classes; mean pooling and a linear head make the logits the mean of the scores, and Grad-CAM
their positive part.
"""

from typing import Any

import tensorflow as tf

REGISTER = 4.0  # weight of the penalty on cells whose norm stands out
_EXCESS = 2.0


def cell_scores(cells: Any, kernel: Any) -> Any:
    """(B, h, w, K) scores of each class, centred over the classes."""
    scores = tf.einsum("bhwc,ck->bhwk", cells, kernel)
    return scores - tf.reduce_mean(scores, axis=-1, keepdims=True)


def register_penalty(cells: Any) -> Any:
    """Mean over cells of relu(log(norm / (2 x median norm)))²: no cell may stand out."""
    norms = tf.norm(cells, axis=-1)
    flat = tf.sort(tf.reshape(norms, (tf.shape(norms)[0], -1)), axis=1)
    middle = tf.shape(flat)[1] // 2
    median = (flat[:, middle - 1] + flat[:, middle]) / 2.0
    excess = tf.math.log(norms / (_EXCESS * median[:, None, None] + 1e-6) + 1e-6)
    return tf.reduce_mean(tf.nn.relu(excess) ** 2)


def mirror_distance(scores: Any, mirrored: Any) -> Any:
    """(B,) squared difference of the scores and the mirror image's, mirrored back; relative."""
    return _relative(scores - mirrored[:, :, ::-1], scores)


def cover_distance(scores: Any, covered: Any, hidden: Any) -> Any:
    """(B,) how far the covered copy is from: no evidence where it is hidden, elsewhere the same."""
    wanted = scores * (1.0 - hidden[..., None])
    return _relative(covered - wanted, scores)


def _relative(difference: Any, scores: Any) -> Any:
    # The gradient goes through the scale as well: else all scores shrink, and nothing is won.
    scale = tf.reduce_mean(scores**2, axis=(1, 2, 3))
    return tf.reduce_mean(difference**2, axis=(1, 2, 3)) / (scale + 1e-6)
