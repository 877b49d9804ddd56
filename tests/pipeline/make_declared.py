"""Writes ``declared.npz``: what transformers, timm and torchvision make of the synthetic image.

Run once, in an environment that has them (the project's has none):

    python tests/pipeline/make_declared.py

The file there now is of transformers 5.24.0, timm 1.0.31, torchvision 0.28.0, torch 2.13.0 and
Pillow 13.0.0. Processors of transformers are those on Pillow; last, it prints how many values of
those on torchvision differ by more than 0.001, and by how many gray levels at most.
"""

from pathlib import Path
from typing import Any

import numpy as np
import timm.data
import transformers
from declared_files import HUGGING_FACE, TIMM, TORCHVISION
from PIL import Image
from synthetic import synthetic
from torchvision.transforms import InterpolationMode
from torchvision.transforms._presets import ImageClassification

IMAGES = {"gray": synthetic(), "colour": synthetic(colour=True)}


def hugging_face(content: dict[str, Any], image: Image.Image) -> np.ndarray:
    arguments = dict(content)
    kind = getattr(transformers, f"{arguments.pop('image_processor_type')}Pil")
    return np.asarray(kind(**arguments)(image.convert("RGB"), return_tensors="np")["pixel_values"])


def on_torchvision(content: dict[str, Any], image: Image.Image) -> tuple[float, float]:
    arguments = dict(content)
    kind = getattr(transformers, arguments.pop("image_processor_type"))
    other = np.asarray(kind(**arguments)(image, return_tensors="np")["pixel_values"])
    apart = np.abs(other - hugging_face(content, image))
    factor = arguments.get("rescale_factor", 1 / 255) if arguments.get("do_rescale", True) else 1.0
    std = arguments.get("image_std", [0.25]) if arguments.get("do_normalize", True) else [1.0]
    return float((apart > 1e-3).mean()), float(apart.max() / (factor / min(std)))


def timm_tensor(content: dict[str, Any], image: Image.Image) -> np.ndarray:
    config = content.get("pretrained_cfg", content)
    resolved = timm.data.resolve_data_config(pretrained_cfg=config)
    return timm.data.create_transform(**resolved)(image.convert("RGB"))[None].numpy()


def torchvision_tensor(content: dict[str, Any], image: Image.Image) -> np.ndarray:
    arguments = dict(content)
    if "interpolation" in arguments:
        arguments["interpolation"] = InterpolationMode(arguments["interpolation"])
    return ImageClassification(**arguments)(image.convert("RGB"))[None].numpy()


if __name__ == "__main__":
    made = {}
    for configs, run in (
        (HUGGING_FACE, hugging_face),
        (TIMM, timm_tensor),
        (TORCHVISION, torchvision_tensor),
    ):
        for name, content in configs.items():
            for kind, image in IMAGES.items():
                tensor = run(content, Image.fromarray(image))
                made[f"{name}_{kind}"] = tensor.astype(np.float32)
    np.savez_compressed(Path(__file__).with_name("declared.npz"), **made)
    print({name: value.shape for name, value in made.items()})
    for name, content in HUGGING_FACE.items():
        fraction, levels = on_torchvision(content, Image.fromarray(IMAGES["colour"]))
        print(f"{name}: {fraction:.2%} of the values, at most {levels:.2f} gray levels")
