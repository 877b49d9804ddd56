"""Writes ``torch_opencv.npz``: tensors that torchvision and OpenCV make of the synthetic image.

Run once, in an environment that has both (the project's has neither):

    python tests/pipeline/make_torch_opencv.py

The file there now is of torch 2.14.1, torchvision 0.29.1, OpenCV 5.0.0 and Pillow 13.0.0.
"""

import io
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image
from synthetic import synthetic
from torch.nn import functional
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms._presets import ImageClassification

IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
GRAY, COLOUR = synthetic(), synthetic(colour=True)
SIZE = (32, 28)


def as_tensor(image: np.ndarray) -> torch.Tensor:
    planes = np.atleast_3d(image).transpose(2, 0, 1)
    return torch.tensor(np.ascontiguousarray(planes), dtype=torch.float32)[None]


def decoded(image: np.ndarray) -> np.ndarray:
    """What ``cv2.imread`` gives: BGR, three channels whatever the file has."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return cv2.imdecode(np.frombuffer(buffer.getvalue(), np.uint8), cv2.IMREAD_COLOR)


def opencv(image: np.ndarray, interpolation: int) -> np.ndarray:
    return cv2.resize(image, SIZE[::-1], interpolation=interpolation)


def torchvision_tensors() -> dict[str, np.ndarray]:
    classic = v2.Compose([
        v2.Resize(36), v2.CenterCrop(28), v2.ToImage(), v2.ToDtype(torch.float32, scale=True),
        v2.Normalize(*IMAGENET),
    ])  # fmt: skip
    preset = ImageClassification(crop_size=28, resize_size=32)
    floats = v2.Compose([v2.ToImage(), v2.ToDtype(torch.float32, scale=True)])
    return {
        "torchvision_classic": classic(Image.fromarray(COLOUR)).numpy(),
        "torchvision_preset": preset(Image.fromarray(GRAY).convert("RGB")).numpy(),
        "torchvision_square_crop": v2.Compose([v2.Resize((34, 34)), v2.CenterCrop(28), floats])(
            Image.fromarray(GRAY)
        ).numpy(),
        "torchvision_float_antialias": v2.functional.resize(
            floats(Image.fromarray(GRAY)), list(SIZE), antialias=True
        ).numpy(),
        "torchvision_no_antialias": v2.functional.resize(
            floats(Image.fromarray(GRAY)), list(SIZE), antialias=False
        ).numpy(),
        "torchvision_bicubic": v2.functional.resize(
            floats(Image.fromarray(GRAY)), list(SIZE), InterpolationMode.BICUBIC, antialias=True
        ).numpy(),
        "torch_bicubic": (
            functional.interpolate(as_tensor(GRAY), SIZE, mode="bicubic") / 255.0
        ).numpy(),
        "torch_nearest": (
            functional.interpolate(as_tensor(COLOUR), SIZE, mode="nearest") / 255.0
        ).numpy(),
        "torch_corners": functional.interpolate(
            as_tensor(GRAY), SIZE, mode="bilinear", align_corners=True
        ).numpy(),
        "torch_half": floats(Image.fromarray(GRAY).resize(SIZE[::-1], Image.Resampling.BILINEAR))
        .half()
        .numpy(),
    }


def opencv_tensors() -> dict[str, np.ndarray]:
    colour = decoded(COLOUR)
    gray = cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY)
    return {
        "opencv_imread": opencv(colour, cv2.INTER_LINEAR) / np.float32(255),
        "opencv_area": opencv(colour, cv2.INTER_AREA).astype(np.float32),
        "opencv_rgb_cubic": opencv(cv2.cvtColor(colour, cv2.COLOR_BGR2RGB), cv2.INTER_CUBIC),
        "opencv_nearest": opencv(decoded(GRAY), cv2.INTER_NEAREST) / np.float32(127.5) - 1,
        "opencv_float": opencv(GRAY.astype(np.float32) / 255, cv2.INTER_LINEAR),
        "opencv_gray": opencv(gray, cv2.INTER_AREA) / np.float32(255),
        "opencv_equalized": opencv(cv2.equalizeHist(GRAY).astype(np.float32), cv2.INTER_AREA),
        "opencv_blob": cv2.dnn.blobFromImage(
            colour.astype(np.float32), 1 / 127.5, SIZE[::-1], (127.5,) * 3, swapRB=True
        ),
        "opencv_clahe": cv2.createCLAHE(2.0, (8, 8)).apply(opencv(GRAY, cv2.INTER_AREA)),
    }


if __name__ == "__main__":
    made = torchvision_tensors() | opencv_tensors()
    np.savez_compressed(Path(__file__).with_name("torch_opencv.npz"), **made)
    print({name: (value.shape, value.dtype) for name, value in made.items()})
