"""An image that looks like nothing else: made with numpy alone, the same everywhere."""

import numpy as np
from numpy.typing import NDArray


def synthetic(height: int = 150, width: int = 120, *, colour: bool = False) -> NDArray[np.uint8]:
    """Bright middle, two dark fields, stripes and grain; (H, W), or (H, W, 3) in RGB."""
    rng = np.random.default_rng(20)
    y, x = np.mgrid[:height, :width] / max(height, width)
    gray = np.exp(-(((x - 0.35) / 0.3) ** 2) - ((y - 0.45) / 0.5) ** 2)
    for centre in ((0.4, 0.2), (0.5, 0.55)):
        gray -= 0.5 * np.exp(-(((y - centre[0]) / 0.2) ** 2) - ((x - centre[1]) / 0.1) ** 2)
    gray += 0.05 * np.sin(60 * y + 7 * x) + 0.03 * rng.standard_normal((height, width))
    if not colour:
        return (np.clip(0.1 + 0.75 * gray, 0.0, 1.0) * 255).astype(np.uint8)
    tints = np.stack([0.1 + 0.1 * np.sin(9 * x), 0.08 * np.cos(7 * y), 0.1 * np.sin(5 * (x + y))])
    planes = 0.1 + 0.75 * gray + tints + 0.02 * rng.standard_normal((3, height, width))
    return (np.clip(planes, 0.0, 1.0).transpose(1, 2, 0) * 255).astype(np.uint8)
