"""Writes ``albumentations.npz``: tensors that albumentations makes of the synthetic image.

Run once, in an environment that has it (the project's has it not):

    python tests/pipeline/make_albumentations.py

The file there now is of albumentations 2.0.8 and OpenCV 5.0.0.
"""

from pathlib import Path

import albumentations as A  # noqa: N812 - as its own documentation calls it
import cv2
import numpy as np
from synthetic import synthetic

GRAY, COLOUR = synthetic(), synthetic(colour=True)
BLACK = {"border_mode": cv2.BORDER_CONSTANT, "fill": 0}


def made(image: np.ndarray, *steps: A.BasicTransform) -> np.ndarray:
    return A.Compose(list(steps))(image=image)["image"]


def main() -> None:
    tensors = {
        "resize_normalize": made(COLOUR, A.Resize(32, 28), A.Normalize()),
        "area_to_float": made(
            GRAY, A.Resize(32, 28, interpolation=cv2.INTER_AREA), A.ToFloat(max_value=255)
        ),
        "crop": made(COLOUR, A.SmallestMaxSize(36), A.CenterCrop(28, 28), A.Normalize()),
        "pad": made(
            COLOUR, A.LongestMaxSize(36), A.PadIfNeeded(36, 36, **BLACK), A.ToFloat(max_value=255)
        ),
        "image_score": made(COLOUR, A.Resize(32, 28), A.Normalize(normalization="image")),
        "min_max": made(GRAY, A.Resize(32, 28), A.Normalize(normalization="min_max")),
        "equalize": made(GRAY, A.Equalize(mode="cv", p=1.0), A.Resize(32, 28)),
        "clahe": made(GRAY, A.CLAHE(clip_limit=(2, 2), p=1.0), A.Resize(32, 28)),
    }
    np.savez_compressed(Path(__file__).with_name("albumentations.npz"), **tensors)


if __name__ == "__main__":
    main()
