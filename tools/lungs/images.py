"""Radiographs and their masks, at the network's size."""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.lungs.network import SIDE
from xray_app.core import FloatArray, patient_of
from xray_app.core.images import resize

BEHIND, BESIDE = 0, 1  # the heart: which of the outputs the masks are for


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """N radiographs (N, SIDE, SIDE) float32 in [0, 1], and how much of each pixel is lung.

    ``whole`` are the masks (H, W) bool as they are drawn.
    """

    images: FloatArray
    masks: FloatArray
    whole: tuple[NDArray[np.bool_], ...]
    patients: tuple[str, ...]
    output: int


def children(radiographs: Path, masks: Path, split: str) -> Pairs:
    """A split of the children, as far as there are masks."""
    with zipfile.ZipFile(radiographs) as images, zipfile.ZipFile(masks) as drawn:
        known = {name.rsplit(".", 1)[0]: name for name in images.namelist()}
        names = [n for n in sorted(drawn.namelist()) if n.startswith(f"{split}/") and n[-1] != "/"]
        pairs = [(known[n.rsplit(".", 1)[0]], n) for n in names if n.rsplit(".", 1)[0] in known]
        return _pairs(images, drawn, pairs, BEHIND)


def adults(data: Path, source: str) -> Pairs:
    """A source of the adults' zip, as far as there are masks."""
    with zipfile.ZipFile(data) as files:
        masks = [n for n in sorted(files.namelist()) if n.startswith(f"masks/{source}/")]
        stems = {Path(n).stem: n for n in masks if n[-1] != "/"}
        pairs = [
            (name, stems[Path(name).stem])
            for name in sorted(files.namelist())
            if name.startswith(f"{source}/") and Path(name).stem in stems
        ]
        return _pairs(files, files, pairs, BESIDE)


def _pairs(
    images: zipfile.ZipFile, masks: zipfile.ZipFile, names: list[tuple[str, str]], output: int
) -> Pairs:
    return Pairs(
        np.stack([_gray(images.read(image)) for image, _ in names]),
        np.stack([_gray(masks.read(mask)) for _, mask in names]),
        tuple(_drawn(masks.read(mask)) for _, mask in names),
        tuple(patient_of(image) for image, _ in names),
        output,
    )


def _drawn(data: bytes) -> NDArray[np.bool_]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("L")) >= 128


def _gray(data: bytes) -> FloatArray:
    gray = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
    return resize(gray, SIDE, SIDE) / np.float32(255.0)
