from .building import (
    ARCHITECTURES,
    build_backbone,
    build_from_card,
    build_model,
    finalise_statistics,
    load_from_card,
    smallest_input,
    with_third_layer,
)
from .efficientnet_lite import efficientnet_lite0
from .imagenet_weights import IMAGENET_WEIGHTS, ImageNetWeights, load_imagenet_weights

__all__ = [
    "ARCHITECTURES",
    "IMAGENET_WEIGHTS",
    "ImageNetWeights",
    "build_backbone",
    "build_from_card",
    "build_model",
    "efficientnet_lite0",
    "finalise_statistics",
    "load_from_card",
    "load_imagenet_weights",
    "smallest_input",
    "with_third_layer",
]
