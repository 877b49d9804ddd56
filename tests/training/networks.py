"""A small network, and a batch for it."""

import keras
import numpy as np

from xray_app.training.data.batches import Batch
from xray_app.training.fit.networks import build_network
from xray_app.training.recipe import COMPACT

RNG = np.random.default_rng(2)
INPUTS = RNG.random((4, 32, 32, 3), np.float32)


def compact() -> keras.Model:
    return build_network(COMPACT, 32, 2, 0.1)


def batch(size: int = 4) -> Batch:
    targets = np.eye(2, dtype=np.float32)[np.arange(size) % 2]
    return Batch(INPUTS[:size], targets, np.ones(size, np.float32))
