from .architectures import (
    ARCHITECTURES,
    IMAGENET_WEIGHTS,
    ImageNetWeights,
    build_model,
    finalise_statistics,
    load_from_card,
    load_imagenet_weights,
    smallest_input,
)
from .engine import TensorFlowEngine
from .families import KerasFamilies, Layer, Stem, measure_all, shipped_families
from .inspection import examine
from .randomization import RandomizableEngine
from .worker import WorkerEngine

__all__ = [
    "ARCHITECTURES",
    "IMAGENET_WEIGHTS",
    "ImageNetWeights",
    "KerasFamilies",
    "Layer",
    "RandomizableEngine",
    "Stem",
    "TensorFlowEngine",
    "WorkerEngine",
    "build_model",
    "examine",
    "finalise_statistics",
    "load_from_card",
    "load_imagenet_weights",
    "measure_all",
    "shipped_families",
    "smallest_input",
]
