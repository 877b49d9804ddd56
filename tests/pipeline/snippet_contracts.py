"""Contracts that every library's lines are run for, and running them."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.pipeline.declared_files import EVERY
from xray_app.core.images import Geometry
from xray_app.core.normalization import DatasetStatistics
from xray_app.pipeline.contracts.cards import contract_of
from xray_app.pipeline.contracts.contract import InputContract
from xray_app.pipeline.contracts.reading import parse_declared

STATISTICS = DatasetStatistics(0.48, 0.22)
_CARDS = {
    "card_stretch": (Geometry(32, 28), "raw"),
    "card_not_antialiased": (Geometry(32, 28, antialias=False), "rescale"),
    "card_resize_crop": (Geometry(32, 32, "resize-crop", "bicubic", resize_to=37), "imagenet"),
    "card_crop": (Geometry(32, 32, "crop", "bicubic", antialias=False), "signed"),
    "card_pad": (Geometry(36, 32, "pad", pad_value=0.5), "dataset"),
    "card_pad_black": (Geometry(36, 36, "pad", "bilinear", antialias=False), "caffe"),
    "card_area": (Geometry(32, 28, kernel="area"), "raw"),
    "card_nearest": (Geometry(32, 28, kernel="nearest"), "imagenet"),
    "card_lanczos": (Geometry(32, 28, kernel="lanczos"), "rescale"),
    "card_zscore": (Geometry(32, 28), "zscore"),
    "card_percentile": (Geometry(32, 28), "percentile+byte"),
    "card_clahe": (Geometry(32, 28), "clahe"),
    "card_gray": (Geometry(32, 28), "signed"),
}
# Of one channel, and of sides that no library's own step makes; their tensors are not kept.
_OTHERS: dict[str, Any] = {
    "timm_border_gray": {
        "input_size": [1, 32, 32], "crop_pct": 1.0, "crop_mode": "border", "mean": [0.5],
        "std": [0.25],
    },
    "hf_rectangle": {
        "image_processor_type": "DeiTImageProcessor", "size": {"height": 40, "width": 40},
        "crop_size": {"height": 32, "width": 28}, "do_convert_rgb": True,
    },
    "hf_shorter_side": {
        "image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 40},
        "crop_size": {"height": 32, "width": 28}, "do_convert_rgb": True,
    },
}  # fmt: skip


def contracts() -> dict[str, InputContract]:
    """By name: of cards, and of every declared file that states all."""
    found = {
        name: contract_of(name, geometry, scheme, STATISTICS, 1 if name == "card_gray" else 3)
        for name, (geometry, scheme) in _CARDS.items()
    }
    for name, content in (EVERY | _OTHERS).items():
        found[name] = parse_declared(json.dumps(content).encode(), f"{name}.json")
    return found


def tensor_of(code: str, image: NDArray[Any], folder: Path) -> NDArray[Any]:
    """Run lines in a folder with ``radiograph.png``: their ``tensor`` as (1, H, W, C) or NCHW."""
    Image.fromarray(image).save(folder / "radiograph.png")
    names: dict[str, Any] = {}
    before = Path.cwd()
    os.chdir(folder)
    try:
        exec(code, names)
    finally:
        os.chdir(before)
    return np.asarray(names["outputs"][0] if "outputs" in names else names["tensor"])


def channels_first(tensor: NDArray[Any], channels: int) -> NDArray[Any]:
    """(1, C, H, W), whichever way a tensor lies."""
    return tensor if tensor.shape[1] == channels else tensor.transpose(0, 3, 1, 2)
