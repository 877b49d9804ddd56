"""torchvision's presets: the transforms that go with published weights.

Sources: torchvision 0.28, ``transforms/_presets.py`` (``ImageClassification``: resize the shorter
side, centre crop, divide by 255, standardise; of a Pillow image Pillow resizes) and
``models.get_model_weights`` with ``weights.transforms()`` for every classification model, which
gave the table below. There is no file: the weights have a name, and ``print(weights.transforms())``
writes the fields.
"""

import re
from difflib import get_close_matches

from xray_app.core import UnknownChoice, UnreadableFile
from xray_app.pipeline.contracts.contract import InputContract, scale_from
from xray_app.pipeline.contracts.fields import Fields, as_pixels
from xray_app.pipeline.contracts.pillow import BY_NAME, pillow_kernel
from xray_app.pipeline.contracts.processors import IMAGENET

LIBRARY = "torchvision"
FIELDS = ("resize_size", "crop_size")
_MEAN, _STD = IMAGENET
_FIELD = re.compile(r"(\w+)=(\[[^\]]*\]|[\w.]+)")
_LONGEST = 10_000
# (resize, crop, kernel): the weights; where no version follows, IMAGENET1K_V1.
_PRESETS: dict[tuple[int, int, str], str] = {
    (256, 224, "bilinear"): (
        "AlexNet DenseNet121 DenseNet161 DenseNet169 DenseNet201 GoogLeNet MNASNet0_5 MNASNet1_0 "
        "MobileNet_V2 MobileNet_V3_Large MobileNet_V3_Small RegNet_X_16GF RegNet_X_1_6GF "
        "RegNet_X_32GF RegNet_X_3_2GF RegNet_X_400MF RegNet_X_800MF RegNet_X_8GF RegNet_Y_16GF "
        "RegNet_Y_1_6GF RegNet_Y_32GF RegNet_Y_3_2GF RegNet_Y_400MF RegNet_Y_800MF RegNet_Y_8GF "
        "ResNet101 ResNet152 ResNet18 ResNet34 ResNet50 ResNeXt101_32X8D ResNeXt50_32X4D "
        "ShuffleNet_V2_X0_5 ShuffleNet_V2_X1_0 SqueezeNet1_0 SqueezeNet1_1 VGG11 VGG11_BN VGG13 "
        "VGG13_BN VGG16 VGG16_BN VGG19 VGG19_BN ViT_B_16 ViT_B_32 ViT_L_32 Wide_ResNet101_2 "
        "Wide_ResNet50_2 VGG16.IMAGENET1K_FEATURES"
    ),
    (232, 224, "bilinear"): (
        "ConvNeXt_Base ConvNeXt_Large MNASNet0_75 MNASNet1_3 MobileNet_V2.IMAGENET1K_V2 "
        "MobileNet_V3_Large.IMAGENET1K_V2 RegNet_X_16GF.IMAGENET1K_V2 RegNet_X_1_6GF.IMAGENET1K_V2 "
        "RegNet_X_32GF.IMAGENET1K_V2 RegNet_X_3_2GF.IMAGENET1K_V2 RegNet_X_400MF.IMAGENET1K_V2 "
        "RegNet_X_800MF.IMAGENET1K_V2 RegNet_X_8GF.IMAGENET1K_V2 RegNet_Y_16GF.IMAGENET1K_V2 "
        "RegNet_Y_1_6GF.IMAGENET1K_V2 RegNet_Y_32GF.IMAGENET1K_V2 RegNet_Y_3_2GF.IMAGENET1K_V2 "
        "RegNet_Y_400MF.IMAGENET1K_V2 RegNet_Y_800MF.IMAGENET1K_V2 RegNet_Y_8GF.IMAGENET1K_V2 "
        "ResNet101.IMAGENET1K_V2 ResNet152.IMAGENET1K_V2 ResNet50.IMAGENET1K_V2 "
        "ResNeXt101_32X8D.IMAGENET1K_V2 ResNeXt101_64X4D ResNeXt50_32X4D.IMAGENET1K_V2 "
        "ShuffleNet_V2_X1_5 ShuffleNet_V2_X2_0 Wide_ResNet101_2.IMAGENET1K_V2 "
        "Wide_ResNet50_2.IMAGENET1K_V2"
    ),
    (224, 224, "bicubic"): (
        "MaxVit_T RegNet_Y_128GF.IMAGENET1K_SWAG_LINEAR_V1 RegNet_Y_16GF.IMAGENET1K_SWAG_LINEAR_V1 "
        "RegNet_Y_32GF.IMAGENET1K_SWAG_LINEAR_V1 ViT_B_16.IMAGENET1K_SWAG_LINEAR_V1 "
        "ViT_H_14.IMAGENET1K_SWAG_LINEAR_V1 ViT_L_16.IMAGENET1K_SWAG_LINEAR_V1"
    ),
    (384, 384, "bicubic"): (
        "RegNet_Y_128GF.IMAGENET1K_SWAG_E2E_V1 RegNet_Y_16GF.IMAGENET1K_SWAG_E2E_V1 "
        "RegNet_Y_32GF.IMAGENET1K_SWAG_E2E_V1 ViT_B_16.IMAGENET1K_SWAG_E2E_V1"
    ),
    (260, 256, "bicubic"): "Swin_V2_S Swin_V2_T",
    (230, 224, "bilinear"): "ConvNeXt_Small",
    (236, 224, "bilinear"): "ConvNeXt_Tiny",
    (242, 224, "bilinear"): "ViT_L_16",
    (255, 240, "bilinear"): "EfficientNet_B1.IMAGENET1K_V2",
    (342, 299, "bilinear"): "Inception_V3",
    (384, 384, "bilinear"): "EfficientNet_V2_S",
    (480, 480, "bilinear"): "EfficientNet_V2_M",
    (232, 224, "bicubic"): "Swin_T",
    (238, 224, "bicubic"): "Swin_B",
    (246, 224, "bicubic"): "Swin_S",
    (256, 224, "bicubic"): "EfficientNet_B0",
    (256, 240, "bicubic"): "EfficientNet_B1",
    (272, 256, "bicubic"): "Swin_V2_B",
    (288, 288, "bicubic"): "EfficientNet_B2",
    (320, 300, "bicubic"): "EfficientNet_B3",
    (384, 380, "bicubic"): "EfficientNet_B4",
    (456, 456, "bicubic"): "EfficientNet_B5",
    (480, 480, "bicubic"): "EfficientNet_V2_L",
    (512, 512, "bicubic"): "ViT_L_16.IMAGENET1K_SWAG_E2E_V1",
    (518, 518, "bicubic"): "ViT_H_14.IMAGENET1K_SWAG_E2E_V1",
    (528, 528, "bicubic"): "EfficientNet_B6",
    (600, 600, "bicubic"): "EfficientNet_B7",
}
_OTHER_STATISTICS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "VGG16.IMAGENET1K_FEATURES": ((0.48235, 0.45882, 0.40784), (1.0 / 255.0,) * 3),
    "EfficientNet_V2_L.IMAGENET1K_V1": ((0.5,) * 3, (0.5,) * 3),
}


def _by_weights() -> dict[str, tuple[int, int, str]]:
    return {
        name if "." in name else f"{name}.IMAGENET1K_V1": preset
        for preset, names in _PRESETS.items()
        for name in names.split()
    }


TORCHVISION_WEIGHTS = tuple(sorted(_by_weights()))


def torchvision_weights_contract(name: str) -> InputContract:
    """The preset of weights such as ``ResNet50_Weights.IMAGENET1K_V2``, or of ``ResNet50`` alone.

    Raises:
        UnknownChoice: torchvision has no classification weights of that name.

    >>> torchvision_weights_contract("ResNet50_Weights.IMAGENET1K_V2").number
    232.0
    """
    asked = name.replace("_Weights", "")
    asked = asked if "." in asked else f"{asked}.IMAGENET1K_V1"
    known = {each.lower(): each for each in TORCHVISION_WEIGHTS}
    if asked.lower() not in known:
        close = get_close_matches(asked.lower(), known, n=1)
        hint = f" Did you mean {known[close[0]]!r}?" if close else ""
        raise UnknownChoice(
            f"torchvision has no classification weights {name!r}; expected a name such as "
            f"ResNet50_Weights.IMAGENET1K_V2.{hint}"
        )
    weights = known[asked.lower()]
    resize, crop, kernel = _by_weights()[weights]
    mean, std = _OTHER_STATISTICS.get(weights, (_MEAN, _STD))
    model, version = weights.split(".")
    return _preset(f"{model}_Weights.{version}", crop, resize, kernel, mean, std)


def torchvision_contract(fields: Fields) -> InputContract:
    """Read the fields of an ``ImageClassification`` preset.

    Raises:
        InputError: a field has an odd type or an impossible value; it is named.
    """
    crop, resize = _side(fields, "crop_size", None), _side(fields, "resize_size", 256)
    kernel = fields.word("interpolation", "bilinear").rpartition(".")[2].lower()
    if kernel not in BY_NAME:
        raise fields.wrong("interpolation", f"one of {', '.join(BY_NAME)}")
    mean, std = fields.channels("mean", _MEAN), fields.deviations("std", _STD)
    if resize < crop:
        raise fields.wrong("resize_size", f"at least the crop's {crop} pixels")
    mean, std = (each * 3 if len(each) == 1 else each for each in (mean, std))
    return _preset(fields.name, crop, resize, kernel, mean, std)


def printed_preset(text: str, name: str) -> Fields:
    """The fields of a preset as ``print`` writes it: ``ImageClassification( crop_size=[224] …)``.

    Raises:
        UnreadableFile: the text is something else.

    >>> printed_preset("ImageClassification(crop_size=[224] resize_size=[256])", "a").content
    {'crop_size': [224.0], 'resize_size': [256.0]}
    """
    if "ImageClassification(" not in text[:_LONGEST]:
        raise UnreadableFile(
            f"Expected JSON, or a preset as torchvision prints it, in {name}; received "
            f"{text[:40]!r}."
        )
    found = dict(_FIELD.findall(text[:_LONGEST]))
    return Fields({key: _value(value) for key, value in found.items()}, name)


def _value(text: str) -> object:
    if not text.startswith("["):
        return text
    try:
        return [float(each) for each in text.strip("[]").split(",") if each.strip()]
    except ValueError:
        return text


def _side(fields: Fields, field: str, default: int | None) -> int:
    value = fields.content.get(field)
    if value is None and default is not None:
        return default
    side = as_pixels(value[0] if isinstance(value, list) and len(value) == 1 else value)
    if side is None:
        raise fields.wrong(field, "a whole number of pixels, or a list of one,")
    return side


def _preset(
    source: str, crop: int, resize: int, kernel: str, mean: tuple[float, ...],
    std: tuple[float, ...],
) -> InputContract:  # fmt: skip
    sampling, rounding, note = pillow_kernel(BY_NAME[kernel])
    scale = scale_from(
        tuple(1.0 / s for s in std), tuple(-m / s for m, s in zip(mean, std, strict=True))
    )
    return InputContract(
        source, LIBRARY, crop, crop, "resize-crop", float(resize), sampling, rounding,
        scale=scale, notes=(note,) if note else (),
    )  # fmt: skip
