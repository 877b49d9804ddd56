"""What is asked of the last blocks: B images, 8 x 8 cells, K classes; any Keras backend.

The score of a class in a cell is the head's weights times the cell's features, less the mean over
the classes; mean pooling and a linear head make the logits the mean of the scores, and Grad-CAM
their positive part.
"""

from typing import Any

from keras import ops

_EXCESS = 2.0


def cell_scores(cells: Any, kernel: Any) -> Any:
    """(B, h, w, K) scores of each class, centred over the classes."""
    scores = ops.einsum("bhwc,ck->bhwk", cells, kernel)
    return scores - ops.mean(scores, axis=-1, keepdims=True)


def register_penalty(cells: Any) -> Any:
    """Mean over cells of relu(log(norm / (2 x median norm)))²: no cell may stand out."""
    norms = ops.sqrt(ops.sum(ops.square(cells), axis=-1) + 1e-12)
    flat = ops.sort(ops.reshape(norms, (norms.shape[0], -1)), axis=1)
    middle = flat.shape[1] // 2
    median = (flat[:, middle - 1] + flat[:, middle]) / 2.0
    excess = ops.log(norms / (_EXCESS * median[:, None, None] + 1e-6) + 1e-6)
    return ops.mean(ops.square(ops.relu(excess)))


def mirror_distance(scores: Any, mirrored: Any) -> Any:
    """(B,) squared difference of the scores and the mirror image's, mirrored back; relative."""
    return _relative(scores - ops.flip(mirrored, axis=2), scores)


def cover_distance(scores: Any, covered: Any, hidden: Any) -> Any:
    """(B,) how far the covered copy is from: no evidence where it is hidden, elsewhere the same."""
    wanted = scores * (1.0 - hidden[..., None])
    return _relative(covered - wanted, scores)


def distillation(logits: Any, wanted: Any) -> Any:
    """(B,) divergence of the classes' probabilities from (B, K) wanted ones (Hinton et al. 2015).

    It is zero where both agree, so that its weight asks for answers that stay and for nothing else.
    """
    told = ops.sum(wanted * ops.log_softmax(logits, axis=-1), axis=-1)
    return ops.sum(wanted * ops.log(wanted + 1e-9), axis=-1) - told


def _relative(difference: Any, scores: Any) -> Any:
    # The gradient goes through the scale as well: else all scores shrink, and nothing is won.
    scale = ops.mean(ops.square(scores), axis=(1, 2, 3))
    return ops.mean(ops.square(difference), axis=(1, 2, 3)) / (scale + 1e-6)
