"""Pipelines of libraries that are no requirements of the project: their tensors are kept.

``tests/pipeline/make_torch_opencv.py``, ``make_albumentations.py`` and ``make_monai.py`` beside it
are their recipes.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.library_pipeline import Array, LibraryPipeline

_FOLDER = Path(__file__).parents[1] / "tests" / "pipeline"
_TORCH_OPENCV, _ALBUMENTATIONS, _MONAI = "torch_opencv.npz", "albumentations.npz", "monai.npz"
_FLOAT_PILLOW = "bilinear-antialiased"


def _kept(name: str, file: str = _TORCH_OPENCV) -> Callable[[Array], Array]:
    return lambda _: np.load(_FOLDER / file)[name]


KEPT_TENSORS: tuple[LibraryPipeline, ...] = (
    LibraryPipeline("torchvision", "Resize(36), CenterCrop(28), Normalize (image of Pillow)", True,
                    _kept("torchvision_classic"),
                    {"layout": "CHW", "fit": "resize-crop", "number": 36.0, "rounding": "pillow",
                     "scale": "imagenet", "kernel": _FLOAT_PILLOW}),
    LibraryPipeline("torchvision", "the preset of its ImageNet weights", False,
                    _kept("torchvision_preset"),
                    {"fit": "resize-crop", "number": 32.0, "scale": "imagenet",
                     "channels": "repeated", "kernel": _FLOAT_PILLOW}),
    LibraryPipeline("torchvision", "Resize((34, 34)), CenterCrop(28)", False,
                    _kept("torchvision_square_crop"),
                    {"fit": "stretch-crop", "number": 34.0, "scale": "unit"}),
    LibraryPipeline("torchvision", "resize of a float tensor, antialias=True", False,
                    _kept("torchvision_float_antialias"), {"kernel": _FLOAT_PILLOW}),
    LibraryPipeline("torchvision", "resize of a float tensor, antialias=False", False,
                    _kept("torchvision_no_antialias"), {"kernel": "bilinear"}),
    LibraryPipeline("torchvision", "resize(BICUBIC, antialias=True)", False,
                    _kept("torchvision_bicubic"), {"kernel": "bicubic-antialiased"}),
    LibraryPipeline("PyTorch", "interpolate(mode='bicubic') / 255", False, _kept("torch_bicubic"),
                    {"layout": "NCHW", "kernel": "bicubic-0.75", "scale": "unit"}),
    LibraryPipeline("PyTorch", "interpolate(mode='nearest') / 255", True, _kept("torch_nearest"),
                    {"kernel": "nearest-corner", "channels": "RGB"}),
    LibraryPipeline("PyTorch", "interpolate(align_corners=True)", False, _kept("torch_corners"),
                    {"kernel": "bilinear-corners", "scale": "byte"}),
    LibraryPipeline("PyTorch", "Pillow's resize, then half()", False, _kept("torch_half"),
                    {"rounding": "pillow", "storage": "float16", "scale": "unit"}),
    LibraryPipeline("OpenCV", "imread, resize / 255", True, _kept("opencv_imread"),
                    {"channels": "BGR", "kernel": "bilinear", "rounding": "opencv",
                     "scale": "unit"}),
    LibraryPipeline("OpenCV", "imread, resize(INTER_AREA)", True, _kept("opencv_area"),
                    {"channels": "BGR", "kernel": "area", "rounding": "round", "scale": "byte"}),
    LibraryPipeline("OpenCV", "cvtColor(BGR2RGB), resize(INTER_CUBIC)", True,
                    _kept("opencv_rgb_cubic"),
                    {"channels": "RGB", "kernel": "bicubic-0.75", "rounding": "round"}),
    LibraryPipeline("OpenCV", "imread, resize(INTER_NEAREST) / 127.5 - 1", False,
                    _kept("opencv_nearest"),
                    {"kernel": "nearest-corner", "scale": "signed", "channels": "repeated"}),
    LibraryPipeline("OpenCV", "resize of floats", False, _kept("opencv_float"),
                    {"layout": "HW", "kernel": "bilinear", "rounding": None}),
    LibraryPipeline("OpenCV", "cvtColor(BGR2GRAY), resize(INTER_AREA) / 255", True,
                    _kept("opencv_gray"), {"channels": "single", "kernel": "area"}),
    LibraryPipeline("OpenCV", "equalizeHist, resize(INTER_AREA)", False, _kept("opencv_equalized"),
                    {"contrast": "equalize-opencv", "contrast_when": "before", "kernel": "area"}),
    LibraryPipeline("OpenCV", "dnn.blobFromImage(swapRB=True)", True, _kept("opencv_blob"),
                    {"layout": "NCHW", "channels": "RGB", "scale": "signed"}),
    LibraryPipeline("OpenCV", "createCLAHE(2.0, (8, 8))", False, _kept("opencv_clahe"),
                    {"contrast": "clahe-opencv", "contrast_when": "after", "kernel": "area"}),
    LibraryPipeline("albumentations", "Resize(32, 28), Normalize()", True,
                    _kept("resize_normalize", _ALBUMENTATIONS),
                    {"layout": "HWC", "channels": "RGB", "kernel": "bilinear",
                     "rounding": "opencv", "scale": "imagenet"}),
    LibraryPipeline("albumentations", "Resize(interpolation=INTER_AREA), ToFloat()", False,
                    _kept("area_to_float", _ALBUMENTATIONS), {"kernel": "area", "scale": "unit"}),
    LibraryPipeline("albumentations", "SmallestMaxSize(36), CenterCrop(28, 28), Normalize()", True,
                    _kept("crop", _ALBUMENTATIONS),
                    {"fit": "resize-crop", "number": 36.0, "scale": "imagenet"}),
    LibraryPipeline("albumentations", "Resize, Normalize(normalization='image')", True,
                    _kept("image_score", _ALBUMENTATIONS),
                    {"channels": "RGB", "scale": "zscore"}),
    LibraryPipeline("albumentations", "Resize, Normalize(normalization='min_max')", False,
                    _kept("min_max", _ALBUMENTATIONS),
                    {"contrast": "minmax", "contrast_when": "after", "scale": "unit"}),
    LibraryPipeline("albumentations", "Equalize(), Resize", False,
                    _kept("equalize", _ALBUMENTATIONS),
                    {"contrast": "equalize-opencv", "contrast_when": "before"}),
    LibraryPipeline("albumentations", "LongestMaxSize(36), PadIfNeeded(36, 36), ToFloat()", True,
                    _kept("pad", _ALBUMENTATIONS),
                    {"fit": "pad-half", "rounding": "opencv", "scale": "unit"}),
    LibraryPipeline("albumentations", "CLAHE((2, 2)), Resize", False,
                    _kept("clahe", _ALBUMENTATIONS),
                    {"contrast": "clahe-opencv", "contrast_when": "before", "kernel": "bilinear",
                     "rounding": "opencv"}),
    LibraryPipeline("MONAI", "Resize(mode='bilinear'), ScaleIntensity()", False,
                    _kept("stretched", _MONAI),
                    {"layout": "CHW", "kernel": "bilinear", "contrast": "minmax",
                     "scale": "unit"}),
    LibraryPipeline("MONAI", "Resize((32, 28)), ScaleIntensityRange(0, 255, 0, 1)", False,
                    _kept("area", _MONAI), {"kernel": "area-torch", "scale": "unit"}),
    LibraryPipeline("MONAI", "Resize, NormalizeIntensity(channel_wise=True)", True,
                    _kept("score", _MONAI), {"channels": "RGB", "scale": "zscore-channels"}),
    LibraryPipeline("MONAI", "CenterSpatialCrop((96, 96))", True, _kept("crop", _MONAI),
                    {"kernel": None, "scale": "unit"}),
    LibraryPipeline("MONAI", "ResizeWithPadOrCrop((160, 160))", False, _kept("pad", _MONAI),
                    {"fit": "centred", "scale": "unit"}),
)  # fmt: skip
