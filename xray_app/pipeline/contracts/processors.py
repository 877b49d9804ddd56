"""What transformers' image processors do where a file leaves a field out.

Source: the class attributes of transformers 5.24, ``models/*/image_processing_*.py``.
"""

from dataclasses import dataclass

_HALF = (0.5, 0.5, 0.5)
_CLIP = ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711))
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


@dataclass(frozen=True, slots=True)
class Processor:
    """Class attributes of an image processor; ``size`` is an integer or the fields of a size."""

    is_square: bool  # what an integer in ``size`` means
    size: dict[str, int]
    resample: int
    crop: int = 0
    statistics: tuple[tuple[float, ...], tuple[float, ...]] = (_HALF, _HALF)
    converts: bool = False
    normalizes: bool = True
    flips: bool = False


def square(side: int) -> dict[str, int]:
    """A size of equal sides, as a file writes it."""
    return {"height": side, "width": side}


PROCESSORS: dict[str, Processor] = {
    "ViT": Processor(True, square(224), 2),
    "DeiT": Processor(True, square(256), 3, crop=224),
    "Beit": Processor(True, square(224), 3),
    "Pvt": Processor(True, square(224), 3, statistics=IMAGENET),
    "Blip": Processor(True, square(384), 3, statistics=_CLIP, converts=True),
    "Siglip": Processor(False, square(224), 3, converts=True),
    "CLIP": Processor(False, {"shortest_edge": 224}, 3, 224, _CLIP, True),
    "Bit": Processor(False, {"shortest_edge": 224}, 3, 224, _CLIP, True),
    "ConvNext": Processor(False, {"shortest_edge": 384}, 3),
    "MobileNetV1": Processor(False, {"shortest_edge": 256}, 2, crop=224),
    "MobileNetV2": Processor(False, {"shortest_edge": 256}, 2, crop=224),
    "MobileViT": Processor(False, {"shortest_edge": 224}, 3, 256, normalizes=False, flips=True),
}
# They resize, or scale, in a way that the fields don't tell.
OWN_RESIZE = ("Levit", "PoolFormer", "DPT", "Sam", "Detr", "Perceiver")
OWN_VALUES = ("EfficientNet", "Vivit")
