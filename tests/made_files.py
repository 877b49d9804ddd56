"""Image files as a visitor brings them, and pixels to put into them."""

import numpy as np

from tests.readers import reader_files

RAMP = np.tile(np.linspace(0, 255, 40).astype(np.uint8), (40, 1))
DEEP = np.tile(np.arange(0, 4096, 64, dtype=np.uint16), (64, 1))
WHITE = np.full((40, 40), 255, np.uint8)


def png(pixels: np.ndarray) -> bytes:
    return reader_files.pillow(pixels, "PNG")


def tiff(pages: np.ndarray) -> bytes:
    return reader_files.tiff(pages, photometric="minisblack")
