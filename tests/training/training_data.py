"""Made-up data for the tests of training: blobs whose place tells the class."""

from pathlib import Path

import numpy as np
from PIL import Image

SIZE = 32


def blob(label: int, rng: np.random.Generator) -> np.ndarray:
    """A gray image (32, 32) uint8, brighter in the top (class 0), middle (1) or bottom (2)."""
    image = rng.normal(90, 12, (SIZE, SIZE))
    image[label * 10 : label * 10 + 10, 6:26] += 90
    return image.clip(0, 255).astype(np.uint8)


def write_images(folder: Path, label: int, count: int, *, seed: int = 0, of_each: int = 1) -> None:
    """Write ``count`` images, ``of_each`` patient so many."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng([seed, label])
    for i in range(count):
        patient, number = divmod(i, of_each)
        name = f"person{seed * 1000 + label * 100 + patient}_{label + number}.png"
        Image.fromarray(blob(label, rng)).save(folder / name)


def write_splits(root: Path, train: int = 24, held: int = 8, of_each: int = 1) -> Path:
    """A data set with train/, val/ and test/ of the classes NORMAL and SICK."""
    for seed, (split, count) in enumerate((("train", train), ("val", held), ("test", held))):
        for label, name in enumerate(("NORMAL", "SICK")):
            write_images(root / split / name, label, count, seed=seed, of_each=of_each)
    return root
