"""From logits to probabilities."""

import numpy as np

from xray_app.core.records import FloatArray


def softmax(logits: FloatArray) -> FloatArray:
    """Map (..., K) logits to probabilities that sum to 1 along the last axis, without overflow."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)
