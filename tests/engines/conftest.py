"""Models of others that were converted beforehand."""

from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def converted() -> dict[str, bytes]:
    """What ``make_lite_models.py`` wrote: one small classifier in four files, and its answers."""
    with np.load(Path(__file__).with_name("lite_models.npz")) as kept:
        return {name: kept[name].tobytes() for name in kept.files}
