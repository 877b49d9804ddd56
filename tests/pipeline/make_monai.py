"""Writes ``monai.npz``: tensors that MONAI makes of the synthetic image.

Run once, in an environment that has it (the project's has it not):

    python tests/pipeline/make_monai.py

The file there now is of MONAI 1.6.1 and torch 2.14.1.
"""

from pathlib import Path

import numpy as np
from monai.transforms import (
    CenterSpatialCrop,
    Compose,
    NormalizeIntensity,
    Resize,
    ResizeWithPadOrCrop,
    ScaleIntensity,
    ScaleIntensityRange,
    Transform,
)
from synthetic import synthetic

GRAY, COLOUR = synthetic()[np.newaxis], synthetic(colour=True).transpose(2, 0, 1)
SIZE = (32, 28)
TO_UNIT = ScaleIntensityRange(0, 255, 0.0, 1.0)


def made(image: np.ndarray, *steps: Transform) -> np.ndarray:
    return np.asarray(Compose(list(steps))(np.ascontiguousarray(image)))


def main() -> None:
    tensors = {
        "stretched": made(GRAY, Resize(SIZE, mode="bilinear"), ScaleIntensity()),
        "area": made(GRAY, Resize(SIZE), TO_UNIT),
        "score": made(COLOUR, Resize(SIZE, mode="bilinear"), NormalizeIntensity(channel_wise=True)),
        "crop": made(COLOUR, CenterSpatialCrop((96, 96)), TO_UNIT),
        "pad": made(GRAY, ResizeWithPadOrCrop((160, 160)), TO_UNIT),
    }
    np.savez_compressed(Path(__file__).with_name("monai.npz"), **tensors)


if __name__ == "__main__":
    main()
