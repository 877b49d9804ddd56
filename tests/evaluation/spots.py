"""Images of which the evidence is known: one bright cell on gray that says nothing."""

import io

import numpy as np
from PIL import Image

from tests.fakes import CELLS, SIZE

CLASSES = [
    {"name": name, "label": name}
    for name in ("normal", "bacterial_pneumonia", "viral_pneumonia")
]  # fmt: skip


def spotted(cell: int) -> bytes:
    """Middle gray, which says nothing to the fake, with one bright cell."""
    pixels = np.full((SIZE, SIZE), 127, np.uint8)
    step = SIZE // CELLS
    row, column = divmod(cell, CELLS)
    pixels[row * step : (row + 1) * step, column * step : (column + 1) * step] = 255
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()
