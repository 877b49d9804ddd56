"""Made-up labelled images whose classes the fake engine tells apart by their gray."""

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from tests.fakes import SIZE

CLASSES = [
    {"name": "normal", "label": "Normal", "folders": ["NORMAL"]},
    {"name": "bacterial_pneumonia", "label": "Bacterial pneumonia", "folders": ["BACTERIA"]},
    {"name": "viral_pneumonia", "label": "Viral pneumonia"},
]


# Dark speaks for normal, bright for bacterial; even gray gives the fake equal logits.
GRAYS = {"NORMAL": 20, "BACTERIA": 230, "viral_pneumonia": 150}


def png(gray: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((SIZE, SIZE), gray, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def write_data(path: Path) -> Path:
    """Write a zip of twelve images a class and split."""
    with zipfile.ZipFile(path, "w") as archive:
        for split in ("val", "test"):
            for k, (folder, gray) in enumerate(GRAYS.items()):
                for i in range(12):
                    person = f"person{100 * k + i}_virus"
                    archive.writestr(f"{split}/{folder}/{person}_{i}.png", png(gray + 3 * i - 15))
        archive.writestr("__MACOSX/val/NORMAL/x.png", b"no image")
    return path
